"""The tables of cutover.toml, a class each: what can be set, and what holds where nothing is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator


class Section(BaseModel):
    """One table: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class SourceSettings(Section):
    """`[source]`: the SQLite files."""

    databases: Strings = ()


class TargetSettings(Section):
    """`[target]`: where PostgreSQL is. `embedded:` or `embedded:DIR` is a server of one's own."""

    url: SecretStr | None = None
    url_file: str | None = None
    direct_url: SecretStr | None = None
    auth: Literal["azure"] | None = None
    schema_: str = Field(default="public", alias="schema")


class SetSettings(Section):
    """`[sets]`: the Alembic script directories, and the triggers that their revisions read."""

    sqlite: Strings = ()
    postgres: str | None = None
    triggers: str | None = None


class NameSettings(Section):
    """`[names]`: how names are carried."""

    case: Literal["exact", "lower"] = "exact"


class TableSettings(Section):
    """`[tables]`: which tables are left out (shell patterns), which get another name.

    Here, in `[columns]` and in `[rows]`, a table of one file alone is `FILE:TABLE`.
    """

    exclude: Strings = ()
    rename: Mapping[str, str] = Field(default_factory=dict)


class ColumnSettings(Section):
    """One entry of `[columns]`."""

    zone: str | None = None
    """The zone that datetimes without one are in: an IANA name, or UTC."""
    type: str | None = None
    """The type that `init` gives the column, and that `diff` expects."""
    collation: str | None = None
    """The collation that the target's column must have, where order matters: `diff` asks it."""
    nul: Literal["refuse", "escape", "strip", "null", "bytea"] = "refuse"
    unit: Literal["s", "ms", "us", "ns", "julian"] | None = None
    """What numbers in a datetime column count: since 1970, or Julian days. Of an interval also."""
    empty: Literal["refuse", "null"] = "refuse"
    """What becomes of '' where the target type has no such value."""
    invalid: Literal["refuse", "null"] = "refuse"
    """What becomes of a value that is nothing of the target's kind."""
    utf8: Literal["refuse", "replace", "escape", "null", "bytea"] = "refuse"
    json_: Literal["refuse", "null", "string"] = Field(default="refuse", alias="json")
    """What becomes of text that is not JSON."""
    fraction: Literal["refuse", "round", "truncate"] = "refuse"
    """What becomes of digits that the target's type has no room for."""
    boolean: Literal["refuse", "nonzero"] = "refuse"
    """What numbers other than 0 and 1 mean."""
    overlong: Literal["refuse", "truncate", "null"] = "refuse"
    """What becomes of text that is longer than the target's type."""
    secret: bool = False
    """Its values are told to nobody: not by the ledger, and not by a finding."""


class RowSettings(Section):
    """One entry of `[rows]`: which rows are carried, what becomes of orphans, and why."""

    where: str | None = None
    orphans: Literal["refuse", "quarantine", "not-valid"] = "refuse"
    reason: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> "RowSettings":
        if self.reason.strip() or (self.where is None and self.orphans == "refuse"):
            return self
        raise ValueError("a reason is missing; it is shown in the plan")


class FlagSettings(Section):
    """`[flag]`: where the provider flag lives."""

    store: str = "file:provider.json"


class DiffSettings(Section):
    """`[diff]`: how two schemas are compared."""

    baseline: str | None = None
    """A file of differences between the configured sets that are accepted, each with its reason."""


class VerifySettings(Section):
    """`[verify]`."""

    level: Literal["counts", "values"] = "values"
