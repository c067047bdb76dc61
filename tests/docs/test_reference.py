"""Nothing of the program goes undocumented, and the generated pages say what the code says."""

import re
from pathlib import Path

import pytest

from cutover import cli, plan, settings
from cutover.errors import ExitStatus
from scripts import make_docs

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands between a heading and the next one of its level."""
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"no section {heading!r}"
    return found[1]


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert cli.main([*command, "--help"]) == 0
    return capsys.readouterr().out


def commands_of(help_text: str) -> list[str]:
    return re.findall(r"^  (\w+)  ", help_text.partition("Commands:")[2], re.MULTILINE)


def test_the_generated_pages_are_up_to_date() -> None:
    assert make_docs.stale() == [], "write them: python scripts/make_docs.py"


def test_every_command_and_every_option_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    text = page("commands.md")
    names = commands_of(help_of(capsys))
    assert {"plan", "apply", "verify", "flip", "run", "demo"} <= set(names)
    common = section(text, "Options of every command")
    for name in names:
        known = section(text, f"cutover {name}") + common
        options = set(re.findall(r"--[a-z][a-z-]*", help_of(capsys, name))) - {"--help"}
        assert {option for option in options if f"`{option}`" not in known} == set(), name


def test_every_exit_status_is_documented() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", page("exit-statuses.md"), re.MULTILINE)
    documented = {int(number): name for number, name in rows}
    assert documented.pop(1) == "none"
    assert documented == {int(status): status.name for status in ExitStatus}


def test_every_key_of_the_settings_is_documented() -> None:
    text = page("settings.md")
    facts = settings.Settings.model_json_schema(by_alias=True)
    sections = {name: body for name, body in facts["properties"].items() if name != "base"}
    for name, body in sections.items():
        reference = re.search(r"#/\$defs/(\w+)", str(body))
        keys = facts["$defs"][reference[1]]["properties"] if reference else {}
        known = section(text, f"[{name}]")
        assert [key for key in keys if f"| `{key}` |" not in known] == [], name


def test_every_hazard_of_the_code_is_documented() -> None:
    text = section(page("commands.md"), "Hazards")
    assert [hazard for hazard in plan.HazardKind if f"`{hazard}`" not in text] == []


def test_every_word_of_the_glossary_is_told_once() -> None:
    rows = re.findall(r"^\| (\*\*.*?) \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    words = [word for row in rows for word in re.findall(r"\*\*(.*?)\*\*", row)]
    assert len(words) == len(set(words))
