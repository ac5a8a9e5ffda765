"""Counters: in the header of a person's own book, and of every colleague in the summary; E10."""

from collections.abc import Callable, Mapping

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Staff
from kartoteka.services.counters import counters
from kartoteka.wiring import App
from sync.columns import Frame, Tab


def counted_header(app: App, tab: Tab, frame: Frame) -> Mapping[str, str]:
    """Return what the header of the counted column says below its name, by column."""
    if not tab.counted or frame.settings.person(frame.reader.id) is None:
        return {}
    found = counters(app.desk, frame.reader)
    said = frame.say(
        "header_counters", today=found.today, overdue=found.overdue, unplanned=found.unplanned
    )
    return {tab.counted: said}


def colleagues(app: App) -> Callable[[Staff], Mapping[str, int]]:
    """Return what counts the work of a colleague: due today, overdue, nothing planned."""

    def counted(person: Staff) -> Mapping[str, int]:
        return counters(app.desk, SYSTEM, person.id).model_dump()

    return counted
