"""Files as they are found: where nothing may be written, and with one page gone."""

import os
import shutil
import stat

import pytest

from cutover.errors import SourceError
from tests.fix_move import MakeMove, Move

ROWS = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
    " INSERT INTO t SELECT i, hex(randomblob(100)) FROM n;"
)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_directory_that_takes_no_writes_is_read(make_move: MakeMove, mode: str) -> None:
    move = make_move(f"PRAGMA journal_mode = {mode}; {ROWS}")
    folder = move.directory / "mounted"
    folder.mkdir()
    shutil.move(move.source, folder / "app.db")
    (move.directory / "app.db").symlink_to(folder / "app.db")
    before = sorted(path.name for path in folder.iterdir())
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        done = move.run()
    finally:
        folder.chmod(stat.S_IRWXU)
    assert done.verified is not None
    assert done.verified.outcome.passed
    assert sorted(path.name for path in folder.iterdir()) == before


def damaged(move: Move, kind: str) -> None:
    """Damage the source in one way."""
    data = bytearray(move.source.read_bytes())
    if kind == "a page":
        data[5 * 4096 : 6 * 4096] = os.urandom(4096)
    elif kind == "its end":
        del data[len(data) // 2 :]
    elif kind == "encrypted":
        data = bytearray(os.urandom(len(data)))
    else:
        data = bytearray(b"no database at all, but long enough to look like one " * 40)
    move.source.write_bytes(data)


@pytest.mark.parametrize("kind", ["a page", "its end", "encrypted", "text"])
def test_a_file_that_is_no_whole_database_is_refused_before_anything_moves(
    make_move: MakeMove, kind: str
) -> None:
    move = make_move(ROWS, "CREATE TABLE t (id bigint PRIMARY KEY, v text)")
    damaged(move, kind)
    with pytest.raises(SourceError) as caught:
        move.run()
    assert "app.db" in str(caught.value)
    assert caught.value.hint
    assert move.fetch("SELECT to_regclass('public.t')") == [(None,)]


def test_a_directory_in_its_place_is_named(make_move: MakeMove) -> None:
    move = make_move(ROWS)
    move.source.unlink()
    move.source.mkdir()
    with pytest.raises(SourceError, match=r"app\.db"):
        move.run()
