"""One open page: its top bar and panes, kept fresh while somebody looks at it."""

from nicegui import events, run, ui

from onebox.texts import say
from onebox.web.clockbar import ClockBar
from onebox.web.feedpane import FeedPane
from onebox.web.hub import Hub
from onebox.web.phonepane import PhonePane
from onebox.web.sheetpane import SheetPane

_EVERY_S = 0.7


class Desk:
    """The page of one visitor; `icon` is the mark of the product as SVG."""

    def __init__(self, hub: Hub, locale: str, icon: str) -> None:
        self._hub = hub
        self._locale = locale
        self._icon = icon
        self._sheet = SheetPane(hub, locale)
        self._phone = PhonePane(hub, locale)
        self._feed = FeedPane(locale)
        self._clock = ClockBar(hub.machine, locale)
        self._state: tuple[str | None, int] = ("", -1)

    def build(self) -> None:
        """Draw the page; from then on it follows what happens."""
        with ui.element("div").classes("kt-page"):
            self._top()
            self._sheet.build()
            with ui.element("div").classes("kt-side"):
                self._phone.build()
                self._feed.build()
        ui.timer(_EVERY_S, self._follow)

    def _top(self) -> None:
        office = self._hub.machine.app.desk.settings().office
        with ui.element("header").classes("kt-top"):
            with ui.element("div").classes("kt-brand"):
                ui.html(self._icon, sanitize=False).classes("kt-mark")
                with ui.element("div"):
                    ui.label(self._say("title")).classes("kt-name")
                    ui.label(office.name).classes("kt-office")
            self._clock.build()
            self._you()
            with ui.element("nav").classes("kt-links"):
                ui.link(self._say("queue"), f"/onebox/tasks?lang={self._locale}")
                ui.link(self._say("language"), "/?lang=en" if self._locale == "ru" else "/?lang=ru")

    def _you(self) -> None:
        settings = self._hub.machine.app.desk.settings()
        people = {person.email: person.name for person in settings.staff if person.active}
        managers = (person.email for person in settings.staff if person.takes_leads)
        self._sheet.user = next(managers, next(iter(people), ""))
        choice = ui.select(people, value=self._sheet.user, on_change=self._become)
        choice.props("outlined dense options-dense").classes("kt-you").tooltip(
            self._say("you_hint")
        )
        with choice.add_slot("prepend"):
            ui.label(self._say("you")).classes("kt-office")

    async def _become(self, event: events.ValueChangeEventArguments[str]) -> None:
        await self._sheet.become(str(event.value))

    async def _follow(self) -> None:
        """Look once: what did not change costs nothing."""
        self._clock.show()
        position = await run.io_bound(self._hub.position)
        state = (position, self._hub.changed)
        if position != self._state[0]:
            self._feed.show(await run.io_bound(self._hub.feed, self._locale) or ())
        if self._hub.changed != self._sheet.seen:
            await self._sheet.look()
        if state != self._state:
            self._state = state
            await self._phone.show()

    def _say(self, code: str) -> str:
        return say(code, self._locale)
