"""The phone and the site form in the page."""

from nicegui import run, ui

from onebox.texts import say
from onebox.web.hub import Hub
from onebox.web.phone import Ringing

_LAST = ""


class PhonePane:
    """Shows the ringing screen of a contact, or the form of the site."""

    def __init__(self, hub: Hub, locale: str) -> None:
        self._hub = hub
        self._locale = locale
        self._shown: Ringing | None = None
        self._names: dict[str, str] = {}

    def build(self) -> None:
        """Draw the card with both its sides."""
        with ui.element("section").classes("kt-card"):
            self._head = ui.element("div").classes("kt-segments").props('role="tablist"')
            with ui.element("div").classes("kt-side-body"):
                self._phone_side = ui.element("div").classes("kt-phone-pane")
                self._form_side = ui.element("div").classes("kt-form-pane")
        with self._phone_side:
            self._build_phone()
        with self._form_side:
            self._build_form()
        self._turn("phone")

    async def show(self) -> None:
        """Bring the list of contacts and the screen up to date."""
        names = await run.io_bound(self._hub.contacts) or {}
        if names != self._names:
            self._names = names
            self._pick.set_options({_LAST: self._say("phone_auto"), **names})
        chosen = str(self._pick.value or "")
        shown = await run.io_bound(self._hub.ringing, chosen)
        if shown != self._shown:
            self._shown = shown
            self._draw(shown)

    def _turn(self, side: str) -> None:
        self._phone_side.set_visibility(side == "phone")
        self._form_side.set_visibility(side == "form")
        self._head.clear()
        with self._head:
            for name in ("phone", "form"):
                active = name == side
                button = ui.element("button").classes(f"kt-tab {'kt-on' if active else ''}")
                button.props(f'role="tab" aria-selected="{str(active).lower()}"')
                button.on("click", lambda _event, chosen=name: self._turn(chosen))
                with button:
                    ui.label(self._say(name))

    def _build_phone(self) -> None:
        options = {_LAST: self._say("phone_auto")}
        self._pick = ui.select(options, value=_LAST, on_change=self.show, with_input=False)
        self._pick.props("outlined dense options-dense").classes("kt-pick")
        self._pick.props(f'aria-label="{self._say("phone_pick")}"')
        self._screen = ui.element("div").classes("kt-phone")
        ui.label(self._say("phone_source")).classes("kt-source")
        self._draw(None)

    def _build_form(self) -> None:
        forms = [form for form in self._hub.machine.app.desk.settings().forms if form.active]
        for form in forms[:1]:
            address = f"/ingest/form/{form.id}?lang={self._locale}"
            frame = ui.element("iframe").classes("kt-form")
            frame.props(f'src="{address}" title="{self._say("form")}"')
            with ui.element("div").classes("kt-form-link"):
                ui.link(self._say("form_open"), address, new_tab=True)

    def _draw(self, shown: Ringing | None) -> None:
        self._screen.clear()
        with self._screen:
            if shown is None:
                ui.label(self._say("phone_empty")).classes("kt-work").style("margin:auto")
                return
            ui.label(self._say("phone_incoming")).classes("kt-call")
            with ui.element("div").classes("kt-face"):
                ui.label(shown.initial) if shown.initial else ui.icon("person")
            ui.label(shown.name or shown.number).classes("kt-who")
            below = shown.label if shown.known else self._say("phone_unknown")
            ui.label(below).classes("kt-num")
            if shown.name:
                ui.label(shown.number).classes("kt-num")
            if shown.work and shown.work != shown.label:
                ui.label(shown.work).classes("kt-work")
            self._draw_note(shown)
            self._draw_buttons()

    def _draw_note(self, shown: Ringing) -> None:
        if not any(shown.note):
            return
        with ui.element("div").classes("kt-memo"):
            for line in shown.note:
                ui.label(line).classes("kt-memo-line")

    def _draw_buttons(self) -> None:
        with ui.element("div").classes("kt-buttons").props('aria-hidden="true"'):
            for name, tone, icon in (
                ("phone_decline", "kt-no", "call_end"),
                ("phone_answer", "kt-yes", "call"),
            ):
                with ui.element("div").classes("kt-button"):
                    with ui.element("div").classes(f"kt-dot {tone}"):
                        ui.icon(icon)
                    ui.label(self._say(name))

    def _say(self, code: str) -> str:
        return say(code, self._locale)
