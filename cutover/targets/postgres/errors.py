"""What a server says, as errors of our own: who must act, and the exact thing to do.

libpq gives no SQLSTATE for a connection that failed, only text, so `connection_error` reads the
text; `statement_error` goes by SQLSTATE
(https://www.postgresql.org/docs/current/errcodes-appendix.html). A password is never repeated.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from cutover.errors import CutoverError, Partial, TargetError, TryAgain

_AGAIN = "run the same command again"

# Each row: what the server or libpq says, the error, what we say, what to do. The first that
# matches wins. `{1}` is what the pattern's group found.
_REFUSALS: tuple[tuple[str, type[CutoverError], str, str], ...] = (
    (
        r"password authentication failed for user \"(.*?)\"",
        TargetError,
        'the target refused the password of role "{1}"',
        "put the right one into the URL, or set it: ALTER ROLE \"{1}\" PASSWORD '…'",
    ),
    (
        r"no password supplied",
        TargetError,
        "the target wants a password, and the URL has none",
        "write postgresql://user:password@host/database, or use CUTOVER_TARGET_URL_FILE",
    ),
    (
        r"database \"(.*?)\" does not exist",
        TargetError,
        'database "{1}" does not exist on the target server',
        'create it: CREATE DATABASE "{1}"',
    ),
    (
        r"role \"(.*?)\" does not exist",
        TargetError,
        'role "{1}" does not exist on the target server',
        "create it: CREATE ROLE \"{1}\" LOGIN PASSWORD '…'",
    ),
    (
        r"role \"(.*?)\" is not permitted to log in",
        TargetError,
        'role "{1}" may not log in on the target server',
        'allow it: ALTER ROLE "{1}" LOGIN',
    ),
    (
        r"permission denied for database \"(.*?)\"",
        TargetError,
        'no privilege to connect to database "{1}"',
        'grant it: GRANT CONNECT ON DATABASE "{1}" TO the role of the URL',
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects|authentication failed for user",
        TargetError,
        "the target server does not let this role in from here",
        "add a line for it to the server's pg_hba.conf, then SELECT pg_reload_conf()",
    ),
    (
        r"server does not support SSL",
        TargetError,
        "the target server does not speak TLS, which is asked of every host that is not local",
        "turn on ssl on the server, or trust the network: add sslmode=disable to the URL",
    ),
    (
        r"certificate|SSL error|SSL SYSCALL",
        TargetError,
        "no TLS connection to the target could be made",
        "name the right sslmode and sslrootcert in the URL",
    ),
    (
        r"the database system is",
        TryAgain,
        "the target server is not ready",
        _AGAIN,
    ),
    (
        r"too many (clients|connections)|connection slots are reserved",
        TryAgain,
        "the target server has no connection free",
        f"close some, or raise max_connections, then {_AGAIN}",
    ),
    (
        r"FATAL:",
        TargetError,
        "the target server refused the connection",
        "do as the server says, or name another server with --target",
    ),
)


def connection_error(error: psycopg.Error, place: str, password: str) -> CutoverError:
    """Return what a failed connection means; `place` names host and database to a person."""
    said = " ".join(str(error).split())
    said = said.replace(password, "***") if password else said
    for pattern, kind, message, hint in _REFUSALS:
        if found := re.search(pattern, said):
            named = (found[1] or "") if found.lastindex else ""
            what_to_do = hint.replace("{1}", named)
            return kind(message.replace("{1}", named), detail=said, hint=what_to_do)
    hint = "start the server, or name the right one with --target; then run the same command again"
    return TryAgain(f"the target {place} is not reachable", detail=said, hint=hint)


@contextmanager
def target_errors(subject: str) -> Iterator[None]:
    """Turn psycopg's errors in the block into ours; `subject` says what was being done, quoted."""
    try:
        yield
    except psycopg.Error as error:
        if interrupt := _interrupt_behind(error):
            raise interrupt from None
        raise statement_error(error, subject) from error


def _interrupt_behind(error: BaseException) -> KeyboardInterrupt | None:
    """Return the interrupt that led to an error: leaving a transaction on its way out can fail."""
    behind = error.__cause__ or error.__context__
    while behind is not None and not isinstance(behind, KeyboardInterrupt):
        behind = behind.__cause__ or behind.__context__
    return behind


def statement_error(error: psycopg.Error, subject: str) -> CutoverError:
    """Return what an error in the middle of work means."""
    state = error.sqlstate or ""
    detail = _detail(error)
    if state.startswith("08") or (state.startswith("57P") and state != "57P03"):
        return _lost(subject, detail)
    if not state and isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return _lost(subject, detail)
    kind, message, hint = _KNOWN.get(state, (TargetError, "{0} failed on the target", ""))
    return kind(message.format(subject), detail=detail, hint=hint)


def _lost(subject: str, detail: str) -> Partial:
    return Partial(f"the connection to the target was lost: {subject}", detail=detail, hint=_AGAIN)


_LOCKED = (
    TryAgain,
    "another session of the target holds a lock: {0}",
    f"look in pg_stat_activity who it is; then {_AGAIN}",
)
_READ_ONLY = (
    TargetError,
    "the target takes no writes: {0}",
    "name the primary server with --target, and look at default_transaction_read_only",
)
_FULL = (
    TargetError,
    "the target's disk is full: {0}",
    f"free space on the server, then {_AGAIN}; it resumes",
)
_REPEATED = (
    TargetError,
    "{0} failed on the target: rows repeat its key",
    "a rehearsal names the rows: cutover apply --allow rejected-rows, then cutover status --ledger "
    "FILE; make them different in the source, or leave them out: [rows]",
)
_KNOWN: dict[str, tuple[type[CutoverError], str, str]] = {
    "23505": _REPEATED,
    "25006": _READ_ONLY,
    "3F000": (TargetError, "{0} failed: the schema is missing", "create it: CREATE SCHEMA …"),
    "40001": _LOCKED,
    "40P01": _LOCKED,
    "42501": (
        TargetError,
        "a privilege is missing on the target: {0}",
        "let the owner of the schema grant what the detail names, or use the owner's URL",
    ),
    "53100": _FULL,
    "53200": (TargetError, "the target server is out of memory: {0}", _AGAIN),
    "53300": (TryAgain, "the target server has no connection free: {0}", _AGAIN),
    "55P03": _LOCKED,
    "57014": (Partial, "the target canceled the statement: {0}", _AGAIN),
    "57P03": (TryAgain, "the target server is not ready: {0}", _AGAIN),
}


def _detail(error: psycopg.Error) -> str:
    primary = error.diag.message_primary
    if not primary:
        return " ".join(str(error).split())
    stated = _without_values(error.diag.message_detail or "")
    parts = [f"{error.sqlstate}: {primary}", stated, error.diag.message_hint]
    return "; ".join(part for part in parts if part)


def _without_values(detail: str) -> str:
    """Return what a server says of a row without the row: its values may be secrets.

    `Failing row contains (…)` goes; of `Key (state)=(…) already exists` the columns stay.
    """
    if detail.startswith("Failing row contains"):
        return ""
    return re.sub(r"\)=\(.*\) ", ") ", detail, flags=re.DOTALL)
