"""Is every CREATE or DROP INDEX CONCURRENTLY alone in its revision, and outside a transaction?

PostgreSQL refuses it inside one, so it stands in `with op.get_context().autocommit_block():`. That
block commits what the revision did before. When the build then fails, which is what such builds do
under load, the earlier statements stay, the version is the old one, an invalid index is left, and
the next run stops at the first "already exists". A revision that does nothing else can be run
again; a setting, and a drop with IF EXISTS of what a failed build left, may stand beside it. See
https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
SQL in files that a revision reads is not looked at.
"""

import ast
import itertools
from collections.abc import Iterator

from cutover.catalog import Provider
from cutover.dialect.created import words_of
from cutover.operations import Operation, keyword, operations_of
from cutover.plan import Finding
from cutover.registry import rules
from cutover.rules.common import breach
from cutover.set_facts import RevisionFacts, SetFacts

NAME = "concurrently"
_BLOCK = "put it in `with op.get_context().autocommit_block():`"


class Concurrently:
    """Reads the operations of each upgrade and each downgrade."""

    name = NAME

    def find(self, facts: SetFacts) -> Iterator[Finding]:
        """Yield what stands inside a transaction, and what doesn't stand alone."""
        if facts.set.provider is not Provider.POSTGRES:
            return
        for revision in facts.revisions:
            for function in ("upgrade", "downgrade"):
                for message, hint in _wrong(revision, function):
                    yield breach(NAME, facts.subject(revision.id), message, hint=hint)


def _wrong(revision: RevisionFacts, function: str) -> Iterator[tuple[str, str]]:
    everything = [o for o in operations_of(revision.tree, function) if o.changes]
    found = [operation for operation in everything if _concurrent(operation)]
    for operation in found:
        if not operation.autocommit:
            at = f"line {operation.line}: {_named(operation)} is inside a transaction"
            yield at, _BLOCK
    builds = [operation for operation in found if not _repeatable(operation)]
    others = [o for o in everything if o not in builds[:1] and not _repeatable(o)]
    if builds and others:
        lines = ", ".join(str(operation.line) for operation in others)
        message = f"line {builds[0].line}: {_named(builds[0])} is not alone in {function}()"
        word = "line" if len(others) == 1 else "lines"
        yield f"{message}; see {word} {lines}", "give it a revision of its own"


def _concurrent(operation: Operation) -> bool:
    if operation.verb in ("create_index", "drop_index"):
        wanted = keyword(operation.call, "postgresql_concurrently")
        return isinstance(wanted, ast.Constant) and wanted.value is True
    words = [token.keyword for sql in operation.sql for token in words_of(sql)]
    pairs = set(itertools.pairwise(words))
    return ("INDEX", "CONCURRENTLY") in pairs or ("REINDEX" in words and "CONCURRENTLY" in words)


def _repeatable(operation: Operation) -> bool:
    """Tell whether it may run before every attempt: a setting, a drop of what a failure left."""
    if_exists = keyword(operation.call, "if_exists")
    if operation.verb == "drop_index":
        return isinstance(if_exists, ast.Constant) and if_exists.value is True
    words = [token.keyword for sql in operation.sql for token in words_of(sql)]
    return words[:1] in (["SET"], ["RESET"]) or (words[:1] == ["DROP"] and "EXISTS" in words)


def _named(operation: Operation) -> str:
    names = " ".join(f'"{name}"' for name in operation.names[:1])
    return f"{operation.verb}({names})" if names else "a CONCURRENTLY"


rules.register(NAME, Concurrently())
