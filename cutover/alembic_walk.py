"""An Alembic set taken apart: its revisions, its way down, its models. Beside `alembic_set`.

`alembic_set` brings a database to head, and refuses what it can't. The rules of a set ask about
exactly what it refuses: several heads, a downgrade that raises, models that say something else.
"""

import ast
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory

from cutover.alembic_set import blame, opened, script_of
from cutover.errors import CutoverError
from cutover.set_facts import Failure, ModelDifference, RevisionFacts

_OWN = ("revision", "down_revision")


def load_revisions(directory: Path) -> tuple[tuple[str, ...], tuple[RevisionFacts, ...]]:
    """Return the heads of a set, sorted, and its revisions, base first.

    UsageError where it is no set, or can't be loaded; several heads are no error here.
    """
    script = script_of(directory)
    revisions = tuple(_facts(found) for found in script.walk_revisions())
    return tuple(sorted(script.get_heads())), revisions[::-1]


def _facts(script: Script) -> RevisionFacts:
    path = Path(str(script.path))
    text = path.read_text(encoding="utf-8")
    down = script.down_revision or ()
    return RevisionFacts(
        id=script.revision,
        down=(down,) if isinstance(down, str) else tuple(down),
        path=path,
        text=text,
        tree=ast.parse(text, path.name),
        attributes=dict(_words(script)),
    )


def _words(script: Script) -> Iterator[tuple[str, str]]:
    for name, value in vars(script.module).items():
        if isinstance(value, str) and not name.startswith("_") and name not in _OWN:
            yield name, value


def upgrade(place: str | Path, directory: Path, revision: str, schema: str) -> Failure | None:
    """Upgrade a database to a revision, or to `heads`; return what failed, or None."""
    return _run(command.upgrade, place, directory, (revision, schema))


def downgrade(place: str | Path, directory: Path, schema: str) -> Failure | None:
    """Downgrade a database to the base; return what failed, or None."""
    return _run(command.downgrade, place, directory, ("base", schema))


def _run(action: Any, place: str | Path, directory: Path, named: tuple[str, str]) -> Failure | None:
    revision, schema = named
    try:
        with opened(place, directory, schema) as config, warnings.catch_warnings():
            # Of what batch mode leaves out, Alembic warns for some: the rules find all of it.
            warnings.simplefilter("ignore")
            action(config, revision)
    except CutoverError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a set may raise anything
        return Failure(**dict(zip(("revision", "words"), blame(error, directory), strict=True)))
    return None


def model_differences(
    place: str | Path, directory: Path, schema: str
) -> tuple[ModelDifference, ...] | Failure:
    """Return what autogenerate would still do on a database at head; () without models.

    The set's env.py says which models there are, and its own filters (`include_object` and the
    like) apply.
    """
    found: list[Any] = []

    def compare(_revision: Any, context: Any) -> list[Any]:
        metadata = context.opts.get("target_metadata")
        if metadata is not None:
            # Autogenerate leaves its own table out only where no schema was named for it.
            own = ("remove_table", str(context.version_table))
            each = _flat(compare_metadata(context, metadata))
            found.extend(e for e in each if (e[0], getattr(e[1], "name", "")) != own)
        return []

    try:
        with opened(place, directory, schema) as config, warnings.catch_warnings():
            # SQLAlchemy warns of each expression index that it doesn't reflect.
            warnings.simplefilter("ignore")
            script = ScriptDirectory.from_config(config)
            with EnvironmentContext(config, script, fn=compare):
                script.run_env()
    except CutoverError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a set may raise anything
        return Failure(**dict(zip(("revision", "words"), blame(error, directory), strict=True)))
    return tuple(_difference(each) for each in found)


def _flat(found: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the single differences: those of one column come as a list."""
    for each in found:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _difference(found: tuple[Any, ...]) -> ModelDifference:
    """Say in words what one of autogenerate's tuples means."""
    verb, *rest = found
    if verb in ("add_table", "remove_table"):
        name = str(rest[0].name)
        return ModelDifference(table=name, words=_only(verb, f'table "{name}"'))
    if verb in ("add_column", "remove_column"):
        _, table, column = rest
        words = _only(verb, f'column "{table}"."{column.name}"')
        return ModelDifference(table=str(table), words=words)
    if verb.startswith("modify_") and len(rest) >= 6:
        _, table, column, _, held, wanted = rest[:6]
        what = verb.removeprefix("modify_").replace("_", " ")
        words = f'"{table}"."{column}": {what} is {held!r} in the set and {wanted!r} in the models'
        return ModelDifference(table=str(table), words=words)
    return _of_member(verb, rest)


def _of_member(verb: str, rest: list[Any]) -> ModelDifference:
    member = rest[0]
    owner = getattr(member, "table", None)
    table = str(getattr(owner, "name", "") or getattr(member, "name", ""))
    kind = verb.partition("_")[2].replace("_", " ").replace("fk", "foreign key")
    name = getattr(member, "name", None)
    thing = f'{kind} "{name}"' if name else f"a {kind} without a name"
    return ModelDifference(table=table, words=_only(verb, f'{thing} of "{table}"'))


def _only(verb: str, thing: str) -> str:
    if verb.startswith("add_"):
        return f"{thing} is in the models, and no revision makes it"
    return f"{thing} is made by the set, and is not in the models"
