"""The PostgreSQL revisions as a person would have written them, with Alembic's own operations.

Foreign keys come after all tables, so that circles and self references need no order. What Alembic
has no operation for (a trigger, a view) is SQL: a trigger's in a file of its own.
"""

import re
from collections.abc import Iterator, Sequence

from cutover.dialect.render import quoted
from cutover.scaffolding.model import (
    NewCheck,
    NewColumn,
    NewForeignKey,
    NewIndex,
    NewKey,
    NewPart,
    NewSchema,
    NewTable,
)
from cutover.scaffolding.python_text import (
    block,
    block_call,
    call,
    literal,
    sql_text,
    strings,
)
from cutover.scaffolding.statements import part_sql

_TYPES = {
    "bigint": "sa.BigInteger()",
    "integer": "sa.Integer()",
    "smallint": "sa.SmallInteger()",
    "boolean": "sa.Boolean()",
    "double precision": "sa.Double()",
    "real": "sa.REAL()",
    "text": "sa.Text()",
    "bytea": "sa.LargeBinary()",
    "date": "sa.Date()",
    "time": "sa.Time()",
    "timestamptz": "sa.DateTime(timezone=True)",
    "timestamp with time zone": "sa.DateTime(timezone=True)",
    "timestamp": "sa.DateTime()",
    "timestamp without time zone": "sa.DateTime()",
    "numeric": "sa.Numeric()",
    "uuid": "sa.Uuid()",
    "json": "sa.JSON()",
    "jsonb": "postgresql.JSONB()",
    "citext": "postgresql.CITEXT()",
    "inet": "postgresql.INET()",
}
_INTEGERS = frozenset({"bigint", "integer", "smallint", "numeric"})
_SIZED = {
    "numeric": "sa.Numeric",
    "varchar": "sa.String",
    "character varying": "sa.String",
    "character": "sa.CHAR",
}
_OTHER_TYPE = '''

class Other(sa.types.UserDefinedType[object]):
    """A type that SQLAlchemy has no class for."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_options: object) -> str:
        return self.name
'''
RUN = '''

def run(statement: str) -> None:
    """Run SQL as it stands: no colon in it is a parameter, no per cent sign a format."""
    op.execute(sa.DDL(statement.replace("%", "%%")))
'''


def header(title: str, revision: str, down: str | None, *, imports: str = "") -> str:
    """Return the top of a revision file."""
    previous = literal(down) if down else "None"
    return (
        f'"""{title}"""\n\n{imports}import sqlalchemy as sa\nfrom alembic import op\n'
        f"\nrevision = {literal(revision)}\ndown_revision = {previous}\n"
        "branch_labels = None\ndepends_on = None\n"
    )


def functions(upgrade: Sequence[str], downgrade: Sequence[str]) -> str:
    """Return the two functions of a revision from their statements."""
    bodies = ["\n".join(lines) or "    pass" for lines in (upgrade, downgrade)]
    return f"\n\ndef upgrade() -> None:\n{bodies[0]}\n\n\ndef downgrade() -> None:\n{bodies[1]}\n"


def baseline(schema: NewSchema, *, title: str, revision: str) -> str:
    """Return the revision of the tables, their indexes and foreign keys."""
    upgrade = [line for table in schema.tables for line in _table(table)]
    upgrade += [_foreign_key(t, key) for t in schema.tables for key in t.foreign_keys]
    downgrade = [
        call(
            "op.drop_constraint",
            [literal(key.name), literal(t.name), 'type_="foreignkey"'],
            indent=4,
        )
        for t in reversed(schema.tables)
        for key in t.foreign_keys
    ]
    downgrade += [f"    op.drop_table({literal(t.name)})" for t in reversed(schema.tables)]
    body = functions(upgrade, downgrade)
    text = header(title, revision, None)
    if "postgresql." in body:
        text = text.replace(
            "from alembic import op\n",
            "from alembic import op\nfrom sqlalchemy.dialects import postgresql\n",
        )
    return text + (_OTHER_TYPE if "Other(" in body else "") + body


def views(schema: NewSchema, *, revision: str, down: str) -> str:
    """Return the revision of the views."""
    upgrade = [
        call("run", [block(f"CREATE VIEW {quoted(v.name)} AS\n{v.sql}")], indent=4)
        for v in schema.views
    ]
    downgrade = [
        f"    run({literal(f'DROP VIEW {quoted(view.name)}')})" for view in reversed(schema.views)
    ]
    return header("Views.", revision, down) + RUN + functions(upgrade, downgrade)


def triggers(
    what: tuple[str, Sequence[str], Sequence[str]], *, revision: str, down: str, depth: int = 2
) -> str:
    """Return a revision that runs the files of a folder, found from where the revision lies.

    `what` is the folder, its files, and the statements that undo them; `depth` is how far above
    the revision's own folder the sets and the triggers lie side by side.
    """
    folder, names, undo = what
    where = " / ".join(map(literal, folder.split("/")))
    constant = f"\nTRIGGERS = Path(__file__).resolve().parents[{depth}] / {where}\n"
    upgrade = [
        f'    run((TRIGGERS / {literal(name)}).read_text(encoding="utf-8"))' for name in names
    ]
    downgrade = [call("run", [literal(statement)], indent=4) for statement in undo]
    top = header("Triggers.", revision, down, imports="from pathlib import Path\n\n")
    return top + constant + RUN + functions(upgrade, downgrade)


def _table(table: NewTable) -> Iterator[str]:
    arguments = [f"        {literal(table.name)}"]
    arguments += [_column(column, numbered=_would_be_numbered(table)) for column in table.columns]
    if table.primary_key:
        arguments.append(_key(table.primary_key, "sa.PrimaryKeyConstraint"))
    arguments += [_key(key, "sa.UniqueConstraint") for key in table.uniques]
    arguments += [_check(check) for check in table.checks]
    yield block_call("op.create_table", arguments, indent=4)
    for index in table.indexes:
        yield _index(table, index)


def _would_be_numbered(table: NewTable) -> str:
    """Return the column that SQLAlchemy would make a SERIAL unasked: a lone key of integers.

    https://docs.sqlalchemy.org/en/20/core/metadata.html#sqlalchemy.schema.Column.params.autoincrement
    """
    key = table.primary_key.columns if table.primary_key else ()
    return key[0] if len(key) == 1 else ""


def _column(column: NewColumn, *, numbered: str) -> str:
    arguments = [literal(column.name), type_text(column.choice.type, column.collation)]
    if column.identity:
        arguments.append("sa.Identity()")
    if column.generated is not None:
        arguments.append(f"sa.Computed({sql_text(column.generated)}, persisted=True)")
    if column.default is not None:
        arguments.append(f"server_default={sql_text(column.default)}")
    if not column.nullable:
        arguments.append("nullable=False")
    if column.name == numbered and column.choice.type in _INTEGERS and not column.identity:
        arguments.append("autoincrement=False")
    return call("sa.Column", arguments, indent=8)


def type_text(type_: str, collation: str | None = None) -> str:
    """Return SQLAlchemy's type of a PostgreSQL type."""
    if type_ == "text" and collation:
        return f"sa.Text(collation={literal(collation)})"
    if type_ in _TYPES:
        return _TYPES[type_]
    match = re.fullmatch(r"([a-z ]+)\((\d+(?:, ?\d+)?)\)", type_)
    if match and match[1] in _SIZED:
        return f"{_SIZED[match[1]]}({match[2]})"
    return f"Other({literal(type_)})"


def _key(key: NewKey, kind: str) -> str:
    arguments = [*map(literal, key.columns), f"name={literal(key.name)}"]
    arguments += _deferral(deferrable=key.deferrable, initially=key.initially_deferred)
    return call(kind, arguments, indent=8)


def _deferral(*, deferrable: bool, initially: bool) -> list[str]:
    if not deferrable:
        return []
    return ["deferrable=True", *(['initially="DEFERRED"'] if initially else [])]


def _check(check: NewCheck) -> str:
    arguments = [sql_text(check.sql), f"name={literal(check.name)}"]
    return call("sa.CheckConstraint", arguments, indent=8)


def _index(table: NewTable, index: NewIndex) -> str:
    parts = ", ".join(_part(part) for part in index.parts)
    arguments = [literal(index.name), literal(table.name), f"[{parts}]"]
    if index.unique:
        arguments.append("unique=True")
    if index.predicate:
        arguments.append(f"postgresql_where={sql_text(index.predicate)}")
    return call("op.create_index", arguments, indent=4)


def _part(part: NewPart) -> str:
    if part.column is not None and not part.order:
        return literal(part.column)
    return sql_text(part_sql(part))


def _foreign_key(table: NewTable, key: NewForeignKey) -> str:
    source = key.source
    arguments = [literal(key.name), literal(table.name), literal(key.table)]
    arguments += [strings(key.columns), strings(key.references)]
    if source.on_delete != "NO ACTION":
        arguments.append(f"ondelete={literal(source.on_delete)}")
    if source.on_update != "NO ACTION":
        arguments.append(f"onupdate={literal(source.on_update)}")
    arguments += _deferral(deferrable=source.deferrable, initially=source.initially_deferred)
    return call("op.create_foreign_key", arguments, indent=4)
