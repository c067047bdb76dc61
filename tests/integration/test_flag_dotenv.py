"""The `dotenv:` store: two values of a .env file change, and no other byte does."""

from pathlib import Path

import pytest

from cutover.abc import Flag
from cutover.catalog import Provider
from cutover.errors import FlagError, UsageError
from cutover.flags import open_store, read_provider

NEXT = Flag(value="postgres", generation=5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def _flip(path: Path, before: bytes, generation: int) -> bytes:
    """Flip a file from sqlite to postgres in generation 5, and return what it is then."""
    path.write_bytes(before)
    store = open_store(f"dotenv:{path}#DB")
    assert store.read() == Flag(value="sqlite", generation=generation)
    store.compare_and_set(Flag(value="sqlite", generation=generation), NEXT)
    assert store.read() == NEXT
    return path.read_bytes()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"DB=sqlite", b"DB=postgres\nDB_GENERATION=5"),
        (b"DB=sqlite\n", b"DB=postgres\nDB_GENERATION=5\n"),
        (b"A=1\nDB=sqlite\nZ=\n", b"A=1\nDB=postgres\nDB_GENERATION=5\nZ=\n"),
        (b"A=1\r\nDB=sqlite\r\nZ=2", b"A=1\r\nDB=postgres\r\nDB_GENERATION=5\r\nZ=2"),
        (b'DB="sqlite"\n', b'DB="postgres"\nDB_GENERATION=5\n'),
        (b"DB='sqlite' # or postgres\n", b"DB='postgres' # or postgres\nDB_GENERATION=5\n"),
        (b"DB=sqlite   # why  \n", b"DB=postgres   # why  \nDB_GENERATION=5\n"),
        (b"  DB = sqlite\t\n", b"  DB = postgres\t\n  DB_GENERATION=5\n"),
        (b"export DB=sqlite\n", b"export DB=postgres\nexport DB_GENERATION=5\n"),
        (b"\xef\xbb\xbfDB=sqlite\n", b"\xef\xbb\xbfDB=postgres\nDB_GENERATION=5\n"),
        (b"# DB=postgres\nDB=sqlite\n", b"# DB=postgres\nDB=postgres\nDB_GENERATION=5\n"),
        (b"MY_DB=x\nDB=sqlite\nDB_URL=y\n", b"MY_DB=x\nDB=postgres\nDB_GENERATION=5\nDB_URL=y\n"),
        (
            b'KEY="-----BEGIN\nDB=postgers\n-----END"\nDB=sqlite\n',
            b'KEY="-----BEGIN\nDB=postgers\n-----END"\nDB=postgres\nDB_GENERATION=5\n',
        ),
        (
            b'Q="a \\" b"\nDB=sqlite\nBAD=\xff\xfe\n\n\n',
            b'Q="a \\" b"\nDB=postgres\nDB_GENERATION=5\nBAD=\xff\xfe\n\n\n',
        ),
    ],
)
def test_a_file_without_a_generation_is_in_generation_0_and_gets_one(
    path: Path, before: bytes, after: bytes
) -> None:
    assert _flip(path, before, 0) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"DB=sqlite\nDB_GENERATION=4\n", b"DB=postgres\nDB_GENERATION=5\n"),
        (b"DB_GENERATION=4\nA=1\nDB=sqlite", b"DB_GENERATION=5\nA=1\nDB=postgres"),
        (b"DB_GENERATION='4'\r\nDB=\"sqlite\"", b"DB_GENERATION='5'\r\nDB=\"postgres\""),
    ],
)
def test_a_generation_changes_where_it_stands(path: Path, before: bytes, after: bytes) -> None:
    assert _flip(path, before, 4) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b"DB=postgres\nDB_GENERATION=5\n"),
        (b"", b"DB=postgres\nDB_GENERATION=5\n"),
        (b"A=1", b"A=1\nDB=postgres\nDB_GENERATION=5\n"),
        (b"A=1\r\n", b"A=1\r\nDB=postgres\r\nDB_GENERATION=5\r\n"),
        (b"#DB=sqlite\n", b"#DB=sqlite\nDB=postgres\nDB_GENERATION=5\n"),
    ],
)
def test_a_key_that_is_not_there_was_never_set_and_is_added_at_the_end(
    path: Path, before: bytes | None, after: bytes
) -> None:
    if before is not None:
        path.write_bytes(before)
    store = open_store(f"dotenv:{path}#DB")
    assert store.read() is None
    store.compare_and_set(None, NEXT)
    assert path.read_bytes() == after
    assert store.read() == NEXT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("DB=postgres#comment\n", "unknown provider"),
        ('DB="postgres\n', "unknown provider"),
        ('DB="postgres" "sqlite"\n', "unknown provider"),
        ("DB=$PROVIDER\n", "unknown provider"),
        ("DB=postgres\nDB=sqlite\n", "ambiguous"),
        ("DB=postgres\nDB_GENERATION=1\nDB_GENERATION=2\n", "ambiguous"),
        ("DB=postgres\nDB_GENERATION=one\n", "no generation"),
        ("DB=postgres\nDB_GENERATION=\n", "no generation"),
        ("DB=postgres\nDB_GENERATION=-1\n", "no generation"),
        ("DB_GENERATION=3\n", "is gone"),
    ],
)
def test_what_readers_could_take_either_way_is_an_error(path: Path, text: str, says: str) -> None:
    path.write_text(text)
    with pytest.raises(FlagError, match=says) as caught:
        read_provider(f"dotenv:{path}#DB", default=Provider.SQLITE)
    assert caught.value.hint
    with pytest.raises(FlagError):
        open_store(f"dotenv:{path}#DB").compare_and_set(None, NEXT)
    assert path.read_text() == text


def test_a_key_set_twice_is_named_with_its_lines(path: Path) -> None:
    path.write_text("# one\nDB=postgres\n\nDB=sqlite\n")
    with pytest.raises(FlagError) as caught:
        open_store(f"dotenv:{path}#DB").read()
    assert "lines 2, 4" in caught.value.detail


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FlagError, match="cannot be used"):
        open_store(f"dotenv:{tmp_path}/nowhere/.env#DB").read()


@pytest.mark.parametrize("place", ["", ".env", "#DB", ".env#", ".env#1DB", ".env#D B", ".env#Dß"])
def test_a_place_without_path_or_key_is_a_usage_error(place: str) -> None:
    with pytest.raises(UsageError, match="names no path and key"):
        open_store(f"dotenv:{place}")


def test_a_relative_path_starts_at_the_base(tmp_path: Path) -> None:
    open_store("dotenv:.env#DB", base=tmp_path).compare_and_set(None, NEXT)
    assert (tmp_path / ".env").read_text() == "DB=postgres\nDB_GENERATION=5\n"
