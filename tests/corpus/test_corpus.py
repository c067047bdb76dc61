"""Every file of the corpus ends clean with the settings that its findings ask for.

Without them it ends clean too, or is refused by findings that say where, what and what to do. What
a file holds is counted here with plain SQL, not taken from what cutover says.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cutover.targets.postgres.connect import connect
from tests.fix_corpus import CORPUS, FILES, run, settings_of

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"there is no corpus in {CORPUS}"),
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_ends_clean_with_its_settings(name: str, postgres_url: str, tmp_path: Path) -> None:
    ran = run(name, postgres_url, tmp_path, settings=settings_of(name))
    assert ran.status == 0, ran.findings
    assert ran.findings == []
    assert "Traceback" not in ran.err
    for table in ran.tables:
        with closing(
            sqlite3.connect(f"file:{CORPUS / name}?mode=ro&immutable=1", uri=True)
        ) as file:
            (stored,) = file.execute(f'SELECT count(*) FROM "{table["name"]}"').fetchone()
        with closing(connect(postgres_url, autocommit=True)) as target:
            query = f'SELECT count(*) FROM "{table["name"]}"'.encode()
            ((loaded,),) = target.execute(query).fetchall()
        assert (stored, loaded) == (table["source_rows"], table["target_rows"])
        assert stored == loaded


@pytest.mark.parametrize("name", [name for name in FILES if settings_of(name)])
def test_a_file_without_its_settings_says_what_they_are(
    name: str, postgres_url: str, tmp_path: Path
) -> None:
    ran = run(name, postgres_url, tmp_path)
    assert ran.status in (3, 4), "it needs no settings"
    assert "Traceback" not in ran.err
    if ran.status == 4:
        with closing(connect(postgres_url, autocommit=True)) as target:
            query = b"SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            assert target.execute(query).fetchall() == []
    assert ran.findings
    for finding in ran.findings:
        assert says_all(finding), finding


def says_all(finding: dict[str, object]) -> bool:
    """Tell whether a finding has an object, a remedy, and the keys of the rows it is about."""
    about_values = finding["kind"] == "unsettled"
    told = bool(finding.get("samples") or finding.get("detail"))
    return bool(finding["subject"] and finding["hint"]) and (told or not about_values)


def test_no_settings_are_left_over() -> None:
    found = {path.name.removesuffix(".toml") for path in Path(__file__).parent.glob("*.toml")}
    assert found <= set(FILES)
