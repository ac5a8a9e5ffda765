"""The phone and the site form in the page."""

from nicegui import run, ui

from onebox.texts import say
from onebox.web.hub import Hub
from onebox.web.phone import Ringing
from onebox.web.phonebook import Screen
from onebox.web.phonecard import ContactCard

_LAST = ""
_SIDES = ("phone", "card", "form")


class PhonePane:
    """Shows a colleague's phone: how it rings, and the contact; or the form of the site."""

    def __init__(self, hub: Hub, locale: str) -> None:
        self._hub = hub
        self._locale = locale
        self._shown: Screen | None = None
        self._names: dict[str, str] = {}
        self._side = _SIDES[0]

    def build(self) -> None:
        """Draw the pane with its three sides."""
        with ui.element("section").classes("kt-card"):
            self._head = ui.element("div").classes("kt-segments").props('role="tablist"')
            with ui.element("div").classes("kt-side-body"):
                self._phone_side = ui.element("div").classes("kt-phone-pane")
                self._form_side = ui.element("div").classes("kt-form-pane")
        with self._phone_side:
            self._build_phone()
        with self._form_side:
            self._build_form()
        self._turn(self._side)

    async def show(self) -> None:
        """Bring the list of contacts and the screen up to date."""
        owner = str(self._owner.value or "")
        names = await run.io_bound(self._hub.phones.contacts, owner) or {}
        if names != self._names:
            self._names = names
            if self._pick.value not in {_LAST, *names}:
                self._pick.value = _LAST
            self._pick.set_options({_LAST: self._say("phone_auto"), **names})
        shown = await run.io_bound(self._hub.phones.screen, owner, str(self._pick.value or ""))
        if shown != self._shown:
            self._shown = shown
            self._draw()

    def _turn(self, side: str) -> None:
        self._side = side
        self._phone_side.set_visibility(side != "form")
        self._form_side.set_visibility(side == "form")
        self._draw()
        self._head.clear()
        with self._head:
            for name in _SIDES:
                active = name == side
                button = ui.element("button").classes(f"kt-tab {'kt-on' if active else ''}")
                button.props(f'role="tab" aria-selected="{str(active).lower()}"')
                button.on("click", lambda _event, chosen=name: self._turn(chosen))
                with button:
                    ui.label(self._say(name))

    def _build_phone(self) -> None:
        owners = self._hub.phones.owners()
        with ui.element("div").classes("kt-picks"):
            self._owner = self._select(owners, next(iter(owners), ""), "phone_whose")
            options = {_LAST: self._say("phone_auto")}
            self._pick = self._select(options, _LAST, "phone_pick")
        self._screen = ui.element("div").classes("kt-phone")
        ui.label(self._say("phone_source")).classes("kt-source")

    def _select(self, options: dict[str, str], value: str, hint: str) -> ui.select:
        chosen = ui.select(options, value=value, on_change=self.show, with_input=False)
        chosen.props("outlined dense options-dense").classes("kt-pick")
        chosen.props(f'aria-label="{self._say(hint)}"')
        return chosen.tooltip(self._say(hint))

    def _build_form(self) -> None:
        forms = [form for form in self._hub.machine.app.desk.settings().forms if form.active]
        for form in forms[:1]:
            address = f"/ingest/form/{form.id}?lang={self._locale}"
            frame = ui.element("iframe").classes("kt-form")
            frame.props(f'src="{address}" title="{self._say("form")}"')
            with ui.element("div").classes("kt-form-link"):
                ui.link(self._say("form_open"), address, new_tab=True)

    def _draw(self) -> None:
        shown = self._shown
        self._screen.clear()
        self._screen.classes(**{"add" if self._side == "card" else "remove": "kt-scroll"})
        with self._screen:
            if shown is None:
                ui.label(self._say("phone_empty")).classes("kt-work").style("margin:auto")
            elif self._side == "phone":
                self._draw_call(shown.ringing)
            elif shown.card is None:
                ui.label(self._say("phone_unknown")).classes("kt-work").style("margin:auto")
            else:
                self._draw_card(shown.card, shown.ringing.initial)

    def _draw_call(self, shown: Ringing) -> None:
        ui.label(self._say("phone_incoming")).classes("kt-call")
        self._draw_face(shown.initial)
        ui.label(shown.name or shown.number).classes("kt-who")
        ui.label(shown.below if shown.known else self._say("phone_unknown")).classes("kt-num")
        if shown.work:
            ui.label(shown.work).classes("kt-work")
        self._draw_note(shown.note)
        self._draw_buttons()

    def _draw_card(self, card: ContactCard, initial: str) -> None:
        self._draw_face(initial)
        ui.label(card.name).classes("kt-who")
        for part in card.work:
            ui.label(part).classes("kt-work")
        with ui.element("div").classes("kt-chips"):
            for label in card.labels:
                ui.label(label).classes("kt-chip")
        with ui.element("div").classes("kt-reaches"):
            for number, label in card.phones:
                _line("call", number, label)
            for address in card.emails:
                _line("mail", address, "")
        self._draw_note(card.note)

    def _draw_face(self, initial: str) -> None:
        with ui.element("div").classes("kt-face"):
            ui.label(initial) if initial else ui.icon("person")

    def _draw_note(self, note: tuple[str, ...]) -> None:
        if not any(note):
            return
        with ui.element("div").classes("kt-memo"):
            for line in note:
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


def _line(icon: str, value: str, label: str) -> None:
    with ui.element("div").classes("kt-reach"):
        ui.icon(icon)
        ui.label(value).classes("kt-num")
        ui.label(label).classes("kt-reach-label")
