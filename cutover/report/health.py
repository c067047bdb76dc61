"""What doctor says, as a page: one line an answer, the remedy below those that need one."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from cutover.doctor import Diagnosis
from cutover.signs import Level, Remark
from cutover.words import counted

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}
_LEVEL_WIDTH = max(map(len, Level))


def diagnosis_facts(found: Diagnosis) -> dict[str, Any]:
    """Return the answers as a script gets them."""
    fields = ("check", "subject", "level", "message", "remedy")
    checks = [{field: asdict(remark)[field] for field in fields} for remark in found.remarks]
    return {"target": found.target, "checks": checks}


def print_diagnosis(console: Console, found: Diagnosis) -> None:
    """Write the answers by what they are about, and the verdict below."""
    places = {"target": found.target, **dict(found.sources)}
    width = max((len(remark.check) for remark in found.remarks), default=0)
    subject = None
    for remark in found.remarks:
        if remark.subject != subject:
            subject = remark.subject
            _print_subject(console, subject, places.get(subject, ""))
        _print_remark(console, remark, width)
    console.print()
    console.print(Text(*_verdict(found)), soft_wrap=True)


def _print_subject(console: Console, subject: str, place: str) -> None:
    console.print()
    said = Text(subject, style="bold")
    if place != subject:
        said.append(f"  {place}" if place else "", style="not bold dim")
    console.print(said, soft_wrap=True)


def _print_remark(console: Console, remark: Remark, width: int) -> None:
    level = (f"  {remark.level:<{_LEVEL_WIDTH}}  ", _STYLES[remark.level])
    line = Text.assemble(level, f"{remark.check.replace('_', ' '):<{width}}  {remark.message}")
    console.print(line, soft_wrap=True)
    if remark.remedy:
        margin = " " * (_LEVEL_WIDTH + width + 6)
        console.print(
            Text.assemble(f"{margin}", ("remedy: ", "cyan"), remark.remedy), soft_wrap=True
        )


def _verdict(found: Diagnosis) -> tuple[str, str]:
    problems, warnings = found.count(Level.PROBLEM), found.count(Level.WARNING)
    asked = f"of {counted(len(found.remarks), 'answer')}"
    also = f", {counted(warnings, 'warning')}" if warnings else ""
    if problems:
        return f"not ready: {counted(problems, 'problem')}{also} {asked}", "bold red"
    if warnings:
        return f"ready, with {counted(warnings, 'warning')} {asked}", "yellow"
    return f"ready: nothing to remedy, {asked.removeprefix('of ')}", "green"
