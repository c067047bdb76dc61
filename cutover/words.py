"""Counts as words: the one place that knows how a noun is counted."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "row"), counted(12_000, "row"), counted(2, "foreign key"), counted(2, "entry")
    ('1 row', '12,000 rows', '2 foreign keys', '2 entries')
    """
    if count == 1:
        return f"{count:,} {noun}"
    plural = f"{noun[:-1]}ies" if noun[-1] == "y" and noun[-2] not in "aeou" else f"{noun}s"
    return f"{count:,} {plural}"


def sized(bytes_: int) -> str:
    """Return a size as PostgreSQL counts it, in powers of 1024.

    >>> sized(512), sized(1536), sized(3 * 1024**3), sized(2**60)
    ('512 bytes', '1.5 kB', '3 GB', '1048576 TB')
    """
    size, unit = float(bytes_), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"
