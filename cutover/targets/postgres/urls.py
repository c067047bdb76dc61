"""Take libpq URLs apart the way libpq does, and put them together again.

`urllib.parse` is no help here: it cuts at `#`, which libpq leaves alone, and drops the empty
authority of `postgresql:///name?host=/run/postgresql`. The credentials end at the first `@` before
a slash, the authority at the next `/` or `?`, the database name at the next `?`
(https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import conninfo, pq

from cutover.auth import split_url
from cutover.errors import UsageError

_URL = re.compile(r"(postgres(?:ql)?://)((?:[^@/]*@)?[^/?]*)(?:/([^?]*))?(?:\?(.*))?", re.DOTALL)
_HINT = "a URL reads postgresql://user:password@host:5432/database?sslmode=require"


def database_url(url: str, name: str) -> str:
    """Return the URL of another database on the same server. UsageError for what is no URL."""
    scheme, authority, _, query = _parts(url)
    kept = "&".join(p for p in query.split("&") if p and p.partition("=")[0] != "dbname")
    return f"{scheme}{authority}/{quote(name, safe='')}" + (f"?{kept}" if kept else "")


def parse_url(url: str) -> dict[str, Any]:
    """Return the connection parameters that a URL states, its login apart (`cutover.auth`).

    UsageError where libpq can't read it.
    """
    _parts(url)
    try:
        parameters = dict(conninfo.conninfo_to_dict(split_url(url)[0]))
    except psycopg.ProgrammingError as error:
        # libpq quotes what it can't read, and that may be a piece of a password.
        said = str(error).strip()
        detail = said if said.startswith("invalid URI query parameter") else ""
        message = "the target URL can't be read by libpq"
        raise UsageError(message, detail=detail, hint=_HINT) from None
    for name, (fits, what) in _CHECKED.items():
        if not all(map(fits, filter(None, str(parameters.get(name, "")).split(",")))):
            # Not repeated: a password whose @host is missing reads as a port.
            raise UsageError(f"the {name} of the target URL is not {what}", hint=_HINT)
    return parameters


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) < 2**16


_SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# What libpq finds out only while it connects, and then reports as if the server were away.
_CHECKED: dict[str, tuple[Callable[[str], bool], str]] = {
    "port": (_is_port, "a port number"),
    "connect_timeout": (lambda text: text.lstrip("-").isdecimal(), "a number of seconds"),
    "sslmode": (_SSLMODES.__contains__, f"one of {', '.join(_SSLMODES)}"),
}


def is_local(parameters: dict[str, Any]) -> bool:
    """Tell whether every host is this machine: a socket directory, localhost, a loopback address.

    Where the URL names none, libpq's own defaults count (PGHOST, else the local socket).
    """
    defaults = {option.keyword: option.val for option in pq.Conninfo.get_defaults()}
    for key in (b"hostaddr", b"host"):
        text = str(parameters.get(key.decode()) or (defaults.get(key) or b"").decode())
        if text:
            return all(_is_local_host(host) for host in text.split(","))
    return True


def _is_local_host(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(url: str) -> tuple[str, str, str, str]:
    matched = _URL.fullmatch(url)
    if matched is None:
        driver = re.match(r"postgres(?:ql)?\+(\w+)://", url)
        detail = f'"+{driver[1]}" is SQLAlchemy\'s way to name a driver' if driver else ""
        raise UsageError("the target is not a PostgreSQL URL", detail=detail, hint=_HINT)
    scheme, authority, database, query = matched.groups()
    return scheme, authority, database or "", query or ""
