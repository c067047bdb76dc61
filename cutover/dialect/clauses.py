"""Clauses of a CREATE TABLE that the pragmas don't tell and PostgreSQL has no DDL for.

`NOT NULL ON CONFLICT REPLACE` puts the default in the place of a NULL, IGNORE drops the row
(https://sqlite.org/lang_conflict.html); `MATCH FULL` is parsed and never enforced
(https://sqlite.org/foreignkeys.html#fk_unsupported), where PostgreSQL would enforce it. A statement
that can't be cut into its parts has no clauses: the inspection has said so already.
"""

from collections.abc import Mapping, Sequence

from cutover.dialect.tokens import Token, closing, split_commas, tokenize

ABORTS = "ABORT"
"""What every constraint does that says nothing, and all that PostgreSQL does."""
_NOT_NULL = ["NOT", "NULL", "ON", "CONFLICT"]


def not_null_conflicts(definition: str) -> Mapping[str, str]:
    """Return what is done with a NULL instead of refusing it, by column as it is written.

    >>> not_null_conflicts("CREATE TABLE t (a NOT NULL ON CONFLICT IGNORE, b NOT NULL)")
    {'a': 'IGNORE'}
    """
    found = {}
    for part in _parts(definition):
        words = [token.keyword for token in part]
        for at in range(len(words) - len(_NOT_NULL)):
            ends = at + len(_NOT_NULL)
            if words[at:ends] == _NOT_NULL and words[ends] != ABORTS:
                found[part[0].value] = words[ends]
    return found


def foreign_key_matches(definition: str) -> tuple[str, ...]:
    """Return the word after MATCH of every foreign key, in the order they are written.

    SIMPLE, which both engines do, where there is none.

    >>> foreign_key_matches("CREATE TABLE t (a REFERENCES p MATCH full, b REFERENCES p)")
    ('FULL', 'SIMPLE')
    """
    return tuple(word for part in _parts(definition) for word in _matches(part))


def _matches(part: Sequence[Token]) -> list[str]:
    words = [token.keyword for token in part]
    starts = [at for at, word in enumerate(words) if word == "REFERENCES"]
    ends = [*starts[1:], len(words)]
    return [_match(words[start:end]) for start, end in zip(starts, ends, strict=False)]


def _match(words: Sequence[str]) -> str:
    given = words.index("MATCH") + 1 if "MATCH" in words else len(words)
    return words[given] if given < len(words) else "SIMPLE"


def _parts(definition: str) -> tuple[tuple[Token, ...], ...]:
    """Return what stands between the commas of the outer parentheses."""
    try:
        tokens = tokenize(definition)
        opening = next(at for at, token in enumerate(tokens) if token.text == "(")
        return split_commas(tokens[opening + 1 : closing(tokens, opening)])
    except (ValueError, StopIteration):
        return ()
