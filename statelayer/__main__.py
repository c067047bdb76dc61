"""`python -m statelayer`: make the reference files, or write one event through the flag."""

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from cutover.catalog import Provider
from cutover.errors import CutoverError
from statelayer.make import make_reference
from statelayer.store import open_layer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its result is one line of JSON on stdout. Return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        print(options.run(options))  # noqa: T201 - the result is what the command is for
    except CutoverError as error:
        print(error, file=sys.stderr)  # noqa: T201 - words go to stderr
        return error.status
    except (OSError, sqlite3.Error, psycopg.Error) as error:
        print(f"statelayer: {error}", file=sys.stderr)  # noqa: T201 - the same
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="statelayer", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    make = commands.add_parser("make", help="write operational.db, memory.db and cutover.toml")
    make.add_argument("directory", type=Path)
    make.add_argument("--events", type=int, default=20_000, help="rows in run_events")
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--leftovers", action="store_true", help="add what old files still hold")
    make.set_defaults(run=_make)
    record = commands.add_parser("record", help="append one event where the flag says")
    record.add_argument("--flag", required=True, help="URL of the flag store")
    record.add_argument("--sqlite", required=True, type=Path, help="memory.db")
    record.add_argument("--postgres", required=True, help="URL of the database")
    record.add_argument("--default", type=Provider, choices=list(Provider), help="if never set")
    record.add_argument("--run-id", default="manual")
    record.add_argument("--payload", default="hello", help="text of the event")
    record.set_defaults(run=_record)
    return parser


def _make(options: argparse.Namespace) -> str:
    options.directory.mkdir(parents=True, exist_ok=True)
    summary = make_reference(
        options.directory, events=options.events, seed=options.seed, leftovers=options.leftovers
    )
    return summary.to_json()


def _record(options: argparse.Namespace) -> str:
    with open_layer(
        options.flag, sqlite=options.sqlite, postgres=options.postgres, default=options.default
    ) as layer:
        recorded = layer.record_event(
            options.run_id, "note", {"text": options.payload}, at=datetime.now(UTC)
        )
    return recorded.to_json()


if __name__ == "__main__":
    sys.exit(main())
