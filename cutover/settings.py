"""What the operator asked for: the environment and cutover.toml, read once, frozen.

A command-line option wins over the environment, the environment over the file. Where one of them
names the target, the URLs of those below it are forgotten, `direct_url` too. Unknown keys are
errors that name the nearest known one: a setting with a typo must not be a setting ignored.
Secrets are `SecretStr`, so they don't show in a repr; a URL is printed through `redacted`.
"""

import difflib
import fnmatch
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
)

from cutover.auth import with_method
from cutover.errors import UsageError
from cutover.long_names import fit_name
from cutover.sections import (
    ColumnSettings,
    DiffSettings,
    FlagSettings,
    NameSettings,
    RowSettings,
    Section,
    SetSettings,
    SourceSettings,
    TableSettings,
    TargetSettings,
    VerifySettings,
)
from cutover.texts import read_text

T = TypeVar("T")

__all__ = [
    "CONFIG_FILE",
    "ColumnSettings",
    "DiffSettings",
    "FlagSettings",
    "NameSettings",
    "RowSettings",
    "SetSettings",
    "Settings",
    "SourceSettings",
    "TableSettings",
    "TargetSettings",
    "VerifySettings",
    "load_settings",
    "parse_settings",
    "redacted",
    "unknown_name",
]

CONFIG_FILE = "cutover.toml"


_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
"""SQLite's names differ by more than the case of ASCII letters, and PostgreSQL folds no others."""


class Settings(Section):
    """Everything, with the defaults filled in. Paths are relative to `base`."""

    base: Path = Path()
    source: SourceSettings = SourceSettings()
    target: TargetSettings = TargetSettings()
    sets: SetSettings = SetSettings()
    names: NameSettings = NameSettings()
    tables: TableSettings = TableSettings()
    columns: Mapping[str, ColumnSettings] = Field(default_factory=dict)
    rows: Mapping[str, RowSettings] = Field(default_factory=dict)
    flag: FlagSettings = FlagSettings()
    verify: VerifySettings = VerifySettings()
    diff: DiffSettings = DiffSettings()
    waive: Mapping[str, str] = Field(default_factory=dict)
    """`[waive]`: `"kind:name" = "reason"`; objects that are knowingly not carried. Names may be
    patterns, as in `"trigger:fts_*"`."""

    def path(self, relative: str) -> Path:
        """Return a path of the settings file as one that can be opened from here."""
        return self.base / Path(relative).expanduser()

    @property
    def databases(self) -> tuple[Path, ...]:
        """The source files."""
        return tuple(self.path(name) for name in self.source.databases)

    def for_source(self, label: str) -> "Settings":
        """Return these settings as one source sees them: what names it wins over what doesn't.

        >>> tables = TableSettings(rename={"runs": "a", "memory.db:runs": "b"})
        >>> Settings(tables=tables).for_source("memory.db").target_name("runs")
        'b'
        """
        exclude = tuple(name.removeprefix(f"{label}:") for name in self.tables.exclude)
        rename = _seen_by(label, self.tables.rename)
        found = {
            "tables": TableSettings(exclude=exclude, rename=rename),
            "columns": _seen_by(label, self.columns),
            "rows": _seen_by(label, self.rows),
        }
        return self.model_copy(update=found)

    def column(self, table: str, column: str) -> ColumnSettings:
        """Return what is set for a column: an exact name first, then the first pattern."""
        return self.columns.get(self._column_key(table, column), ColumnSettings())

    def _column_key(self, table: str, column: str) -> str:
        name = f"{table}.{column}"
        if name in self.columns:
            return name
        return next((key for key in self.columns if fnmatch.fnmatchcase(name, key)), name)

    def excludes(self, table: str) -> str | None:
        """Return the pattern of `[tables] exclude` that leaves a table out, or None."""
        return next((p for p in self.tables.exclude if fnmatch.fnmatchcase(table, p)), None)

    def excludes_column(self, table: str, column: str) -> str | None:
        """Return the pattern that leaves a column out: one that names a table and a column."""
        name = f"{table}.{column}"
        patterns = (pattern for pattern in self.tables.exclude if "." in pattern)
        return next((p for p in patterns if fnmatch.fnmatchcase(name, p)), None)

    def waiver(self, kind: str, name: str) -> str | None:
        """Return the reason to waive an object: by its exact name, else by the first pattern."""
        key = f"{kind}:{name}"
        patterns = (pattern for pattern in self.waive if fnmatch.fnmatchcase(key, pattern))
        return self.waive.get(key, self.waive.get(next(patterns, key)))

    def target_name(self, table: str) -> str:
        """Return the name a table has in the target."""
        if table in self.tables.rename:
            return self.tables.rename[table]
        return self._name(table)

    def column_name(self, column: str) -> str:
        """Return the name a column has in the target."""
        return self._name(column)

    def _name(self, name: str) -> str:
        return fit_name(name.translate(_LOWER) if self.names.case == "lower" else name)

    def over(self, written: "Settings") -> "Settings":
        """Return these settings laid over those that `init` wrote: what is given here wins."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        for name in ("columns", "rows", "waive"):
            given[name] = {**getattr(written, name), **getattr(self, name)}
        kept = {"base": written.base, "source": written.source, "sets": written.sets}
        return written.model_copy(update={**given, **kept})

    @property
    def rules(self) -> dict[str, Any]:
        """What decides how a source is carried, wherever it lies and goes to."""
        return self.model_dump(include={"names", "tables", "columns", "rows", "waive"})

    @property
    def target_url(self) -> str | None:
        """The target's URL, secret included, past a pooler where one is set.

        None where none is set: the embedded server. A login that is set is asked for in the URL.
        """
        direct = self.target.direct_url
        return self._asking(direct.get_secret_value()) if direct else self.application_url

    @property
    def application_url(self) -> str | None:
        """The target's URL as applications use it: through a pooler, where there is one."""
        if self.target.url_file:
            secret = self.path(self.target.url_file)
            url = read_text(secret, "the file of the target's URL", hint="mount it")
            return self._asking(url.strip())
        return self._asking(self.target.url.get_secret_value()) if self.target.url else None

    def _asking(self, url: str) -> str:
        return with_method(url, self.target.auth)


def _seen_by(label: str, entries: Mapping[str, T]) -> dict[str, T]:
    """Return entries by the names that one source has for them, its own in front.

    An entry of another source names no table of this one, and does no harm.
    """
    prefix = f"{label}:"
    own = {
        key.removeprefix(prefix): entry for key, entry in entries.items() if key.startswith(prefix)
    }
    return own | {key: entry for key, entry in entries.items() if key not in own}


# Each variable overrides one key of the file.
_ENVIRONMENT = {
    "CUTOVER_SOURCE_DATABASES": ("source", "databases"),
    "CUTOVER_TARGET_URL": ("target", "url"),
    "CUTOVER_TARGET_URL_FILE": ("target", "url_file"),
    "CUTOVER_DIRECT_URL": ("target", "direct_url"),
    "CUTOVER_TARGET_AUTH": ("target", "auth"),
    "CUTOVER_TARGET_SCHEMA": ("target", "schema"),
    "CUTOVER_SETS_SQLITE": ("sets", "sqlite"),
    "CUTOVER_SETS_POSTGRES": ("sets", "postgres"),
    "CUTOVER_SETS_TRIGGERS": ("sets", "triggers"),
    "CUTOVER_NAMES_CASE": ("names", "case"),
    "CUTOVER_FLAG_STORE": ("flag", "store"),
    "CUTOVER_VERIFY_LEVEL": ("verify", "level"),
}
_LISTS = frozenset({("source", "databases"), ("sets", "sqlite")})
_NAMING = frozenset({("target", "url"), ("target", "url_file")})
_DIRECT = ("target", "direct_url")


def load_settings(
    config: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[tuple[str, str], Any] | None = None,
) -> Settings:
    """Read the settings: file, then environment, then `overrides` (section, key) from options.

    UsageError where the file is missing although it was named, is not TOML, or holds a key or a
    value that is not known.
    """
    path = config or Path(CONFIG_FILE)
    facts = _read_file(path, required=config is not None)
    for level in (_of(os.environ if environment is None else environment), overrides or {}):
        _lay_over(facts, level, path)
    return parse_settings(facts, base=path.parent, name=str(path))


def _of(environment: Mapping[str, str]) -> dict[tuple[str, str], Any]:
    """Return what the environment sets; an empty variable sets nothing."""
    texts = {place: environment.get(name) for name, place in _ENVIRONMENT.items()}
    return {
        place: text.split(os.pathsep) if place in _LISTS else text
        for place, text in texts.items()
        if text
    }


def _lay_over(facts: dict[str, Any], level: Mapping[tuple[str, str], Any], path: Path) -> None:
    """Let one level win over those below it.

    Who names the target may name another server: none of the URLs below is a way to that one.
    """
    if not _NAMING.isdisjoint(level):
        section = _section(facts, "target", path)
        for _, key in (*_NAMING, _DIRECT):
            section.pop(key, None)
    for (name, key), value in level.items():
        _section(facts, name, path)[key] = value


def _section(facts: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = facts.setdefault(name, {})
    if not isinstance(section, dict):
        raise UsageError(
            f'setting "{name}" in "{path}" is not a table', hint=f"write [{name}] above its keys"
        )
    return section


def parse_settings(facts: Mapping[str, Any], *, base: Path, name: str = CONFIG_FILE) -> Settings:
    """Build settings from the tables of a settings file. UsageError as in `load_settings`."""
    try:
        return Settings.model_validate({**facts, "base": base})
    except ValidationError as error:
        raise _usage_error(error, name) from None  # pydantic's text would repeat the values


def _read_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if required:
            hint = "name the right file with --config, or write one: cutover init SOURCE"
            raise UsageError(f'settings file "{path}" does not exist', hint=hint) from error
        return _read_pyproject(path.parent / "pyproject.toml")
    except (OSError, ValueError) as error:
        raise UsageError(f'settings file "{path}" cannot be read', detail=str(error)) from error
    return facts


def _read_pyproject(path: Path) -> dict[str, Any]:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    section: dict[str, Any] = facts.get("tool", {}).get("cutover", {})
    return section


def _usage_error(error: ValidationError, name: str) -> UsageError:
    first = error.errors(include_input=False, include_url=False)[0]
    location = [str(part) for part in first["loc"]]
    where = ".".join(location)
    if first["type"] != "extra_forbidden":
        return UsageError(f'setting "{where}" in "{name}" is wrong', detail=first["msg"])
    known = _known_keys(location[:-1])
    hint = _nearest(location[-1], known)
    return UsageError(f'unknown setting "{where}" in "{name}"', hint=hint)


def unknown_name(section: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a setting about an object that there is none of."""
    return UsageError(f'{section} names "{name}", which is not there', hint=_nearest(name, known))


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(names)}"


def _known_keys(location: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in location:
        if part in ("columns", "rows"):
            model = ColumnSettings if part == "columns" else RowSettings
            break
        model = type(getattr(Settings(), part))
    return [f.alias or key for key, f in model.model_fields.items() if key != "base"]


def redacted(url: str) -> str:
    """Return a URL with its password masked, in the user part and in the query alike.

    Rather too much than too little: everything between the user's name and the last `@` goes.
    """
    scheme, slashes, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    user, colon, password = credentials.partition(":")
    place = re.sub(r"(?i)([\w]*(?:password|secret)[\w]*=)[^&]*", r"\1***", place)
    return f"{scheme}{slashes}{user}{colon}{password and '***'}{at}{place}"
