"""One portion of an import: its rows become clients in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kartoteka.domain import company_numbers
from kartoteka.domain.access import Operation, can
from kartoteka.domain.duplicates import MOST_PEOPLE, Key
from kartoteka.domain.ids import ClientId, CompanyId, InboundId, StaffId, derived
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Activity, Client, Lead, Source
from kartoteka.domain.office import Settings
from kartoteka.domain.routing import Claims, Hands
from kartoteka.domain.table import Entry, Fault
from kartoteka.domain.table_client import completed, made, note_of
from kartoteka.domain.table_import import DUPLICATE, ERROR, NEW, UPDATE, Verdict
from kartoteka.services import companies, deal_touch, duplicates, new_lead
from kartoteka.services.unit import Unit

CHANNEL = "import"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the office's language that an import writes into records."""

    source: str  # what a request is from, when the row does not say
    came_from: str  # in front of a source in a note


@dataclass(slots=True)
class Portion:
    """The rows of one transaction, met one after another: a later row sees what earlier ones did.

    Everything that the rows can match is read at once, before the first of them.
    """

    unit: Unit
    batch_id: str
    settings: Settings
    hands: Callable[[int], Hands]  # by row: each has its own turn, the same when run again
    words: Words
    written: int = 0
    _mine: dict[str, str] = field(default_factory=dict)  # key to client, or company, made here
    _clients: dict[str, Client] = field(default_factory=dict)
    _allowed: dict[StaffId | None, bool] = field(default_factory=dict)

    def verdicts(self, entries: Sequence[Entry | Verdict]) -> list[Verdict]:
        """Return what became of each row; rows that could not be read keep their verdict."""
        read = [entry for entry in entries if isinstance(entry, Entry)]
        self._read_ahead(read)
        return [entry if isinstance(entry, Verdict) else self._met(entry) for entry in entries]

    def _read_ahead(self, entries: Sequence[Entry]) -> None:
        names = [name for entry in entries for name in (*entry.keys, *_company_keys(entry))]
        found = self.unit.key_records(names)
        people = (key.client_id for name, key in found.items() if not name.startswith("inn:"))
        holders = [client_id for client_id in people if client_id not in self._clients]
        self._clients.update(self.unit.find_many(Client, holders))

    def _met(self, entry: Entry) -> Verdict:
        names = entry.keys
        here = {name: self._mine[name] for name in names if name in self._mine}
        others = [name for name in names if name not in here]
        holders = here | duplicates.holders(self.unit, others, entry.called)
        ids = dict.fromkeys(holders[name] for name in names if name in holders)
        known = [client for client in map(self._client, ids) if client is not None]
        if not known:
            return self._new(entry, names)
        if not can(self.unit.actor, Operation.CHANGE, known[0], within=self.settings):
            return Verdict(entry.number, ERROR, (Fault("import_not_yours"),))
        return self._known(entry, names, known)

    def _client(self, client_id: str) -> Client | None:
        if client_id not in self._clients:
            found = self.unit.find(Client, client_id)
            if found is not None:
                self._clients[client_id] = found
        return self._clients.get(client_id)

    def _new(self, entry: Entry, names: list[str]) -> Verdict:
        if not self._may_make(entry):
            return Verdict(entry.number, ERROR, (Fault("import_not_yours"),))
        client_id = ClientId(derived("cl", self.batch_id, str(entry.number)))
        client = made(entry, client_id, self._company(entry), self.unit.now)
        self.unit.claim(names, client_id)
        self._mine.update(dict.fromkeys(names, client_id))
        self._share(client, names)
        self._keep(client, is_new=True)
        self._tell(client, entry)
        self._ask_for_lead(client, entry, known=False)
        return Verdict(entry.number, NEW, entry.remarks, client_id)

    def _known(self, entry: Entry, names: list[str], known: list[Client]) -> Verdict:
        client = known[0]
        for other in known[1:]:
            duplicates.ask(self.unit, client.id, other.id, why="key")
        filled, kept = completed(client, entry, self._company(entry), self.unit.now)
        self._take(filled, names)
        if filled is not client:
            self._keep(filled, is_new=False)
        told = self._tell(filled, entry)
        opened = self._ask_for_lead(filled, entry, known=True)
        faults = self._remarks(entry, kept, opened=opened, several=len(known) > 1)
        what = UPDATE if filled is not client or told or opened else DUPLICATE
        return Verdict(entry.number, what, faults, client.id)

    def _remarks(
        self, entry: Entry, kept: Sequence[str], *, opened: bool, several: bool
    ) -> tuple[Fault, ...]:
        found = [*entry.remarks]
        if kept:
            found.append(Fault("import_kept", facts={"fields": ", ".join(kept)}))
        if several:
            found.append(Fault("import_pair"))
        if entry.request is not None and not opened:
            found.append(Fault("import_has_lead"))
        return tuple(found)

    def _may_make(self, entry: Entry) -> bool:
        """Return whether the actor may import clients of this owner; asked once per owner."""
        owner = entry.owner_id
        if owner not in self._allowed:
            sample = made(entry, ClientId("cl"), None, self.unit.now)
            sample = sample.model_copy(update={"segment": "new"})
            self._allowed[owner] = can(
                self.unit.actor, Operation.IMPORT, sample, within=self.settings
            )
        return self._allowed[owner]

    def _keep(self, client: Client, *, is_new: bool) -> None:
        write = self.unit.add if is_new else self.unit.save
        self._clients[client.id] = write(client)
        self.written += 1

    def _take(self, client: Client, names: list[str]) -> None:
        """Give a known client the free keys of the row, told in the log so that undo frees them."""
        taken = self.unit.key_records(names)
        for name in names:
            if name not in taken and name not in self._mine:
                self.unit.hold(name, Key(client.id), about=client.id)
        self._share(client, names)

    def _share(self, client: Client, names: list[str]) -> None:
        """Count the client among the people of keys that several use."""
        for name, key in self.unit.key_records(names).items():
            if key.shared and client.id not in key.users and len(key.users) < MOST_PEOPLE:
                self.unit.hold(name, key.used_by(client.id), about=client.id)

    def _company(self, entry: Entry) -> CompanyId | None:
        """Return the company of the row's INN, made when it is not known; None without an INN."""
        for key in _company_keys(entry):
            if key not in self._mine:
                form = companies.NewCompany(
                    name=entry.company or entry.inn, inn=entry.inn, kpp=entry.kpp
                )
                new_id = CompanyId(derived("co", self.batch_id, str(entry.number)))
                region = self.settings.office.region
                company, is_new = companies.met(self.unit, form, new_id, region)
                self.written += is_new
                self._mine[key] = company.id
            return CompanyId(self._mine[key])
        return None

    def _tell(self, client: Client, entry: Entry) -> bool:
        """Write the row's words into the history; False when they stand there or there are none."""
        source = f"{self.words.came_from}: {entry.source}" if entry.source else ""
        words = "\n".join(
            text for text in (entry.note, source if entry.request is None else "") if text
        )
        if not words:
            return False
        note = note_of(client, words, self.unit.now)
        if self.unit.find(Activity, note.id) is not None:
            return False
        self.unit.add(note)
        self.written += 1
        return True

    def _ask_for_lead(self, client: Client, entry: Entry, *, known: bool) -> bool:
        if entry.request is None or client.open_lead_id:
            return False
        if deal_touch.selling(deal_touch.open_deals(self.unit, client), self.settings) is not None:
            return False
        lead = self._lead(client, entry, known=known)
        self.unit.add(lead)
        update = {
            "open_lead_id": lead.id,
            "owner_id": client.owner_id or lead.owner_id,
            "updated_at": self.unit.now,
        }
        self._clients[client.id] = self.unit.save(client.model_copy(update=update))
        self.written += 1
        return True

    def _lead(self, client: Client, entry: Entry, *, known: bool) -> Lead:
        source = Source(channel=CHANNEL, name=entry.source or self.words.source)
        number = str(entry.number)
        inbound = Inbound(
            id=InboundId(derived("in", self.batch_id, number)),
            channel=CHANNEL,
            account="",
            event_id=number,
            what=Kind.FORM,
            at=self.unit.now,
            received_at=self.unit.now,
            sender=Person(name=client.name, phones=client.phones, emails=client.emails),
            source=source,
        )
        claims = Claims(own=client.owner_id)
        lead = new_lead.make(
            new_lead.Request(client, inbound, claims, known), self.hands(entry.number)
        )
        notes = "\n".join(text for text in (lead.note, entry.request) if text)
        return lead.model_copy(update={"note": notes})


def _company_keys(entry: Entry) -> list[str]:
    return [company_numbers.key(entry.inn, entry.kpp)] if entry.inn else []
