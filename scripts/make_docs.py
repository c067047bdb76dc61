"""Write docs/reference/ from the program itself; `--check` only says what would change."""

import argparse
import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import typer  # noqa: E402 - after the path
from pydantic import BaseModel  # noqa: E402 - the same

from cutover import cli, errors, plan, settings  # noqa: E402 - the same
from scripts import docs_examples  # noqa: E402 - the same
from scripts.docs_words import HAZARDS, KEY_WORDS, STATUS_WORDS  # noqa: E402 - the same

REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by scripts/make_docs.py. -->\n"
WIDTH = 120
ELSEWHERE = frozenset({"corpus.md", "diff-table.md"})
"""Pages that another script writes, because they need a server."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of leaf: its package, where its pages are, what it is called."""

    package: str
    folder: str
    title: str
    opening: str


KINDS = (
    Kind(
        "cutover.coercions",
        "coercions",
        "Coercions",
        "A coercion takes the stored values of one column into one family of PostgreSQL types. "
        "Exactly one must claim each column.",
    ),
    Kind(
        "cutover.checks",
        "checks",
        "Checks",
        "Each asks one question of the live target, or of the sources. An empty answer is a pass. "
        "The values of the rows are compared besides: see "
        "[how verify works](../explanation/how-verify-works.md).",
    ),
    Kind(
        "cutover.rules",
        "rules",
        "Rules",
        "What holds for every migration set, whatever its schema is. `cutover diff` asks them; "
        "each answer is a breach, with the revision that it is about.",
    ),
    Kind(
        "cutover.flags",
        "flags",
        "Flag stores",
        "Where the provider flag lives. The word before the colon of `[flag] store` names the "
        "store. How an application reads it: [read the flag in an application]"
        "(../how-to/read-the-flag-in-an-application.md).",
    ),
    Kind(
        "cutover.symptoms",
        "symptoms",
        "Symptoms",
        "What `cutover doctor` asks: each answer is ok, a warning or a problem, with its remedy. "
        "See [check before the night](../how-to/check-before-the-night.md).",
    ),
)
HELPERS = frozenset({"common"})
"""Modules of a leaf package that are no leaf; so are those that begin with an underscore."""


def leaves(package: str) -> dict[str, ModuleType]:
    """Return the leaf modules of a package by name, sorted."""
    names = (m.name for m in pkgutil.iter_modules(importlib.import_module(package).__path__))
    wanted = sorted(name for name in names if not name.startswith("_") and name not in HELPERS)
    return {name: importlib.import_module(f"{package}.{name}") for name in wanted}


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path under docs/reference."""
    made = {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "exit-statuses.md": statuses_page(),
        "plan-json.md": plan_page(),
    }
    for kind in KINDS:
        index = "flag-stores.md" if kind.folder == "flags" else f"{kind.folder}.md"
        made[index] = index_page(kind)
        for name, module in leaves(kind.package).items():
            made[f"{kind.folder}/{name}.md"] = leaf_page(kind, name, module)
    return {path: NOTE + text for path, text in made.items()}


def commands_page() -> str:
    """Return the page of the commands, from the objects that parse the command line."""
    group: Any = typer.main.get_command(cli.app)
    common = {field.name for field in fields(cli.Options)}
    parts = ["# Commands", "", str(group.help), "", "## Options of every command", ""]
    some: Any = next(iter(group.commands.values()))
    parts += [*_options(p for p in some.params if p.name in common), ""]
    parts += ["`--target` also takes `embedded:` for the default place under the work directory."]
    for name, command in group.commands.items():
        own = [p for p in command.params if p.name not in common]
        parts += ["", f"## cutover {name}", "", str(command.help), "", *_usage(name, own)]
        parts += _options(own) if own else ["No options of its own."]
    parts += ["", "## Hazards", "", "Dangers are allowed by name, one by one, with `--allow`.", ""]
    parts += _table(("hazard", "what is in danger"), ((f"`{k}`", v) for k, v in HAZARDS.items()))
    return _text(parts)


def _usage(name: str, own: list[Any]) -> list[str]:
    arguments = [p for p in own if p.param_type_name == "argument"]
    words = [p.metavar if p.required else f"[{p.metavar}]" for p in arguments]
    return ["```text", " ".join(["cutover", name, *words, "[OPTIONS]"]), "```", ""]


def _options(parameters: Iterable[Any]) -> list[str]:
    return _table(("option", "default", "what it does"), (_option(p) for p in parameters))


def _option(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        needed = "required" if parameter.required else ""
        return f"`{parameter.metavar}`", needed, str(parameter.help)
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    value = parameter.metavar or ("text|json" if parameter.name == "format" else "")
    default = parameter.default
    shown = "" if default in (None, False) else f"`{getattr(default, 'value', default)}`"
    return f"{names}{f' `{value}`' if value else ''}", shown, str(parameter.help)


def settings_page() -> str:
    """Return the page of the settings, from the models that read them."""
    variables = {place: name for name, place in settings._ENVIRONMENT.items()}  # noqa: SLF001 - ours
    parts = [
        "# Settings",
        "",
        "`cutover.toml` in the current folder, or the file that `--config` names; without one, "
        "`[tool.cutover]` in `pyproject.toml`. An environment variable wins over the file, an "
        "option of the command line over both. Paths are relative to the file. An unknown key is "
        "an error that names the nearest known one.",
    ]
    for name, field in settings.Settings.model_fields.items():
        if name == "base":
            continue
        model = _model_of(field.annotation)
        words = model.__doc__ if model else attribute_words(settings.Settings)[name]
        parts += ["", f"## [{name}]", "", _paragraph(words or ""), ""]
        if model:
            parts += _keys(name, model, variables)
    parts += [
        "",
        "The entries of `[columns]` are named `table.column`, by the source's names; an exact name "
        "wins over a shell pattern. Lists in the environment are separated as `PATH` is.",
    ]
    return _text(parts)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    found = [annotation, *get_args(annotation)]
    return next((a for a in found if isinstance(a, type) and issubclass(a, BaseModel)), None)


def _keys(
    section: str, model: type[BaseModel], variables: Mapping[tuple[str, str], str]
) -> list[str]:
    described, rows = attribute_words(model), []
    for name, field in model.model_fields.items():
        key = field.alias or name
        words = KEY_WORDS.get(f"{section}.{key}") or described.get(name, "")
        assert words, f"[{section}] {key} has no words: add them to KEY_WORDS"
        variable = variables.get((section, key))
        default = (
            "required"
            if field.is_required()
            else _default(field.get_default(call_default_factory=True))
        )
        rows.append(
            (f"`{key}`", _type_words(field.annotation), default, _joined(words), _code(variable))
        )
    return _table(("key", "value", "default", "what it says", "environment"), rows)


def _default(value: object) -> str:
    return "" if value in (None, (), {}) else _code(str(value))


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""


def _type_words(annotation: Any) -> str:
    text = str(annotation)
    if choices := _choices(annotation):
        return ", ".join(f"`{choice}`" for choice in choices)
    if "tuple" in text:
        return "text, or a list"
    return "a table" if "Mapping" in text else "text"


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((c for a in get_args(annotation) if (c := _choices(a))), ())


def statuses_page() -> str:
    """Return the page of the exit statuses, from the enumeration and the errors."""
    names = {int(status): status.name for status in errors.ExitStatus}
    rows = (
        (str(number), names.get(number, "none"), *words) for number, words in STATUS_WORDS.items()
    )
    parts = [
        "# Exit statuses",
        "",
        "A status says who must act. It is never 0 after a value, table or object was lost, "
        "changed without a policy, or not compared.",
        "",
        *_table(("status", "name", "means", "what a script does", "the world is"), rows),
        "",
        "## Errors",
        "",
        "Each error has a message, often a detail, and a hint: the next thing to do. With "
        "`--format json` they are in `error`, beside its `code`.",
        "",
        *_table(("code", "status", "means"), _errors()),
    ]
    return _text(parts)


def _errors() -> Iterator[tuple[str, str, str]]:
    for error in errors.CutoverError.__subclasses__():
        yield f"`{error.code}`", str(int(error.status)), _joined(error.__doc__ or "")


def index_page(kind: Kind) -> str:
    """Return the page that lists the leaves of one kind."""
    rows = (
        (f"[{name}]({kind.folder}/{name}.md)", _summary(module))
        for name, module in leaves(kind.package).items()
    )
    return _text(
        [f"# {kind.title}", "", kind.opening, "", *_table(("name", "in a sentence"), rows)]
    )


def leaf_page(kind: Kind, name: str, module: ModuleType) -> str:
    """Return the page of one leaf: its module's docstring, and examples made by running it."""
    parts = [f"# {name}", "", inspect.getdoc(module) or ""]
    examples = docs_examples.of(name) if kind.folder == "coercions" else []
    if examples:
        parts += ["", "## Examples", "", docs_examples.OPENING, ""]
        parts += _table(docs_examples.HEADINGS, examples)
    return _text(parts)


def _summary(module: ModuleType) -> str:
    return _joined((inspect.getdoc(module) or "").partition("\n\n")[0])


def plan_page() -> str:
    """Return the page of plan.json, from the types that are written to it."""
    derived = ", ".join(f"`{key}`" for key in ("digest", "fingerprints", "hazards", "revisions"))
    parts = [
        "# plan.json",
        "",
        f"`cutover plan --out plan.json` writes a plan; its format is {plan.FORMAT}. Keys are "
        "sorted. A reader takes any minor version of its own major one and refuses others.",
        "",
        f"Besides the fields of the plan, {derived} and `empty` are written for a reader. They "
        "follow from the rest and are not read back, the digest apart: a file whose digest is not "
        "that of its content is refused.",
    ]
    for type_ in _plan_types():
        parts += ["", f"## {type_.__name__}", "", inspect.getdoc(type_) or ""]
        parts += ["", *_members(type_)]
    return _text(parts)


def _plan_types() -> Iterator[type]:
    """Yield the plan's own types: the plan first, then in the order in which they are written."""
    yield plan.Plan
    for type_ in vars(plan).values():
        ours = inspect.isclass(type_) and type_.__module__ == plan.__name__
        if ours and type_ is not plan.Plan and (is_dataclass(type_) or issubclass(type_, Enum)):
            yield type_


def _members(type_: type) -> list[str]:
    words = attribute_words(type_)
    if issubclass(type_, Enum):
        rows = ((f"`{m.value}`", _joined(words.get(m.name, ""))) for m in type_)
        return _table(("value", "means"), rows)
    named = (
        (f"`{f.name}`", f"`{_annotation(f.type)}`", _joined(words.get(f.name, "")))
        for f in fields(type_)
    )
    return _table(("field", "type", "means"), named)


def _annotation(annotation: Any) -> str:
    plain = isinstance(annotation, type) and not get_args(annotation)
    text = annotation.__name__ if plain else str(annotation)
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", text)


@cache
def attribute_words(class_: type) -> dict[str, str]:
    """Return the strings that stand below the attributes of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(class_))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for one, other in zip(body.body, body.body[1:], strict=False):
        target = (
            one.target if isinstance(one, ast.AnnAssign) else getattr(one, "targets", [None])[0]
        )
        value = other.value if isinstance(other, ast.Expr) else None
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            found[target.id] = inspect.cleandoc(str(value.value))
    return found


def _paragraph(words: str) -> str:
    """Return a docstring without the section's name, which is the heading's."""
    text = re.sub(r"^`\[\w+\]`[:.]\s*", "", inspect.cleandoc(words))
    return text[:1].upper() + text[1:]


def _joined(words: str) -> str:
    return " ".join(words.split())


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return [*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)]


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _text(parts: list[str]) -> str:
    wrapped = (_wrapped(part) for part in "\n".join(parts).split("\n"))
    return "\n".join(wrapped).rstrip() + "\n"


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH or line.startswith(("|", " ")):
        return line
    return textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)


def stale() -> list[str]:
    """Return the pages that are missing, differ, or are there without a reason."""
    made = pages()
    there = {str(path.relative_to(REFERENCE)) for path in REFERENCE.rglob("*.md")}
    differing = {name for name, text in made.items() if _text_of(REFERENCE / name) != text}
    return sorted(differing | (there - set(made) - ELSEWHERE))


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def write() -> None:
    """Write every page, and remove those of leaves that are gone."""
    made = pages()
    for path in REFERENCE.rglob("*.md"):
        if str(path.relative_to(REFERENCE)) not in {*made, *ELSEWHERE}:
            path.unlink()
    for name, text in made.items():
        path = REFERENCE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    """Write the pages, or check them; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a page differs")
    if not parser.parse_args().check:
        write()
        return 0
    for name in (found := stale()):
        print(f"docs/reference/{name} is out of date; write it: python scripts/make_docs.py")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
