"""One file of a session worked off in steps: each ends in time and says where the next begins."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ingest.channels.commerceml import document_event
from ingest.commerceml.elements import CATALOGUE, Reader, Record, Start
from ingest.commerceml.goods import is_goods, read_goods
from ingest.commerceml.orders import called, read_party
from ingest.intake import Address
from ingest.order_taking import taken
from kartoteka.domain.errors import Conflict, Malformed
from kartoteka.domain.exchange import Exchange, ExchangeSession, FileState
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Settings
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services import goods_import, party_import
from kartoteka.services.exchange_files import discard, pieces
from kartoteka.services.goods_import import PORTION, GoodsPortion, Item
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

STEP_S = 12.0  # of 25 that a call may take; a portion behind it takes less than the rest
_DOCUMENTS = 20  # orders between two notes of how far the file is
_WHOLE = {"false", "0"}
_LONGEST_ID = 40  # of 1C, beside a fault


@dataclass(frozen=True, slots=True)
class Work:
    """What a step needs to know; `over` says whether the time of this call is used up."""

    desk: Desk
    address: Address
    shop: ShopRules
    over: Callable[[], bool]

    @property
    def settings(self) -> Settings:
        """Return the office's settings."""
        return self.desk.settings()

    @property
    def account(self) -> str:
        """Return the account that 1C talks to."""
        return self.address.context.account


def until(seconds: float) -> Callable[[], bool]:
    """Return what says whether so much time has passed from now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


@dataclass
class Step:
    """One step through one file."""

    work: Work
    session: ExchangeSession
    file: FileState
    _items: list[Item] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _faults: list[str] = field(default_factory=list)
    _told: str = "orders"  # what the file tells when it is no goods

    def run(self) -> bool:
        """Return whether the file is done; otherwise another step has to follow.

        Raises:
            Malformed: the file is broken; what came before the place stays taken.
        """
        start = Start(self.file.place, self.file.path, self.file.encoding)
        reader = Reader(start)
        store, behind = self.work.desk.store, start
        for record in reader.records(pieces(store, self.session.id, self.file, start.place)):
            self._take(record)
            behind = record.behind
            if len(self._items) < PORTION and self._counts["received"] < _DOCUMENTS:
                continue
            self._note(behind, reader.heads)
            if self.work.over():
                return False
        self._note(behind, reader.heads)
        return True

    def _take(self, record: Record) -> None:
        if is_goods(record):
            self._items += read_goods(record)
        elif record.element.name == "контрагент":
            self._party(record)
        else:
            self._document(record)

    def _party(self, record: Record) -> None:
        self._told = "parties"
        party = read_party(record.element, self.work.address.context)
        became = party_import.take(self.work.desk, party)
        self._counts.update(("received", became))
        if became == "errors":
            self._faults.append(f"{record.element.said('ид')[:_LONGEST_ID]}: no_identity")

    def _document(self, record: Record) -> None:
        context = self.work.address.context
        self._told = "orders"
        event = document_event(record.element, context, self.session.id)
        self._counts["received"] += 1
        self._counts[self._became(event, called(record.element))] += 1

    def _became(self, event: Inbound, name: str) -> str:
        """Return what an order's event became: created, updated, unchanged or errors."""
        outcome, fault = taken(self.work.desk, event, self.work.address, name)
        if fault:
            self._faults.append(fault)
        return outcome

    def _note(self, behind: Start, heads: Mapping[str, Mapping[str, str]]) -> None:
        """Keep what was read, and that reading goes on behind it; portions in turn."""
        items, self._items = self._items, []
        counts, self._counts = self._counts, Counter()
        while len(items) > PORTION:
            self._keep(items[:PORTION], counts, heads, None)
            items, counts = items[PORTION:], Counter()
        self._keep(items, counts, heads, behind)

    def _keep(
        self,
        items: Sequence[Item],
        counts: Counter[str],
        heads: Mapping[str, Mapping[str, str]],
        behind: Start | None,
    ) -> None:
        faults, self._faults = self._faults, []

        def act(unit: Unit, session: ExchangeSession) -> ExchangeSession:
            file = session.files.get(self.file.name)
            if file is None or file.place != self.file.place:
                raise Conflict("another call works on the file")
            told = _goods(unit, self.work, session, items)
            line = _line(unit, self.work.account, file, _what(items, heads, self._told))
            unit.keep(sessions.counted(line, counts + told.counts, [*faults, *told.faults]))
            update: dict[str, object] = {"exchange_id": line.id}
            if behind is not None:
                update |= {"place": behind.place, "path": behind.path, "encoding": behind.encoding}
            whole = session.whole or _is_whole(heads)
            turned = sessions.with_file(session, file.model_copy(update=update))
            return turned.model_copy(update={"whole": whole})

        self.session = sessions.change(self.work.desk, self.session.id, act)
        self.file = self.session.files[self.file.name]


def _goods(unit: Unit, work: Work, session: ExchangeSession, items: Sequence[Item]) -> GoodsPortion:
    portion = GoodsPortion(unit, work.settings, work.shop, work.account, session.id)
    if items:
        portion.take(items)
    return portion


def _line(unit: Unit, account: str, file: FileState, what: str) -> Exchange:
    known = unit.find(Exchange, file.exchange_id)
    return known or sessions.begun_exchange(unit, account, what, file.name)


def _what(items: Sequence[Item], heads: Mapping[str, object], told: str) -> str:
    if CATALOGUE in heads:
        return "catalogue"
    return "offers" if items else told


def _is_whole(heads: Mapping[str, Mapping[str, str]]) -> bool:
    """Return whether a catalogue says of itself that it names everything there is."""
    told = heads.get(CATALOGUE, {}).get("содержиттолькоизменения", "")
    return told.strip().casefold() in _WHOLE


def finish(
    work: Work, session: ExchangeSession, name: str, error: Malformed | None = None
) -> ExchangeSession:
    """Return the session after a file: its parts are gone, its line of «Обмены» is closed."""
    parts = session.files[name]

    def act(unit: Unit, current: ExchangeSession) -> ExchangeSession:
        file = current.files[name]
        line = _line(unit, work.account, file, "orders" if current.what == "sale" else "catalogue")
        update = {"done_at": unit.now, "state": "failed" if error else "done"}
        why = {"why": error.code, "errors": line.errors + 1} if error else {}
        unit.save(line.model_copy(update={**update, **why}))
        done = {"done": True, "sizes": (), "exchange_id": line.id}
        return sessions.with_file(current, file.model_copy(update=done))

    turned = sessions.change(work.desk, session.id, act)
    discard(work.desk.store, session.id, parts)
    work.desk.waker.after_commit()
    return turned


def sweep(work: Work, session: ExchangeSession) -> bool:
    """Return whether all goods that a whole catalogue lacked are off sale now.

    When more than half would go, nothing does: the line of «Обмены» says so.
    """
    listed, gone = goods_import.absent(work.desk, work.account, session.id)
    if not gone:
        return True
    refused = not session.swept and goods_import.too_many(listed, len(gone))
    for portion in () if refused else goods_import.portions(gone):
        sessions.change(work.desk, session.id, partial(_off, links=portion))
        if work.over():
            return False
    if refused:
        sessions.change(work.desk, session.id, _refuse)
    work.desk.waker.after_commit()
    return True


def _off(unit: Unit, session: ExchangeSession, links: Sequence[str]) -> ExchangeSession:
    count = goods_import.take_off(unit, links)
    _told(unit, session, {"updated": count}, [])
    return session.model_copy(update={"swept": True})


def _refuse(unit: Unit, session: ExchangeSession) -> ExchangeSession:
    _told(unit, session, {"errors": 1}, ["goods_too_few"])
    return session


def _told(
    unit: Unit, session: ExchangeSession, counts: Mapping[str, int], faults: Sequence[str]
) -> None:
    """Add to the line of the catalogue that named everything."""
    lines = (unit.find(Exchange, file.exchange_id) for file in session.files.values())
    line = next((it for it in lines if it is not None and it.what == "catalogue"), None)
    if line is not None:
        unit.save(sessions.counted(line, counts, faults))
