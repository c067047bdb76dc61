"""Results on standard output, words and progress on standard error, and names never cut short."""

import ast
import json
import os
import pty
import re
import shlex
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import cutover
from cutover.cli import main
from tests.fix_cli import Answer, command_line, environment

LONG = "a_trigger_with_a_name_as_long_as_applications_really_have_them"
SCRIPT = f"""
    CREATE TABLE a_table_with_a_name_as_long_as_applications_really_have_them (
        id INTEGER PRIMARY KEY, at DATETIME, body TEXT
    );
    INSERT INTO a_table_with_a_name_as_long_as_applications_really_have_them VALUES
        (1, '2026-01-01T00:00:00.1234567Z', 'x'), (2, NULL, '');
    CREATE TRIGGER {LONG} AFTER INSERT ON
        a_table_with_a_name_as_long_as_applications_really_have_them
        BEGIN UPDATE fine SET id = 2 WHERE id = 1; END;
    CREATE TABLE fine (id INTEGER PRIMARY KEY);
"""
WAIVED = f"""
    [waive]
    "trigger:{LONG}" = "the application does it"
"""
COMMANDS = ("plan", "apply", "verify", "flip", "revert", "status", "inspect")

ASKING = frozenset({"input", "confirm", "prompt", "Confirm", "Prompt", "stdin"})
"""What a program would ask its user with: Python, typer, and rich."""

Call = Callable[..., Answer]


@pytest.fixture
def call(
    tmp_path: Path,
    postgres_url: str,
    sqlite_file: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    """Give a function that runs a command on a small source whose set has been written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("CUTOVER_TARGET_URL", postgres_url)
    sqlite_file(SCRIPT)
    assert main(["init", "app.db"]) == 0
    with (tmp_path / "cutover.toml").open("a") as file:
        file.write(WAIVED)

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        status = main(list(arguments))
        return Answer(status, *capsys.readouterr())

    return run


def test_every_command_prints_one_json_object(call: Call) -> None:
    for command in COMMANDS:
        answer = call(command, "--format", "json")
        assert answer.status == 0, answer
        assert answer.out.count("\n") == 1
        facts = json.loads(answer.out, parse_constant=pytest.fail)
        assert facts["command"] == command
        assert (facts["ok"], facts["exit_status"], facts["error"]) == (True, 0, None)


def test_events_of_an_apply_are_json_lines(call: Call) -> None:
    answer = call("apply", "--format", "json")
    events = [json.loads(line) for line in answer.err.splitlines()]
    assert {"StepStarted", "StepFinished"} <= {event["event"] for event in events}
    assert json.loads(answer.out)["steps"] > 0


def test_verify_has_the_facts_that_the_contract_promises(call: Call) -> None:
    call("apply")
    facts = call("verify", "--format", "json").json
    names = {"name", "source_rows", "target_rows", "missing", "extraneous", "mismatching"}
    assert {"tables", "findings", "source", "target", "revisions", "seconds"} <= set(facts)
    assert [set(table) for table in facts["tables"]] == [names] * 2


def test_plan_json_has_the_facts_that_the_contract_promises(call: Call, tmp_path: Path) -> None:
    call("plan", "--out", "plan.json")
    text = (tmp_path / "plan.json").read_text()
    facts = json.loads(text)
    promised = "format digest source target fingerprints revisions tables steps hazards findings"
    assert {*promised.split(), "empty"} - {"source"} <= set(facts)
    assert list(facts) == sorted(facts)
    column = facts["tables"][0]["columns"][1]
    assert (column["coercion"], column["declared"]) == ("temporal", "DATETIME")
    assert column["evidence"]["classes"] == {"null": 1, "text": 1}
    assert column["changes"][0]["count"] == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_names_are_never_cut_short(command: str, call: Call) -> None:
    call("apply")
    call("verify")
    answer = call(command)
    assert "…" not in answer.out
    if command in ("plan", "verify", "inspect"):
        assert "a_table_with_a_name_as_long_as_applications_really_have_them" in answer.out
    if command == "plan":
        assert LONG in answer.out
        assert "the application does it" in answer.out


def test_a_url_can_be_copied_from_what_is_printed(call: Call, postgres_url: str) -> None:
    shown = postgres_url.replace("postgres:@", "postgres:***@")
    lines = call("plan").out.splitlines()
    assert any(shown in line or postgres_url in line for line in lines)


def test_what_is_printed_counts_in_words(call: Call) -> None:
    call("apply")
    said = call("verify").out + call("plan").out
    assert "2 tables, 2 rows" in said
    assert not re.search(r"\b1 (tables|rows|findings|values)\b", said)


def test_quiet_says_nothing_but_the_result(call: Call) -> None:
    answer = call("plan", "--quiet")
    assert answer.err == ""
    assert "fine" in answer.out


def test_progress_is_not_a_result(call: Call) -> None:
    answer = call("apply")
    assert "load" in answer.err
    assert "load" not in answer.out


def test_the_journey_says_what_comes_next(call: Call) -> None:
    assert "cutover apply" in call("status").out
    assert "cutover verify" in call("apply").out
    assert "already applied" in call("apply").out
    assert "cutover flip" in call("status").out or call("verify").status == 0
    assert "cutover flip" in call("status").out
    assert call("flip").status == 0
    assert "already" in call("flip").out
    assert call("revert").status == 0


def test_help_names_every_command_and_every_option_in_words(call: Call) -> None:
    said = call("--help").out
    for command in (*COMMANDS, "run", "init", "demo"):
        assert re.search(rf"^\s+{command}\s+\S", said, re.MULTILINE), command
        options = call(command, "--help")
        assert options.status == 0
        for name in ("--config", "--target", "--format", "--workdir", "--quiet", "--no-color"):
            assert name in options.out


def terminal(*arguments: str, cwd: Path, **variables: str) -> tuple[int, str]:
    """Return the exit status of a command on a terminal, and all that it wrote there."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in environment().items() if name != "NO_COLOR"}
    with subprocess.Popen(
        command_line(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env={**kept, "TERM": "xterm-256color", **variables},
    ) as process:
        os.close(theirs)
        said = bytearray()
        while chunk := _read(ours):
            said += chunk
    os.close(ours)
    return process.returncode, said.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # a terminal whose other end is closed
        return b""


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]")


def test_colour_is_for_terminals_that_want_it(call: Call, tmp_path: Path) -> None:
    assert "\x1b" not in call("plan").out
    url = os.environ["CUTOVER_TARGET_URL"]
    line = ("plan", "--target", url)
    status, said = terminal(*line, cwd=tmp_path)
    assert status == 0
    assert "\x1b[" in said
    for words, variables in (
        (line, {"NO_COLOR": "1"}),
        ((*line, "--no-color"), {}),
        (line, {"TERM": "dumb"}),
    ):
        status, said = terminal(*words, cwd=tmp_path, **variables)
        assert status == 0
        assert not COLOUR.search(said), variables
    assert "\x1b" not in said


def in_a_shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `cutover` stands for this Python's."""
    words = shlex.join(command_line())
    return subprocess.run(
        ["bash", "-c", line.replace("cutover", words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**environment(), "CUTOVER_TARGET_URL": os.environ["CUTOVER_TARGET_URL"]},
    )


@pytest.mark.parametrize(
    "line",
    [
        "cutover plan | true; exit $((PIPESTATUS[0]))",
        "cutover plan --format json | true; exit $((PIPESTATUS[0]))",
        "(cutover apply; echo $? > status) 2>&1 | true; exit $(cat status)",
        "(cutover apply --format json; echo $? > status) 2>&1 | true; exit $(cat status)",
    ],
)
def test_a_reader_that_has_gone_away_changes_no_answer(
    line: str, call: Call, tmp_path: Path
) -> None:
    done = in_a_shell(line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert call("status").status == 0


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_result_that_cannot_be_written_is_told_and_is_no_crash(
    format_: str, call: Call, tmp_path: Path
) -> None:
    assert call("status").status == 0
    done = in_a_shell(f"cutover status --format {format_} > /dev/full", tmp_path)
    assert done.returncode == 7
    assert done.stderr.startswith("error: the result can't be written")
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_of_the_command_line_that_cannot_be_written_is_named(
    call: Call, tmp_path: Path
) -> None:
    for words, what in (
        (("plan", "--out", "no/such/plan.json"), 'plan "no/such/plan.json"'),
        (("snapshot", "sqlite:app.db", str(tmp_path)), f'snapshot "{tmp_path}"'),
    ):
        told = call(*words)
        assert told.status == 2
        assert f"error: {what} cannot be written" in told.err
        assert "hint: " in told.err


def test_a_wrong_call_is_answered_in_the_form_it_asked_for(call: Call) -> None:
    told = call("snapshot", "sqlite:a.json")
    assert (told.status, told.out) == (2, "")
    assert "hint: cutover snapshot --help" in told.err
    assert call("snapshot", "--format=json").json["error"]["hint"] == "cutover snapshot --help"
    assert call("snapshot", "--format", "json").json["exit_status"] == 2
    assert "hint: cutover --help" in call("snapshto").err


def test_the_list_of_commands_cuts_no_sentence_short(call: Call) -> None:
    listed = call("--help").out.partition("Commands:")[2]
    assert "init " in listed
    assert "..." not in listed


def test_a_terminal_does_not_obey_the_names_of_a_database(call: Call, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "odd.db")) as connection:
        connection.executescript('CREATE TABLE "a\x1b[31mb\x9bc" (x)')
    told = call("diff", "sqlite:odd.db", "sqlite:app.db")
    assert told.status == 3
    assert 'table "a␛[31mb\N{REPLACEMENT CHARACTER}c"' in told.out


def test_output_in_an_encoding_of_letters_only_is_no_crash(call: Call, tmp_path: Path) -> None:
    assert call("plan").status == 0
    done = subprocess.run(
        command_line("plan", "--target", os.environ["CUTOVER_TARGET_URL"]),
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={**environment(), "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr


def test_yes_answers_nothing_because_nothing_is_asked(call: Call) -> None:
    package = Path(cutover.__file__).parent
    for path in package.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        names = {getattr(node, "id", getattr(node, "attr", None)) for node in nodes}
        assert names.isdisjoint(ASKING), path
    for command in (*COMMANDS, "migrate", "diff", "doctor", "run", "init", "demo"):
        said = " ".join(call(command, "--help").out.split())
        assert "no command asks anything" in said, command


def test_yes_allows_no_danger_and_passes_no_guard(call: Call) -> None:
    assert call("apply", "--yes").status == 0
    assert call("flip", "--yes").status == 4
