"""Write docs/reference/diff-table.md from the tables of tests/mutations/. It needs a server."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cutover.differences import SchemaDiff  # noqa: E402 - after the path
from cutover.embedded import serve  # noqa: E402 - the same
from tests.fix_postgres import UNSAFE_AND_FAST  # noqa: E402 - the same
from tests.mutations import page, sets  # noqa: E402 - the same
from tests.mutations.rewrites import COLUMNS, Pair  # noqa: E402 - the same


def main() -> None:
    """Compare everything once, and write what was found."""
    with (
        tempfile.TemporaryDirectory() as server,
        serve(Path(server), settings=UNSAFE_AND_FAST) as url,
    ):
        page.PAGE.write_text(page.page(lambda case: _compared(case, url)), "utf-8")


def _compared(case: page.Case, url: str) -> SchemaDiff:
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(case, Pair):
            config = sets.pair(Path(folder), case.lite_sql, case.postgres_sql, COLUMNS)
        else:
            config = sets.edited_reference(Path(folder), case.edits)
        return sets.compare(config, url)


if __name__ == "__main__":
    main()
