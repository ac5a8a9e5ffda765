"""The live feed in the page."""

from collections.abc import Sequence

from nicegui import ui

from onebox.texts import say
from onebox.web.feed import Line


class FeedPane:
    """Shows what happened, newest first."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def build(self) -> None:
        """Draw the empty card."""
        with ui.element("section").classes("kt-card"):
            with ui.element("div").classes("kt-feed-head"):
                ui.element("span").classes("kt-live")
                ui.label(say("feed", self._locale))
            self._list = ui.element("div").classes("kt-feed").props('role="log"')
        self.show(())

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        self._list.clear()
        with self._list:
            if not lines:
                ui.label(say("feed_empty", self._locale)).classes("kt-quiet")
            for line in lines:
                _draw(line)


def _draw(line: Line) -> None:
    with ui.element("div").classes("kt-line"):
        with ui.element("div").classes(f"kt-badge {line.tone}"):
            ui.icon(line.icon)
        with ui.element("div"):
            ui.label(line.text).classes("kt-said")
            if line.detail:
                ui.label(line.detail).classes("kt-detail")
        ui.label(f"{line.at:%H:%M}").classes("kt-when")
