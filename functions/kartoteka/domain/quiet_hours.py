"""When a client may be written to: not at night, in the time zone that their number tells.

Source: time zones of libphonenumber. Its data is loaded on first use.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNKNOWN = "Etc/Unknown"


def zone_of(phones: Iterable[str], office: str) -> str:
    """Return the time zone of a client; a number that may be in several is in the office's.

    Args:
        phones: E.164; the first that has any zone decides.
        office: the zone of the office.
    """
    zones = next(filter(None, map(_zones, phones)), ())
    if not zones or (len(zones) > 1 and office in zones):
        return office
    return zones[0]


def next_open(moment: datetime, zone: str, quiet: tuple[time, time]) -> datetime:
    """Return the moment itself, or the end of the quiet hours that it falls into.

    Args:
        moment: aware.
        zone: of the client.
        quiet: when the quiet hours begin and end; equal: there are none.
    """
    begins, ends = quiet
    local = moment.astimezone(ZoneInfo(zone))
    if begins == ends or not _is_quiet(local.time(), begins, ends):
        return moment
    day = local.date() + timedelta(days=1 if begins > ends and local.time() >= begins else 0)
    return datetime.combine(day, ends, ZoneInfo(zone)).astimezone(UTC)


def _is_quiet(clock: time, begins: time, ends: time) -> bool:
    if begins < ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def _zones(phone: str) -> tuple[str, ...]:
    import phonenumbers
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ()
    found = tuple(timezone.time_zones_for_number(number))
    return tuple(zone for zone in found if zone != _UNKNOWN and _exists(zone))


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
