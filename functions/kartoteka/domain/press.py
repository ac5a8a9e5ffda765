"""A press of a button under a notice: what is wanted, with which record, as whoever saw it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MARK = "press:"  # how the id of a message begins that is a press
_HEAD = "k"
_APART = ":"
_PARTS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)
_LONGEST = 64  # bytes; Telegram takes no more


@dataclass(frozen=True, slots=True)
class Press:
    """One button: the act, the record it is about, and its version when it was shown."""

    act: str
    record: str
    expected: datetime | None = None


def spelled(press: Press) -> str:
    """Return the press as at most 64 bytes of text.

    Raises:
        ValueError: the record's id is too long.
    """
    found = _APART.join((_HEAD, press.act, press.record, _version(press.expected)))
    if len(found.encode()) > _LONGEST:
        raise ValueError(f"a button about {press.record} is too long")
    return found


def read(text: str) -> Press | None:
    """Return the press behind the text, None when it is anything else."""
    parts = text.split(_APART)
    if len(parts) != _PARTS or parts[0] != _HEAD or len(text) > _LONGEST:
        return None
    _, act, record, version = parts
    if not act or not record or not set(version) <= set(_DIGITS):
        return None
    micros = int(version, _BASE) if version else None
    try:
        moment = None if micros is None else _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None
    return Press(act, record, moment)


def _version(moment: datetime | None) -> str:
    if moment is None:
        return ""
    left, found = (moment - _EPOCH) // timedelta(microseconds=1), ""
    while left:
        left, digit = divmod(left, _BASE)
        found = _DIGITS[digit] + found
    return found
