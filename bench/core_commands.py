"""The commands of a working day on people of the base of `core_base`, each on somebody fresh."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from bench.core_base import OPEN_EVERY, Work, phone
from kartoteka.domain.ids import derived
from kartoteka.domain.merging import conflicts, survivor_first
from kartoteka.domain.model import Activity, Client, Task
from kartoteka.ports import Query, Tx, Where
from kartoteka.services.loads import Loads

CHILDREN = 200  # of the client that a merge makes part of the other
_OWN_CHILDREN = 3  # of them the client has: a request, a task, a form
_TASKS = 60
_FIRST_STRANGER = 9_000_000
_WHY = "Клиент уже говорил с директором"
_COMPANY = {"name": "ООО Ромашка", "inn": "7707083893"}
Act = Callable[[], object]


@dataclass
class Day:
    """People with an open request, each taken once, and what is done with them."""

    work: Work
    people: int
    _next: int = 0
    _strangers: Iterator[int] = field(default_factory=lambda: count(_FIRST_STRANGER))
    acts: dict[str, Callable[[], Act]] = field(init=False)

    def __post_init__(self) -> None:
        self.acts = {
            "form lead": self._form,
            "move stage": self._move,
            "log call": self._log_call,
            "assign": self._assign,
            "task finish": self._finish,
            "convert": self._convert,
            f"merge with {CHILDREN} children": self._merge,
            "delete client": self._delete,
        }

    def _person(self) -> int:
        """Return the next of the people with an open request, far from the one before."""
        waiting = (self.people + OPEN_EVERY - 1) // OPEN_EVERY
        if self._next >= waiting:
            raise AssertionError(f"the base has only {waiting} open requests: make it larger")
        self._next += 1
        step = next(n for n in (7919, 7907, 7901) if waiting % n)  # primes: all are met once
        return self._next * step % waiting * OPEN_EVERY

    def _client(self, person: int) -> Client:
        key = self.work.desk.store.get("keys", f"phone:{phone(person)}")
        found = self.work.desk.store.get(Client.collection, str(key["client_id"])) if key else None
        return Client.model_validate(found)

    def _lead(self) -> str:
        return str(self._client(self._person()).open_lead_id)

    def _move(self) -> Act:
        lead = self._lead()
        return lambda: self.work.do("lead.move", lead=lead, stage="c1", reason=_WHY)

    def _form(self) -> Act:
        """A stranger's form, the first of a minute: the shares of leads are read anew."""
        stranger = next(self._strangers)
        desk = replace(self.work.desk, loads=Loads())
        return lambda: replace(self.work, desk=desk).form(stranger)

    def _log_call(self) -> Act:
        person = self._person()
        return lambda: self.work.call(person)

    def _assign(self) -> Act:
        lead, store = self._lead(), self.work.desk.store
        doc = store.get("leads", lead)
        owner = doc["owner_id"] if doc else None
        staff = self.work.desk.settings().staff
        other = next(p.id for p in staff if p.active and p.role == "manager" and p.id != owner)
        return lambda: self.work.do("lead.assign", lead=lead, owner=other)

    def _finish(self) -> Act:
        where = (Where("lead_id", "==", self._lead()), Where("state", "in", ("open",)))
        [task] = self.work.desk.store.query(Query(Task.collection, where))
        return lambda: self.work.do("task.finish", task=task.id, result="Сделано")

    def _convert(self) -> Act:
        lead = self._lead()
        return lambda: self.work.do(
            "lead.convert",
            lead=lead,
            deal_type="Наследство",
            amount_minor=1_500_000,  # so that both papers are made, with their numbers
            offer=True,
            invoice=True,
            company=_COMPANY,
            reason=_WHY,
        )

    def _merge(self) -> Act:
        pair = (self._client(self._person()), self._client(self._person()))
        survivor, loser = survivor_first(*pair)
        self._burden(loser)
        prefer = dict.fromkeys(conflicts(survivor, loser), survivor.id)
        return lambda: self.work.do("client.merge", left=survivor.id, right=loser.id, prefer=prefer)

    def _delete(self) -> Act:
        client = self._client(self._person())
        return lambda: self.work.do("client.delete", client=client.id, reason=_WHY)

    def _burden(self, client: Client) -> None:
        """Give a client so many tasks and activities that there are 200 records to move."""
        store = self.work.desk.store
        children = list(_children(client, CHILDREN - _OWN_CHILDREN, self.work))

        def write(tx: Tx) -> None:
            for child in children:
                tx.put(child.collection, child.id, child.model_dump(mode="json"))

        store.run(write)


def _children(client: Client, number: int, work: Work) -> Iterator[Activity | Task]:
    now = work.desk.now()
    for at in range(number):
        name = derived("", client.id, str(at))
        if at < _TASKS:
            yield Task.model_validate(
                {
                    "id": f"tk{name}",
                    "what": "letter",
                    "title": "Отправить документы",
                    "client_id": client.id,
                    "assignee_id": client.owner_id,
                    "due_at": now,
                    "state": "done",
                    "created_at": now,
                    "updated_at": now,
                    "done_at": now,
                }
            )
        else:
            yield Activity.model_validate(
                {
                    "id": f"ac{name}",
                    "what": "message",
                    "client_id": client.id,
                    "at": now,
                    "text": "Добрый день, когда будут готовы документы?",
                }
            )
