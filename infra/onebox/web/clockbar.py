"""The office's time in the page; a virtual clock can be moved here."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from nicegui import run, ui

from kartoteka.domain.errors import KartotekaError
from onebox.machine import Machine
from onebox.texts import say
from onebox.travel import travel

_STEPS = {
    "clock_15m": timedelta(minutes=15),
    "clock_1h": timedelta(hours=1),
    "clock_3h": timedelta(hours=3),
    "clock_1d": timedelta(days=1),
}
_DAYS = {"ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс")}
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class ClockBar:
    """Shows the time; with a virtual clock it has buttons that move it."""

    def __init__(self, machine: Machine, locale: str) -> None:
        self._machine = machine
        self._locale = locale
        self._buttons: list[ui.button] = []
        self._zone = ZoneInfo(machine.app.desk.settings().office.work.zone)

    def build(self) -> None:
        """Draw the clock."""
        with ui.element("div").classes("kt-clock"):
            self._time = ui.label().classes("kt-clock-time")
            if self._machine.clock.virtual:
                self._buttons = [
                    ui.button(
                        say(code, self._locale), on_click=lambda _e, step=step: self._go(step)
                    )
                    for code, step in _STEPS.items()
                ]
                for button in self._buttons:
                    button.props("flat dense no-caps")
        self.show()

    def show(self) -> None:
        """Show the present time."""
        now = self._machine.clock.now().astimezone(self._zone)
        day = _DAYS.get(self._locale, _DAYS_EN)[now.weekday()]
        text = f"{day}, {now:%d.%m.%Y %H:%M}"
        if self._time.text != text:
            self._time.set_text(text)

    def _button(self, code: str, step: timedelta) -> ui.button:
        button = ui.button(say(code, self._locale), on_click=lambda: self._go(step))
        return button.props("flat dense no-caps")

    async def _go(self, step: timedelta) -> None:
        for button in self._buttons:
            button.disable()
        machine = self._machine
        try:
            moment = machine.clock.now() + step
            fired = await run.io_bound(travel, machine.tasks, machine.clock, moment)
            ui.notify(say("clock_moved", self._locale, fired=fired), position="bottom-left")
        except KartotekaError as exc:
            ui.notify(str(exc), type="negative")
        for button in self._buttons:
            button.enable()
        self.show()
