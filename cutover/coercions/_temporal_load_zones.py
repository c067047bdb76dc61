"""Load's side of zones: the offset that a text lacks, or the clock that an instant is put on."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from cutover.abc import Options
from cutover.coercions._questions import Raised

FIRST_DAY, LAST_DAY = "0001-01-02", "9999-12-31"
"""Between these no offset leads out of the years 1 to 9999."""

Placed = Callable[[str, str | None], str]
"""Takes a date and time with its offset, None where it has none."""


def placing(options: Options) -> Placed:
    """Return what joins a date and time with its offset, or puts it on the zone's clock."""
    zone = ZoneInfo(options["zone"]) if "zone" in options else None
    if options["type"] == "timestamp without time zone":
        return lambda head, offset: checked(head) if offset is None else _clock(head, offset, zone)
    is_utc = options.get("zone") == "UTC"

    def place(head: str, offset: str | None) -> str:
        if offset is None:
            offset = "+00:00" if is_utc else _offset(head, zone)
        if FIRST_DAY < head < LAST_DAY:
            return head + offset
        return _edge(head, offset).isoformat(" ")

    return place


def checked(head: str) -> str:
    """Return a date that is not before the year 1. ValueError for one that is."""
    if head < "0001":
        raise Raised("absent", f"{head!r} is before the year 1")
    return head


def _offset(head: str, zone: tzinfo | None) -> str:
    """Return the offset of a local time, `+02:00`. ValueError where there are two or none."""
    if zone is None:
        raise Raised("zone", f"{head!r} carries no time zone")
    local = datetime.fromisoformat(head).replace(tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise Raised("ambiguous", f"{head!r} is ambiguous or skipped in the zone {zone}")
    text = local.isoformat()
    return text[max(text.rfind("+"), text.rfind("-")) :]


def _clock(head: str, offset: str, zone: tzinfo | None) -> str:
    if zone is None:
        raise Raised("zone", f"{head + offset!r} is an instant, and its clock is not known")
    moment = _edge(head, offset)
    try:
        return moment.astimezone(zone).replace(tzinfo=None).isoformat(" ")
    except OverflowError as error:
        raise Raised("range", f"{head + offset!r} is outside the years 1 to 9999") from error


def _edge(head: str, offset: str) -> datetime:
    try:
        return datetime.fromisoformat(head + offset).astimezone(UTC)
    except OverflowError as error:
        raise Raised("range", f"{head + offset!r} is outside the years 1 to 9999") from error
