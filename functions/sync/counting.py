"""The counters in the header of a person's own book: due today, overdue, nothing planned; E10."""

from collections.abc import Mapping

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
