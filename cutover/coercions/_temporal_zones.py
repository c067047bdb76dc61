"""Which texts say their offset, which zone is declared for the rest, and who is left without."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cutover.abc import ColumnFacts
from cutover.coercions._rulings import Asker
from cutover.coercions._temporal_units import is_number
from cutover.plan import Finding
from cutover.profile import has_zone, is_date, is_datetime

INSTANTS = ("timestamp with time zone", "timestamp without time zone")


def is_instant(form: str) -> bool:
    """Tell whether a form can be read as a date with a time of day."""
    return is_datetime(form) or is_date(form) or is_number(form)


def spelling(asker: Asker) -> str:
    """Return `zoned` or `naive` where all text is one of the two, else `mixed`."""
    zoned, all_ = asker.forms(has_zone).count, asker.forms(lambda _: True).count
    if zoned == all_:
        return "zoned"
    naive = asker.forms(lambda form: is_datetime(form) and not has_zone(form)).count
    return "naive" if naive == all_ else "mixed"


def zone_option(facts: ColumnFacts) -> dict[str, str]:
    """Return the declared zone, where it is one."""
    zone = facts.settings.zone
    if not zone or not _is_zone(zone):
        return {}
    return {"zone": "UTC" if zone.upper() == "UTC" else zone}


def zones(asker: Asker, type_: str) -> Iterator[Finding]:
    """Yield the values that want a zone, where none is declared."""
    zone = asker.facts.settings.zone
    if zone and not _is_zone(zone):
        hint = f"name a zone of the IANA database, such as UTC, {asker.setting('zone', 'UTC')}"
        yield from asker.refuse_range("are in a zone that is not known", hint, f'zone "{zone}"')
    if zone:
        return
    zoned = asker.forms(has_zone)
    if type_ == "timestamp with time zone":
        naive = asker.forms(
            lambda form: is_instant(form) and not (has_zone(form) or is_number(form))
        )
        hint = f"If they are UTC, say so {asker.setting('zone', 'UTC')}"
        detail = f"{zoned.count:,} other values carry one" if zoned.count else ""
        yield from asker.refuse(naive, "carry no time zone", hint, detail)
        return
    setting = asker.setting("zone", "UTC")
    hint = f"{asker.retype('timestamptz')}; or say on which zone's clock {setting}"
    instants = asker.forms(lambda form: has_zone(form) or is_number(form))
    yield from asker.refuse(instants, "mean instants, which a timestamp without zone drops", hint)
    numbers = asker.stored("integer", "real")
    yield from asker.refuse(numbers, "mean instants, which a timestamp without zone drops", hint)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
