"""Log in without a stored password: a token is the password, got when a connection is made.

Which login a URL asks for is said in the URL itself, by a query key that libpq never sees:
`postgresql://app@host/app?cutover_auth=azure`. `[target] auth` puts it there, so the login goes
wherever the URL goes, and no secret with it.

Azure Database for PostgreSQL takes an access token of Microsoft Entra for its own resource as the
password of a role that is named like the identity. It lives for up to a day, and is asked for only
while a session starts
(https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-configure-sign-in-azure-ad-authentication).
`azure-identity` finds the identity (workload identity, managed identity, environment, `az login`),
keeps its token in memory, and gets another five minutes before it expires; so nothing is kept here.
"""

import difflib
import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cutover.errors import TryAgain, UsageError

KEY = "cutover_auth"
AZURE_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"

_STATED = re.compile(rf"(?<=[?&]){KEY}=([^&]*)(?:&|$)")
_TLS = ("require", "verify-ca", "verify-full")


def with_method(url: str, method: str | None) -> str:
    """Return a URL that asks for a login; as it is where it already does, or is no URL."""
    matched = re.match(r"postgres(?:ql)?://(?:[^@/]*@)?", url)
    if not (method and matched) or _STATED.search(url):
        return url
    return f"{url}{'&' if '?' in url[matched.end() :] else '?'}{KEY}={method}"


def split_url(url: str) -> tuple[str, str]:
    """Return a URL as libpq takes it, and the login that it asks for, or an empty text."""
    stated = _STATED.search(url)
    return (_STATED.sub("", url).rstrip("?&"), stated[1]) if stated else (url, "")


def login(method: str, stated: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that a login adds to a URL's own: none where it has a password.

    UsageError for an unknown login, a missing library, and where the token could go over a network
    without TLS. TryAgain where no token is to be had.
    """
    if not method or stated.get("password"):
        return {}
    if method not in _LOGINS:
        near = difflib.get_close_matches(method, _LOGINS, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(_LOGINS)}"
        raise UsageError(f'there is no login "{method[:60]}"', hint=hint)
    return _encrypted(stated) | {"password": _LOGINS[method]()}


def _encrypted(stated: Mapping[str, Any]) -> dict[str, str]:
    """Require TLS of anything but a Unix socket; a service file or PGHOST may name any host."""
    host = str(stated.get("host") or "")
    if host.startswith(("/", "@")) and "," not in host and not stated.get("hostaddr"):
        return {}
    mode = str(stated.get("sslmode") or _TLS[0])
    if mode not in _TLS:
        message = f'a token is not sent over a connection that may do without TLS: sslmode="{mode}"'
        raise UsageError(message, hint=f"leave sslmode out, or use one of {', '.join(_TLS)}")
    return {"sslmode": mode}


def _azure_token() -> str:
    try:
        import azure.identity  # noqa: PLC0415 - an extra
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - the same
    except ImportError as error:
        message = 'the login "azure" needs the extra "azure"'
        raise UsageError(message, hint="pip install 'cutover[azure]'") from error
    try:
        return str(
            _azure_credential(azure.identity.DefaultAzureCredential).get_token(AZURE_SCOPE).token
        )
    except AzureError as error:
        detail = " ".join(str(error.message).split())
        hint = "give the pod its identity (AZURE_CLIENT_ID, service account), or: az login"
        raise TryAgain("no token from Microsoft Entra", detail=detail, hint=hint) from error


@cache
def _azure_credential(make: Callable[[], Any]) -> Any:
    # What it warns of is in the error too; without a handler Python would print it a second time.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    return make()


_LOGINS: Mapping[str, Callable[[], str]] = {"azure": _azure_token}
