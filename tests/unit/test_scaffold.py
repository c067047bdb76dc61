"""The pure parts of a scaffold: names, Python text, settings, views; no database at all."""

import ast
import tomllib
from pathlib import Path

import pytest

from cutover.catalog import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Key,
    Provider,
    Table,
    TableKind,
    View,
)
from cutover.dialect.names import Namespace, generated_name
from cutover.dialect.views import Opaque, Spellings, ordered, translate_view
from cutover.long_names import fit_name
from cutover.plan import Bucket
from cutover.profile import ColumnProfile, TableProfile, Tally
from cutover.scaffold import scaffold
from cutover.scaffolding.python_text import LINE_CHARACTERS_MAX, block, call, literal, sql_text
from cutover.settings import Settings, parse_settings

SPELLINGS = Spellings(
    tables={"orders": "Orders"},
    columns={"id": "Id", "paid": "Paid", "note": "Note"},
    flags=frozenset({"Paid"}),
)


def words(sql: str) -> str:
    return " ".join(sql.split())


def test_a_name_that_is_taken_gets_a_number() -> None:
    names = Namespace()
    assert [names.take("a"), names.take("a"), names.take("a")] == ["a", "a_1", "a_2"]


def test_unnamed_constraints_get_the_name_postgres_would_give() -> None:
    assert generated_name("orders", ("user_id",), "fkey") == "orders_user_id_fkey"


@pytest.mark.parametrize("name", ["a" * 63, "é" * 31])
def test_a_name_of_63_bytes_is_kept(name: str) -> None:
    assert fit_name(name) == name


def test_longer_names_are_cut_between_characters_and_stay_apart() -> None:
    one, other = fit_name("é" * 40 + "1"), fit_name("é" * 40 + "2")
    assert one != other
    assert {len(one.encode()), len(other.encode())} <= {62, 63}


@pytest.mark.parametrize(
    "text", ["", "plain", "it's", 'say "it"', 'it\'s "both"', "back\\slash", "a\nb", "\0", "é"]
)
def test_a_literal_reads_back_as_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize(
    "sql", ["a\nb", 'a\nb"', 'a\n"""b', "a\\\nb", "one line", "tab\t\nand\rreturn"]
)
def test_a_block_reads_back_as_the_same_sql(sql: str) -> None:
    assert ast.literal_eval(block(sql)).rstrip() == sql.rstrip()


def test_text_with_a_colon_is_never_taken_for_a_parameter() -> None:
    assert sql_text("'a' = ' :b'").startswith("sa.literal_column(")
    assert sql_text("x::text").startswith("sa.text(")


def test_a_call_that_does_not_fit_has_an_argument_a_line() -> None:
    text = call("f", ["a" * 60, "b" * 60], indent=4)
    assert max(map(len, text.splitlines())) <= LINE_CHARACTERS_MAX
    assert len(text.splitlines()) == 4


def test_a_view_gets_the_targets_names_and_flags() -> None:
    found = translate_view("SELECT ID, 'x' AS k FROM orders o WHERE o.paid = 1", SPELLINGS)
    assert words(found) == (
        'SELECT "Id", \'x\' AS "k" FROM "Orders" AS "o" WHERE "o"."Paid" = TRUE'
    )


def test_a_quoted_name_of_no_column_is_a_string_in_a_view_too() -> None:
    found = translate_view('SELECT id FROM orders WHERE note = "open"', SPELLINGS)
    assert words(found).endswith("WHERE \"Note\" = 'open'")


def test_a_subquery_without_a_name_gets_one() -> None:
    found = translate_view("SELECT * FROM (SELECT id FROM orders)", SPELLINGS)
    assert words(found) == 'SELECT * FROM ( SELECT "Id" FROM "Orders" ) AS "part"'


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT date(note) FROM orders",
        "SELECT id FROM orders WHERE note LIKE 'a%'",
        "SELECT id FROM orders WHERE note GLOB 'a*'",
        "SELECT id / 2 FROM orders",
        "SELECT upper(note) FROM orders",
        "SELECT group_concat(note) FROM orders",
        "SELECT CAST(note AS INTEGER) FROM orders",
        "SELECT nosuch(note) FROM orders",
        "SELECT id FROM orders LIMIT 1",
        "not sql at all (",
    ],
)
def test_a_view_that_may_mean_something_else_is_not_translated(sql: str) -> None:
    with pytest.raises(Opaque):
        translate_view(sql, SPELLINGS)


def test_views_come_after_those_they_name() -> None:
    first = View(name="b", definition="SELECT 1")
    second = View(name="a", definition="SELECT * FROM B")
    third = View(name="c", definition="SELECT * FROM a, b")
    assert ordered((third, second, first)) == [first, second, third]


def test_views_in_a_circle_end_somewhere() -> None:
    views = (View(name="a", definition="FROM b"), View(name="b", definition="FROM a"))
    assert set(ordered(views)) == set(views)


def small_catalog(**more: object) -> Catalog:
    columns = (
        Column(name="id", type="INTEGER", identity=Identity.ROWID),
        Column(name="at", type="DATETIME", default="CURRENT_TIMESTAMP"),
    )
    table = Table(name="t", columns=columns, primary_key=Key(name=None, columns=("id",)))
    return Catalog(provider=Provider.SQLITE, label="app.db", tables=(table,), **more)  # type: ignore[arg-type]


def small_profile(form: str) -> TableProfile:
    tally = Tally(1234)
    at = ColumnProfile(column="at", classes={"text": tally}, forms={form: tally})
    return TableProfile(table="t", rows=1234, columns=(at,))


def test_all_python_that_is_written_is_python() -> None:
    made = scaffold({"app.db": small_catalog()}, {}, Settings())
    for name, text in made.files.items():
        if name.endswith(".py"):
            ast.parse(text, name)


def test_an_assumption_is_written_with_the_count_it_rests_on() -> None:
    profiles = {"app.db": {"t": small_profile("YYYY-MM-DD HH:MM:SS")}}
    made = scaffold({"app.db": small_catalog()}, profiles, Settings(), databases={"app.db": "d/a"})
    text = made.files["cutover.toml"]
    assert "# assumed: 1,234 of 1,234 values name no zone, and mean UTC\n" in text
    facts = tomllib.loads(text)
    assert facts["columns"] == {"t.at": {"zone": "UTC"}}
    assert facts["source"] == {"databases": ["d/a"]}
    assert made.columns["t.at"].zone == "UTC"


def test_nothing_is_assumed_of_values_that_name_their_zone() -> None:
    profiles = {"app.db": {"t": small_profile("YYYY-MM-DDTHH:MM:SSZ")}}
    made = scaffold({"app.db": small_catalog()}, profiles, Settings())
    assert "columns" not in tomllib.loads(made.files["cutover.toml"])


def test_settings_that_were_given_are_written_again() -> None:
    given = {
        "target": {"schema": "app", "url": "postgresql://u:secret@h/d"},
        "names": {"case": "lower"},
        "tables": {"exclude": ["x_*"], "rename": {"A b": 'q"'}},
        "columns": {"t.*_at": {"zone": "Europe/Berlin"}},
        "rows": {"t": {"where": "id > 0", "reason": "é"}},
        "waive": {"view:v": "not needed"},
        "flag": {"store": "file:f.json"},
        "verify": {"level": "counts"},
    }
    settings = parse_settings(given, base=Path())
    made = scaffold({"app.db": small_catalog()}, {}, settings)
    text = made.files["cutover.toml"]
    assert "secret" not in text
    written = tomllib.loads(text)
    again = parse_settings(written, base=Path())
    assert (
        again.model_copy(
            update={"sets": settings.sets, "target": settings.target, "source": settings.source}
        )
        == settings
    )
    assert again.target.schema_ == "app"


@pytest.mark.parametrize("kind", [TableKind.INTERNAL, TableKind.HISTORY, TableKind.SHADOW])
def test_tables_that_are_no_data_are_left_out_and_say_why(kind: TableKind) -> None:
    table = Table(name="x", columns=(Column(name="a", type=""),), kind=kind)
    catalog = Catalog(provider=Provider.SQLITE, label="app.db", tables=(table,))
    made = scaffold({"app.db": catalog}, {}, Settings())
    (found,) = made.objects
    assert found.bucket is Bucket.EXCLUDED
    assert found.note
    assert made.statements == ()


def test_a_virtual_table_needs_a_decision_and_an_excluded_one_none() -> None:
    table = Table(name="x", columns=(), kind=TableKind.VIRTUAL, module="fts5")
    catalog = Catalog(provider=Provider.SQLITE, label="app.db", tables=(table,))
    (found,) = scaffold({"app.db": catalog}, {}, Settings()).decisions
    assert "fts5" in found.note
    settings = parse_settings({"tables": {"exclude": ["x"]}}, base=Path())
    assert scaffold({"app.db": catalog}, {}, settings).decisions == ()


def test_an_excluded_column_is_not_made() -> None:
    settings = parse_settings({"tables": {"exclude": ["t.at"]}}, base=Path())
    made = scaffold({"app.db": small_catalog()}, {}, settings)
    assert '"at"' not in made.files["alembic_postgres/versions/0001_baseline.py"]
    assert [o.name for o in made.objects if o.bucket is Bucket.EXCLUDED] == ["t.at"]


def test_what_hangs_on_an_excluded_column_needs_a_decision() -> None:
    columns = tuple(Column(name=name, type="TEXT") for name in ("a", "b"))
    table = Table(
        name="t",
        columns=columns,
        primary_key=Key(name=None, columns=("a", "b")),
        uniques=(Key(name=None, columns=("b",)),),
        checks=(Check(name="c", expression="b <> ''"),),
        indexes=(Index(name="i", parts=(IndexPart(column="b"),)),),
        foreign_keys=(ForeignKey(name=None, columns=("b",), table="t", references=("b",)),),
    )
    catalog = Catalog(provider=Provider.SQLITE, label="app.db", tables=(table,))
    settings = parse_settings({"tables": {"exclude": ["t.b"]}}, base=Path())
    made = scaffold({"app.db": catalog}, {}, settings)
    assert {(o.kind, o.name) for o in made.decisions} == {
        ("primary key", "t(a, b)"),
        ("unique", "t(b)"),
        ("check", "t.c"),
        ("index", "i"),
        ("foreign key", "t(b)"),
    }
    assert [s.object for s in made.statements] == ["table:t"]
