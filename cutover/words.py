"""Counts as words: the one place that knows how a noun is counted."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "row"), counted(12_000, "row"), counted(2, "foreign key")
    ('1 row', '12,000 rows', '2 foreign keys')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
