"""Serial numbers: days since 30 December 1899, the fraction is the time of day."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
DAY_SECONDS = 86400


def to_serial(moment: datetime) -> float:
    """Return the serial number of a wall-clock moment; its time zone is ignored."""
    seconds = (moment.replace(tzinfo=UTC) - EPOCH).total_seconds()
    serial = seconds / DAY_SECONDS
    return int(serial) if serial == int(serial) else serial


def from_serial(serial: float) -> datetime | None:
    """Return the wall-clock moment of a serial, to the millisecond; None beyond the calendar."""
    try:
        milliseconds = round(serial * DAY_SECONDS * 1000)
        return EPOCH + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return None
