"""Write docs/reference/verify-table.md from the tables of tests/mutants/. It needs a server."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cutover import commands  # noqa: E402 - after the path
from cutover.embedded import serve  # noqa: E402 - the same
from cutover.errors import TargetError  # noqa: E402 - the same
from cutover.plan import Plan  # noqa: E402 - the same
from tests.fix_move import Move  # noqa: E402 - the same
from tests.fix_mutants import make_application  # noqa: E402 - the same
from tests.fix_postgres import UNSAFE_AND_FAST, fresh_database  # noqa: E402 - the same
from tests.mutants import loads, page, values  # noqa: E402 - the same
from tests.mutants.breaking import broken, damaged  # noqa: E402 - the same


def main() -> None:
    """Do every damage once, and write what verify said of it."""
    with (
        tempfile.TemporaryDirectory() as server,
        tempfile.TemporaryDirectory() as folder,
        serve(Path(server), settings=UNSAFE_AND_FAST) as url,
    ):
        make_application(Path(folder))
        with fresh_database(url) as empty:
            plan = Move(Path(folder), empty).plan()
        page.PAGE.write_text(page.page(lambda case: _row(case, plan, Path(folder), url)), "utf-8")


def _row(case: page.Damage, plan: Plan, folder: Path, server: str) -> str:
    with fresh_database(server) as url:
        move = Move(folder, url)
        try:
            _damage(case, plan, move)
        except TargetError as error:
            return page.refused_row(case, error.message)
        return page.found_row(case, move.verify().outcome.findings)


def _damage(case: page.Damage, plan: Plan, move: Move) -> None:
    with ExitStack() as stack:
        patches = stack.enter_context(pytest.MonkeyPatch.context())
        if isinstance(case, values.Mutant):
            stack.enter_context(broken(plan, case, patches))
        elif isinstance(case, loads.Damage):
            stack.enter_context(damaged(case, patches))
        commands.apply(move.session, plan)
    if not isinstance(case, values.Mutant | loads.Damage):
        move.execute("SET allow_system_table_mods = on", *case.statements)


if __name__ == "__main__":
    main()
