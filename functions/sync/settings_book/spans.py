"""How long to wait, as people write it: «2 раб. дн.», «30 мин», «4 ч до конца дня»."""

import re

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.worktime import Delay
from sync.columns import Frame

_PART = re.compile(r"(\d{1,4})\s*([^\d,;]+)")
_HOUR = 60
_UNITS = ("work_days", "days", "hours", "minutes")


def shown(delay: Delay | None, frame: Frame) -> str:
    """Return a delay in the office's words, empty for none."""
    if delay is None:
        return ""
    hours, minutes = divmod(delay.work_minutes, _HOUR)
    counts = {"work_days": delay.work_days, "days": delay.days, "hours": hours, "minutes": minutes}
    words = [f"{counts[unit]} {_names(unit, frame)[0]}" for unit in _UNITS if counts[unit]]
    if delay.to_close:
        words.append(frame.say("span_to_close"))
    return " ".join(words) or f"0 {_names('minutes', frame)[0]}"


def read(typed: str, frame: Frame) -> JsonValue:
    """Return the delay that a cell means, as commands take it; None for an empty one.

    Raises:
        Invalid: no delay can be read; says how one is written.
    """
    said = " ".join(typed.casefold().replace(",", " ").split())
    if not said:
        return None
    close = frame.say("span_to_close").casefold()
    to_close, said = close in said, said.replace(close, " ").strip()
    found = dict.fromkeys(_UNITS, 0)
    for count, word in _PART.findall(said):
        found[_unit(word.strip(" ."), frame)] += int(count)
    if _PART.sub("", said).strip() or not (to_close or _PART.search(said)):
        raise _unclear(frame)
    minutes = found["hours"] * _HOUR + found["minutes"]
    return {
        "work_minutes": minutes,
        "work_days": found["work_days"],
        "days": found["days"],
        "to_close": to_close,
    }


def _unit(word: str, frame: Frame) -> str:
    for unit in _UNITS:
        if word in {name.casefold().strip(" .") for name in _names(unit, frame)}:
            return unit
    raise _unclear(frame)


def _names(unit: str, frame: Frame) -> list[str]:
    """Return how a unit is called: first as we write it, then as people may."""
    return frame.say(f"span_{unit}").split("|")


def _unclear(frame: Frame) -> Invalid:
    example = shown(Delay(work_days=2, work_minutes=_HOUR), frame)
    return Invalid("no delay can be read", code="span_unclear", example=example)
