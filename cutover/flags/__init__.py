"""The provider flag: the one value that says which database the application opens.

An application reads it at its start and opens that provider, in these lines:

    from cutover.flags import read_provider

    match read_provider("file:/etc/app/provider.json"):
        case "sqlite":
            engine = create_engine("sqlite:///app.db")
        case "postgres":
            engine = create_engine(os.environ["DATABASE_URL"])

What can't be read, and any other value, is an error: a typo never selects SQLite. A store is one
module of this package, and its driver is imported when it is first asked.
"""

import difflib
from pathlib import Path
from typing import Any

from cutover.abc import Flag, FlagStore
from cutover.catalog import Provider
from cutover.errors import FlagError, UsageError
from cutover.registry import flag_stores

__all__ = ["Flag", "FlagStore", "Provider", "open_store", "read_provider"]


def read_provider(url: str, *, default: Provider | None = None) -> Provider:
    """Return the provider that a flag names, `default` where it was never set.

    FlagError where the store doesn't answer or holds an unknown value, and where the flag was
    never set and there is no default. UsageError for a URL that names no store.
    """
    flag = open_store(url).read()
    if flag is not None:
        return Provider(flag.value)
    if default is None:
        scheme, _, place = url.partition(":")
        hint = "set it: cutover flip; or give the application a default for the time before"
        raise FlagError(
            f'the flag "{scheme}:{without_credentials(place)}" was never set', hint=hint
        )
    return default


def open_store(url: str, *, base: Path = Path(), target_url: str | None = None) -> FlagStore:
    """Return the store that a URL such as `file:provider.json` names; nothing is opened yet.

    Relative paths start at `base`; `target_url` is what `postgres:` without a URL of its own
    means. UsageError for an unknown scheme, and for a place that the store can make nothing of.
    """
    scheme, _, place = url.partition(":")
    stores = flag_stores.all()
    if scheme not in stores:
        near = difflib.get_close_matches(scheme, stores, n=1)
        hint = f'did you mean "{near[0]}:"?' if near else "begin the URL with one of them"
        schemes = ", ".join(f"{name}:" for name in stores)
        message = f'there is no flag store "{scheme}:"'
        raise UsageError(message, detail=f"there are {schemes}", hint=hint)
    # A store whose places are relative to something says so in a static method `resolve`.
    resolve: Any = getattr(stores[scheme], "resolve", None)
    return stores[scheme](resolve(place, base, target_url) if resolve else place)


def known(value: str, where: str) -> str:
    """Return a stored value that is a provider's name, exactly. FlagError for any other text."""
    providers = [provider.value for provider in Provider]
    if value in providers:
        return value
    near = difflib.get_close_matches(value.strip().lower(), providers, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"write one of: {', '.join(providers)}"
    detail = "an unknown value selects no provider, and never SQLite"
    raise FlagError(f'{where} holds the unknown provider "{value[:60]}"', detail=detail, hint=hint)


def without_credentials(place: str) -> str:
    """Return a URL without user, password and query; any other place as it is."""
    scheme, slashes, rest = place.partition("://")
    return rest.rpartition("@")[2].partition("?")[0] if slashes else scheme


def assert_same(stored: Flag | None, expected: Flag | None, where: str) -> None:
    """Raise FlagError where someone moved the flag since it was read: other value or generation."""
    if _position(stored) == _position(expected):
        return
    raise FlagError(
        f"{where} was moved by someone else; nothing was changed",
        detail=f"expected {_words(expected)}, found {_words(stored)}",
        hint="cutover status, then decide again",
    )


def _position(flag: Flag | None) -> tuple[str, int] | None:
    return None if flag is None else (str(flag.value), flag.generation)


def _words(flag: Flag | None) -> str:
    return f'"{flag.value}" in generation {flag.generation}' if flag else "no flag"
