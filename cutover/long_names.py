"""A name that is too long for PostgreSQL, which would cut it with a mere notice."""

import hashlib

NAME_BYTES_MAX = 63
"""PostgreSQL's NAMEDATALEN less one."""


def fit_name(name: str) -> str:
    """Return a name as PostgreSQL can hold it: in 63 bytes, a longer one cut and given a digest.

    PostgreSQL itself would cut it with a mere notice, and two long names could become one.
    """
    if len(name.encode()) <= NAME_BYTES_MAX:
        return name
    tail = hashlib.sha256(name.encode()).hexdigest()[:8]
    head = name.encode()[: NAME_BYTES_MAX - len(tail) - 1].decode(errors="ignore")
    return f"{head}_{tail}"
