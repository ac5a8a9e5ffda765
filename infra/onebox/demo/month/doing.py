"""Acts reach the box by its public addresses, by commands of its people and by its sheet."""

import json
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound, Transient
from kartoteka.domain.model import Client, Lead
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App
from onebox.clock import BoxClock
from onebox.demo.acts import Chat, Edit, Form, Ring, Update
from onebox.demo.box import Box
from onebox.demo.cast import ANNA, BORIS, DIALLED, GLEB, MISSED, TALK, VERA, VIKTOR
from onebox.demo.month import acts
from onebox.demo.month.acts import Act, Person
from onebox.demo.playing import Edited, Played
from onebox.demo.sending import Sender
from onebox.demo.sheet import Book, Place
from sync.columns import Frame
from sync.shelf.team import LEADS

INNA = "inna@office.example"
_MANAGERS = (ANNA, BORIS, VERA, GLEB)
_PATIENCE_S = 20.0
_LOOK_S = 0.02
_STEP = timedelta(seconds=5)


@dataclass
class Doer:
    """Does one act after another; `played` keeps what the box said."""

    box: Box
    app: App
    clock: BoxClock  # of the commands: it follows the box
    sender: Sender
    book: Book
    log: Path
    played: Played
    commands: int = 0
    _numbers: Iterator[int] = field(default_factory=count)

    def go_to(self, moment: datetime) -> None:
        """Move the box to a moment; everything due on the way happens there.

        Its clock ticks: one that has passed the moment by itself meanwhile is not moved.
        """
        try:
            if moment > self.box.now():
                self.box.travel(moment)
        except httpx.HTTPStatusError:
            if moment > self.box.now():
                raise
        self.clock.reach(self.box.now())

    def do(self, act: Act) -> None:
        """Do one act.

        Raises:
            KartotekaError: the office refused a command that it should have done.
        """
        match act:
            case acts.Comes():
                self._comes(act)
            case acts.Talks(who):
                self._rings(who, TALK, 9, 120)
            case acts.Dials(who):
                self._rings(who, DIALLED, 25)
            case acts.Knocks(who):
                ring = Ring(self._call_id(), who.phone, MISSED[-1:], forged=True)
                self.played.sent += self.sender.send(ring)
            case acts.Types():
                self.played.edits.append(self._types(act))
            case _:
                self._commands(act)

    def _comes(self, act: acts.Comes) -> None:
        who = act.who
        match act.way:
            case "form":
                fields = {"name": who.name, "phone": who.phone, "message": act.words}
                self.played.sent += self.sender.send(Form(fields, "json", act.times))
            case "telegram":
                chat = Chat(who.chat_id, who.name)
                number = next(self._numbers)
                self.played.sent += self.sender.send(
                    Update(number, chat, act.words, times=act.times)
                )
            case "missed":
                self.played.sent += self.sender.send(Ring(self._call_id(), who.phone, MISSED, 30))
            case "answered":
                events = (*TALK, *TALK[-1:] * (act.times - 1))
                staff = _MANAGERS[who.number % len(_MANAGERS)]
                ring = Ring(self._call_id(), who.phone, events, 6, 90, "in", staff)
                self.played.sent += self.sender.send(ring)

    def _rings(self, who: Person, events: tuple[str, ...], rang_s: int, talked_s: int = 0) -> None:
        staff = self._owner(who)
        ring = Ring(self._call_id(), who.phone, events, rang_s, talked_s, "out", staff)
        self.played.sent += self.sender.send(ring)

    def _call_id(self) -> str:
        return f"m{next(self._numbers)}"

    # Commands

    def _commands(self, act: Act) -> None:
        match act:
            case acts.Answers(who):
                self._command(who, "message.send", text="Здравствуйте! Чем помочь?")
            case acts.SendsLetter(who, about):
                text = "Отправили письмо с ответом"
                self._command(who, "activity.log", about, what="letter", text=text)
            case acts.Converts(who, service):
                self._command(who, "lead.convert", deal_type=service)
            case acts.Drops(who, reason):
                self._command(who, "lead.move", stage="junk", reason=reason)
            case _:
                self._deal_commands(act)

    def _deal_commands(self, act: Act) -> None:
        match act:
            case acts.Prices(who, minor):
                given = {"amount_minor": minor, "contractor": "Бюро «Право»"}
                self._command(who, "deal.edit", "deal", VIKTOR, **given)
            case acts.Moves():
                self._moves(act)
            case acts.Bills(who, due):
                self._command(who, "deal.edit", "deal", INNA, invoice_due=due.isoformat())
            case acts.Pays(who, minor):
                given = {"amount_minor": minor, "reference": f"п/п {next(self._numbers)}"}
                self._command(who, "deal.pay", "deal", INNA, **given)

    def _moves(self, act: acts.Moves) -> None:
        given: dict[str, Any] = {"stage": act.stage, "reason": act.reason}
        if act.proof:
            given["evidence"] = {act.proof: f"file-{act.who.number}"}
        self._command(act.who, "deal.move", "deal", VIKTOR if act.head else "", **given)

    def _command(
        self, who: Person, name: str, about: str = "lead", email: str = "", **given: Any
    ) -> None:
        record = self._record(who, about)
        person = self.app.desk.settings().person(record.owner_id)
        owner = person.email if person is not None else VIKTOR
        self.command(email or owner, name, **{about: record.id, **given})

    def command(self, email: str, name: str, **given: Any) -> None:
        """Run one command of the office as this person; what it logs goes to a file."""
        settings, cause = self.app.desk.settings(), f"command:{name}"
        with self.log.open("a", encoding="utf-8") as lines, redirect_stdout(lines):
            actor = actor_by_email(settings, email)
            execute(COMMANDS, self.app.desk, actor, name, given=given, cause=cause)
        self.commands += 1

    def _owner(self, who: Person) -> str:
        client = self._client(who)
        person = self.app.desk.settings().person(client.owner_id)
        return person.email if person is not None else VIKTOR

    def _record(self, who: Person, kind: str) -> Lead | Deal:
        client = self._client(who)
        if kind == "lead":
            doc = self.app.store.get(Lead.collection, client.open_lead_id or "")
            found: Lead | Deal | None = Lead.model_validate(doc) if doc else None
        else:
            doc = self.app.store.get(Deal.collection, next(iter(client.open_deal_ids), ""))
            found = Deal.model_validate(doc) if doc else None
        if found is None:
            raise NotFound(f"client {who.number} has no open {kind}")
        return found

    def _client(self, who: Person) -> Client:
        doc = self.app.store.get("keys", self._key(who))
        found = self.app.store.get(Client.collection, str(doc["client_id"])) if doc else None
        if found is None:
            raise NotFound(f"client {who.number} is not there")
        return Client.model_validate(found)

    def _key(self, who: Person) -> str:
        accounts = self.sender.settings.accounts
        bot = next(it.id for it in accounts if it.channel == "telegram")
        return f"chat:telegram:{bot}:{who.chat_id}" if who.chats else f"phone:{who.phone}"

    # The sheet

    def _types(self, act: acts.Types) -> Edited:
        """Type into the cell of the client's row and wait until the office has judged it."""
        frame = Frame(self.sender.settings)
        tab, column = frame.say(LEADS.title), LEADS.column(act.column)
        header = frame.say(f"col_{column.header}") if column else act.column
        shown = self._shown(act.who)
        typist = self._owner(act.who)
        edit = Edit(typist, shown, act.column, act.value, act.refused)
        started = time.monotonic()
        place = self.book.find(tab, header, shown)
        if not self._type(place, act.value, typist):  # rows moved between look and key
            place = self.book.find(tab, header, shown)
            if not self._type(place, act.value, typist):
                raise NotFound(f"the cell «{header}» of {shown} does not take {act.value!r}")
        note = self._judged(act, place)
        return Edited(edit, done=True, waited_s=time.monotonic() - started, note=note)

    def _shown(self, who: Person) -> str:
        return who.name if who.chats else who.phone

    def _type(self, place: Place, value: str, user: str) -> bool:
        """Return whether the cell took the value."""
        body = {
            "workbook": self.book.id,
            "tab": place.tab,
            "row": place.row,
            "column": place.column,
            "value": value,
            "user": user,
        }
        answer = self.box.client.post(f"{self.box.base_url}/onebox/edit", json=body)
        if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            return False
        answer.raise_for_status()
        return True

    def _judged(self, act: acts.Types, place: Place) -> str:
        """Return the note of an edit that was taken back, after the office looked at it.

        Raises:
            Transient: it did not look in time.
        """
        client = self._client(act.who)
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            time.sleep(_LOOK_S)
            self.go_to(self.box.now() + _STEP)
            note = self.book.note(place) if act.refused else ""
            if note or (not act.refused and self._holds(client, act)):
                return note
        raise Transient(f"the edit {json.dumps(act.value, ensure_ascii=False)} was not handled")

    def _holds(self, client: Client, act: acts.Types) -> bool:
        doc = self.app.store.get(Lead.collection, client.open_lead_id or "") or {}
        return doc.get("note") == act.value if act.column == "note" else doc.get("stage") == "def"
