"""Two tables that are one, a side each, and how an expression of one is said on the other.

Expressions go one way: a SQLite text is translated, the server writes it as it would store it, and
both sides are brought to a canonical form. Equal text alone proves nothing: `LIKE`, `lower`, `/`
and some more mean different things in the two engines, and their translation differs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cutover.catalog import Provider, Table
from cutover.dialect.canonical import canonical, conjuncts
from cutover.dialect.expressions import Translation, Use, translate_expression
from cutover.settings import ColumnSettings

Deparse = Callable[[str, str, str], str | None]
"""Returns the server's own text of an expression: of which table, as which type ("" for a
condition), which SQL. None where the server refuses it, or none is at hand."""


def no_server(_table: str, _type: str, _sql: str) -> str | None:
    """Answer for a server that is not at hand."""
    return None


Select = Callable[[str, tuple[str, ...], str], frozenset[tuple[object, ...]] | None]
"""Returns the keys of the rows that a condition selects: of which table, which columns, which
condition. None where there are no rows to ask, or they can't be asked."""


def no_rows(
    _table: str, _columns: tuple[str, ...], _where: str
) -> frozenset[tuple[object, ...]] | None:
    """Answer for an end without rows."""
    return None


def no_pins(_column: str) -> ColumnSettings:
    """Return the settings of a column that has none."""
    return ColumnSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A source table, its counterpart, and how names are carried between the two.

    `sides` are the two providers; where both are one, nothing is translated.
    """

    source: Table
    target: Table
    column_name: Callable[[str], str]
    table_name: Callable[[str], str]
    sides: tuple[Provider, Provider] = (Provider.SQLITE, Provider.POSTGRES)
    pins: Callable[[str], ColumnSettings] = no_pins
    """What the settings say of a source column."""
    deparse: Deparse = no_server
    selects: tuple[Select, Select] = (no_rows, no_rows)

    @property
    def alike(self) -> bool:
        """Tell whether both sides are of one provider."""
        return self.sides[0] == self.sides[1]

    def names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the target's names of some columns."""
        return tuple(self.column_name(column) for column in columns)

    @property
    def types(self) -> dict[str, str]:
        """The target's type of each source column that is carried."""
        names = [column.name for column in self.source.columns]
        found = {name: self.target.column(self.column_name(name)) for name in names}
        return {name: column.type for name, column in found.items() if column}

    @property
    def booleans(self) -> frozenset[str]:
        """The target's boolean columns, for which `flag` and `flag = true` are one."""
        return frozenset(c.name for c in self.target.columns if c.type == "boolean")

    @property
    def required(self) -> frozenset[str]:
        """The target's columns that are never NULL, for which `IS 'x'` and `= 'x'` are one."""
        return frozenset(c.name for c in self.target.columns if not c.nullable)

    def canonical(self, text: str) -> str | None:
        """Return the canonical form of an expression in the target's words."""
        return canonical(text, self.sides[1], booleans=self.booleans, required=self.required)

    def conjuncts(self, text: str) -> tuple[str, ...]:
        """Return the canonical conditions of which all must hold; the text itself if unreadable."""
        found = conjuncts(text, self.sides[1], booleans=self.booleans, required=self.required)
        return (text,) if found is None else found

    def translate(self, text: str, use: Use) -> Translation:
        """Translate an expression of the source, and let the server write it if there is one."""
        if self.alike:
            return Translation(sql=text)
        collations = {column.name: column.collation for column in self.source.columns}
        translation = translate_expression(
            text, types=self.types, names=self.column_name, collations=collations, use=use
        )
        if translation.sql is None or translation.needless or use is Use.INDEX:
            return translation
        return Translation(sql=self.written(translation.sql))

    def otherwise(self, source: str, target: str) -> str:
        """Return why two texts that look alike mean two things; empty where they don't."""
        left = canonical(source, self.sides[0], booleans=self.booleans, required=self.required)
        alike = left is not None and left == self.canonical(target)
        return means_otherwise(source) if alike and not self.alike else ""

    def selected_alike(self, source: str, target: str) -> int | None:
        """Return how many rows two conditions select, if both select the same; else None."""
        key = self.source.primary_key
        columns = key.columns if key else ()
        one = self.selects[0](self.source.name, columns, source)
        other = self.selects[1](self.target.name, self.names(columns), target)
        return len(one) if one and one == other else None

    def written(self, sql: str, type_: str = "") -> str:
        """Return an expression as the server would write it; as it is, where it can't be asked."""
        return self.deparse(self.target.name, type_, sql) or sql


_OTHERWISE = {
    "LIKE": "LIKE folds ASCII case in SQLite only",
    "GLOB": "GLOB is SQLite's own",
    "LOWER": "lower() folds ASCII only in SQLite",
    "UPPER": "upper() folds ASCII only in SQLite",
    "ROUND": "round() rounds halves differently",
    "SUBSTR": "substr() counts differently from below 1",
    "CAST": "CAST rounds in PostgreSQL and truncates in SQLite",
    "/": "/ of integers and of text differ",
    "NOCASE": "NOCASE folds ASCII only",
}


def means_otherwise(text: str) -> str:
    """Return why one text can mean two things in the two engines; empty where nothing is known."""
    upper = text.upper()
    return next((why for word, why in _OTHERWISE.items() if word in upper), "")
