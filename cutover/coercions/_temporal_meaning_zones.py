"""Verify's side of zones: the one instant at which a zone's clocks read a local time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cutover.abc import Options


def zone_of(options: Options) -> ZoneInfo:
    """Return the declared zone. ValueError where there is none."""
    if "zone" not in options:
        raise ValueError("a local time without a declared zone means no instant")
    return ZoneInfo(options["zone"])


def located(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the only instant at which the zone's clocks read that time.

    ValueError where there are two, or none.
    """
    readings = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    shown = [at for at in readings if at.astimezone(zone).replace(tzinfo=None) == local]
    if len(readings) > 1 or not shown:
        raise ValueError(f"{local} is ambiguous or skipped in the zone {zone}")
    return shown[0]


def in_utc(moment: datetime) -> datetime:
    """Return an instant in UTC. ValueError where that is in no year from 1 to 9999."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment} is outside the years 1 to 9999") from error
