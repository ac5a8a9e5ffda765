"""An office with calendars, and what its tests do again and again."""

from datetime import datetime, timedelta
from typing import Any

from tests.calendars.fake_calendars import FakeCalendars
from tests.mirrored_office import MirroredOffice

from kartoteka.calendar_ports import EventSeen
from kartoteka.domain.model import Task
from kartoteka.ports import Query, Tx
from kartoteka.services.consume import drain
from kartoteka.services.office import Desk, SettingsCache
from sync.calendar_mirror import Mirror
from sync.calendars import agendas

ANNA, BORIS = "st_anna", "st_boris"
OTHERS = ("st_vera", "st_gleb", "st_dina", "st_egor", "st_inna", "st_mark")


def few(desk: Desk) -> None:
    """Leave two managers, their head and the director: each calendar is several commits."""

    def work(tx: Tx) -> None:
        for name in OTHERS:
            tx.delete("staff", name)

    desk.store.run(work)
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()


class Diary(MirroredOffice[FakeCalendars]):
    def of(self, staff_id: str) -> list[EventSeen]:
        """The events in a person's calendar, as people see them."""
        found = agendas.of_people(agendas.wanted(self.desk.settings()).values())
        agenda = found[self.person_id(staff_id)]
        calendar = agendas.recall(self.desk.store, agenda.key).calendar
        book = self.accounts[agenda.account].books.get(calendar)
        return [it for it in book.events.values() if not it.deleted] if book else []

    def person_id(self, staff_id: str) -> Any:
        return self.person(staff_id).id

    def only(self, staff_id: str = ANNA) -> EventSeen:
        [seen] = self.of(staff_id)
        return seen

    def drain(self) -> list[str]:
        """Drain as the queue does; return the calls it cost."""
        self.forget_calls()
        mirror = Mirror(self.desk, self.accounts.__getitem__)
        mirror.prepare()
        drain(self.desk, "calendar", mirror.apply, batch=1000, most=10_000)
        return self.calls()

    def look(self) -> dict[str, int]:
        return Mirror(self.desk, self.accounts.__getitem__).look()

    def settle(self) -> None:
        """Look and drain, as ten minutes do."""
        self.look()
        self.drain()

    def client(self, number: int = 1, owner: str = ANNA, **person: Any) -> str:
        return self.request(number, owner, **person)

    def deal(self, client: str, who: str = ANNA) -> str:
        given = {"name": "Договор", "deal_type": "Наследство", "client": client}
        return str(self.do("deal.create", self.person(who), **given).id)

    def step(self, deal: str, what: str, hours: float, who: str = ANNA) -> None:
        due = self.at(hours).isoformat()
        self.do("deal.next", self.person(who), deal=deal, what=what, due_at=due)

    def task(self, client: str, who: str = ANNA, hours: float = 27, **fields: Any) -> str:
        """A task given by this person for tomorrow at noon in Moscow; or in so many hours."""
        given = {"title": "Позвонить о договоре", "what": "call", **fields}
        due = self.at(hours).isoformat()
        made = self.do("task.create", self.person(who), client=client, due=due, **given)
        return str(made.id)

    def at(self, hours: float) -> datetime:
        return self.desk.now() + timedelta(hours=hours)

    def stored(self, task_id: str) -> Task:
        return Task.model_validate(self.desk.store.get("tasks", task_id))

    def journal(self) -> list[tuple[str, str, str]]:
        return [(str(it["record"]), str(it["column"]), str(it["typed"])) for it in self.conflicts()]

    def notices(self, code: str) -> list[str]:
        docs = [dict(hit.doc) for hit in self.desk.store.query(Query("notices"))]
        return sorted(str(it["staff_id"]) for it in docs if it["code"] == code)
