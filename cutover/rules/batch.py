"""Does a batch operation lose something of the SQLite table that it rebuilds?

`op.batch_alter_table` makes a new table from what SQLAlchemy reflects of the old one, copies the
rows and drops the old one. Reflection knows no trigger, no expression index, no DESC, no NOCASE, no
AUTOINCREMENT, no CHECK without a name and no ON DELETE of an inline foreign key: all of that is
gone afterwards, mostly without a word. (A generated column makes the rebuild fail.) So each
revision with a batch operation is run, and the table before is held against the table after. What
the revision drops by name, or puts back, is not lost.
See https://alembic.sqlalchemy.org/en/latest/batch.html
"""

from collections.abc import Iterator, Mapping

from cutover.catalog import Column, ForeignKey, Generated, Identity, Index, Provider, Table
from cutover.dialect.created import words_of
from cutover.operations import Operation, keyword, operations_of
from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach
from cutover.set_facts import RevisionFacts, SetFacts

NAME = "batch"
_HINT = "put it back in the same revision, after the batch; or do without a batch"


class Batch:
    """Compares each rebuilt table before and after its revision."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield each object that a rebuild lost."""
        if facts.set.provider is not Provider.SQLITE:
            return
        revisions = {revision.id: revision for revision in facts.revisions}
        for step in facts.steps:
            operations = tuple(operations_of(revisions[step.revision].tree))
            dropped = frozenset(_dropped(operations))
            for name in sorted({t for o in operations if o.batch for t in o.tables}):
                before, after = step.before.table(name), step.after.table(name)
                if before is not None and after is not None:
                    yield from _breaches(facts, revisions[step.revision], (before, after), dropped)


def _breaches(
    facts: SetFacts, revision: RevisionFacts, tables: tuple[Table, Table], dropped: frozenset[str]
) -> Iterator[Finding]:
    before, after = (dict(_objects(table)) for table in tables)
    for thing, names in before.items():
        if thing not in after and not dropped.intersection(names):
            message = f'its batch operation on "{tables[0].name}" loses {thing}'
            yield breach(NAME, facts.subject(revision.id), message, hint=_HINT)


def _objects(table: Table) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """Yield all that a rebuild may lose, in words, with the names whose drop takes it along."""
    yield from ((f'trigger "{trigger.name}"', (trigger.name,)) for trigger in table.triggers)
    for index in table.indexes:
        names = (index.name, *(part.column for part in index.parts))
        yield from ((words, names) for words in _of_index(index))
    for column in table.columns:
        yield from ((words, (column.name,)) for words in _of_column(column))
    for check in table.checks:
        yield (
            f'CHECK "{check.name}"' if check.name else f"CHECK ({check.expression})",
            (check.name,),
        )
    for key in table.foreign_keys:
        yield from ((words, (key.name, *key.columns)) for words in _of_foreign_key(key))
    for unique in table.uniques:
        yield f"UNIQUE ({', '.join(unique.columns)})", (unique.name, *unique.columns)
    for word, there in {"STRICT": table.strict, "WITHOUT ROWID": table.without_rowid}.items():
        yield from [(word, ())] if there else []


def _of_index(index: Index) -> Iterator[str]:
    name = f'index "{index.name}"'
    yield name
    if index.predicate is not None:
        yield f"the predicate of {name}"
    for at, part in enumerate(index.parts, 1):
        if part.descending:
            yield f"DESC of key {at} of {name}"
        if part.collation:
            yield f"COLLATE {part.collation} of key {at} of {name}"


def _of_column(column: Column) -> Iterator[str]:
    name = f'"{column.name}"'
    if column.identity is Identity.AUTOINCREMENT:
        yield f"AUTOINCREMENT of {name}"
    if column.collation:
        yield f"COLLATE {column.collation} of {name}"
    if column.generated is not Generated.NO:
        yield f"the generation of column {name}"


def _of_foreign_key(key: ForeignKey) -> Iterator[str]:
    name = f'the foreign key to "{key.table}" on {", ".join(key.columns)}'
    yield name
    actions: Mapping[str, str] = {"ON DELETE": key.on_delete, "ON UPDATE": key.on_update}
    yield from (f"{on} {act} of {name}" for on, act in actions.items() if act != "NO ACTION")
    yield from [f"DEFERRABLE of {name}"] if key.deferrable else []


def _dropped(operations: tuple[Operation, ...]) -> Iterator[str]:
    """Yield the names that a revision drops or renames itself, in code or in SQL."""
    for operation in operations:
        renames = keyword(operation.call, "new_column_name") is not None
        if operation.verb.startswith("drop_") or renames:
            yield from operation.names
        tokens = [token for sql in operation.sql for token in words_of(sql)]
        if any(token.keyword == "DROP" for token in tokens):
            yield from (token.value for token in tokens)


rules.register(NAME, Batch())
