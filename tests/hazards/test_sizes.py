"""What is too large for PostgreSQL is named by the plan, and nothing has moved by then."""

import random
import string
import tracemalloc

import pytest

from cutover.errors import Refused
from cutover.limits import too_long_for_field
from cutover.profile import ColumnProfile
from tests.fix_move import MakeMove, Move

TEXT = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=6_000))
"""Does not compress below a third of a page."""

PAGES = f"""
CREATE TABLE pages (id INTEGER PRIMARY KEY, site INTEGER, url TEXT, body TEXT);
INSERT INTO pages VALUES (1, 7, 'short', '{TEXT}'), (2, 7, '{"a" * 50_000}', 'compresses'),
    (3, 7, '{TEXT}', 'long'), (4, 7, NULL, NULL);
"""


def messages(move: Move) -> list[str]:
    return [finding.message for finding in move.plan().unsettled]


@pytest.mark.hazard("A59", "names index and row before anything moves; what compresses may pass")
@pytest.mark.parametrize(
    ("index", "subject"),
    [
        ("CREATE INDEX by_url ON pages (url)", "by_url"),
        ("CREATE UNIQUE INDEX by_both ON pages (site, url)", "by_both"),
    ],
)
def test_a_row_too_long_for_its_index_is_named_before_it_moves(
    make_move: MakeMove, index: str, subject: str
) -> None:
    move = make_move(f"{PAGES}{index};")
    (found,) = move.plan().unsettled
    assert found.message == f'1 row of "pages" too long for index "{subject}" of the target'
    assert [sample.key for sample in found.samples] == [(3,)]
    assert "6,000 bytes" in found.detail
    with pytest.raises(Refused, match="too long for index"):
        move.apply("rejected-rows")
    assert move.fetch("SELECT count(*) FROM pg_tables WHERE tablename = 'pages'") == [(0,)]


def test_a_filter_or_another_index_settles_it(make_move: MakeMove) -> None:
    filtered = '[rows]\npages = { where = "id <> 3", reason = "nobody needs it" }'
    move = make_move(f"{PAGES}CREATE INDEX by_url ON pages (url);", settings=filtered)
    assert move.passes()
    assert move.fetch("SELECT id, length(url) FROM pages ORDER BY id") == [
        (1, 5),
        (2, 50_000),
        (4, None),
    ]


def test_an_index_that_no_btree_is_takes_any_length(make_move: MakeMove) -> None:
    target = """
        CREATE TABLE pages (id bigserial PRIMARY KEY, site bigint, url text, body text);
        CREATE INDEX by_url ON pages USING hash (url);
        CREATE INDEX by_digest ON pages (md5(body));
    """
    move = make_move(PAGES, target)
    assert messages(move) == []
    assert move.passes()


def test_text_of_two_bytes_a_letter_in_a_file_of_utf16_is_counted_in_utf8(
    make_move: MakeMove,
) -> None:
    letters = "".join(random.Random(7).choices([chr(n) for n in range(0x4E00, 0x9000)], k=1_200))
    move = make_move(
        f"""PRAGMA encoding = 'UTF-16le';
        CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT UNIQUE);
        INSERT INTO pages VALUES (1, '{letters}');"""
    )
    assert len(letters.encode("utf-16-le")) < 2_704 < len(letters.encode())
    (found,) = move.plan().unsettled
    assert "3,600 bytes" in found.detail


@pytest.mark.hazard("A60", "names a value that can't be sent, by its column, before anything moves")
@pytest.mark.parametrize(
    ("type_", "bytes_max"),
    [("bytea", 600_000_000), ("jsonb", 300_000_000), ("text", 1_100_000_000)],
)
def test_a_value_beyond_a_field_is_a_finding(type_: str, bytes_max: int) -> None:
    profile = ColumnProfile(column="body", bytes_max=bytes_max)
    (found,) = too_long_for_field('"t"."body"', "t.body", type_, profile)
    assert f"{bytes_max:,} bytes" in found.message
    assert '"t"."body"' in found.message
    assert found.hint.endswith('[tables] exclude = ["t.body"]')
    assert not found.rejectable
    assert not list(too_long_for_field('"t"."body"', "t.body", type_, ColumnProfile(column="body")))


@pytest.mark.hazard("A60", "names a table of more than 1,600 columns, and loads it without some")
def test_a_table_of_too_many_columns_is_named_before_any_ddl(make_move: MakeMove) -> None:
    columns = ", ".join(f"c{number} INTEGER" for number in range(1_650))
    move = make_move(f"CREATE TABLE wide (id INTEGER PRIMARY KEY, {columns});")
    (found,) = [o for o in move.plan().objects if o.setting]
    assert (found.kind, found.name) == ("table", "wide")
    move.change("INSERT INTO wide (id, c9) VALUES (1, 5)")
    (unsettled,) = move.plan().unsettled
    assert "1,651 columns" in unsettled.detail
    assert "1,600" in unsettled.detail
    again = move.again('[tables]\nexclude = ["wide.c??", "wide.c1??"]')
    assert again.passes()
    assert again.fetch("SELECT id, c9 FROM wide") == [(1, 5)]


@pytest.mark.hazard("A61", "sends rows by COPY, which has no parameters to run out of")
def test_more_values_than_one_insert_may_have_parameters(make_move: MakeMove) -> None:
    columns = ", ".join(f"c{number} INTEGER" for number in range(400))
    values = ", ".join(["n"] * 400)
    move = make_move(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns});"
        "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 200)"
        f" INSERT INTO t SELECT n, {values} FROM up;"
    )
    assert move.passes()
    assert move.fetch("SELECT count(*), sum(c399)::bigint FROM t") == [(200, 20_100)]


@pytest.mark.hazard("A63", "reads, sends and compares in pieces of bounded size, in bounded memory")
def test_memory_does_not_grow_with_the_table(make_move: MakeMove) -> None:
    move = make_move(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB);"
        "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 400)"
        " INSERT INTO t SELECT n, randomblob(250000) FROM up;"
    )
    assert move.session  # the sets are written, and their libraries loaded
    move.plan()
    tracemalloc.start()
    try:
        assert move.passes()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert move.source.stat().st_size > 100_000_000
    assert peak < 60_000_000
