"""How long working books show what was closed; behind that it belongs into the archive."""

from datetime import UTC, datetime, timedelta

from sync.columns import Frame, Span

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def aged_by(frame: Frame) -> datetime:
    """Return the moment before which what was closed belongs into the archive."""
    return frame.now - timedelta(days=frame.settings.office.archive_days) if frame.now else _EVER


def lately(frame: Frame) -> Span:
    """Return the time whose closed records working books still show."""
    return Span(aged_by(frame), _NEVER)
