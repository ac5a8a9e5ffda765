"""The ledger against the office: store, figures and sheet must say the same numbers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kartoteka.domain.deal import Deal
from kartoteka.domain.firing import Firing
from kartoteka.domain.model import Client, Lead, Notice, Task
from kartoteka.ports import Doc, Query, Store
from kartoteka.services.figures import Figures, gather
from kartoteka.services.statistics import FACTS
from onebox.demo.check import Verdict, compare
from onebox.demo.month.doing import Doer
from onebox.demo.month.ledger import Case, Ledger

_ON_THE_WAY = frozenset({"parked", "planned"})


@dataclass(frozen=True, slots=True)
class Audit:
    """What the office holds at the end, and every difference from the ledger in words."""

    verdict: Verdict
    leads: int
    deals: int
    won_minor: int
    firings: int
    tasks: int
    notices: int
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Return whether office and ledger agree."""
        return not self.differences


def audit(ledger: Ledger, doer: Doer) -> Audit:
    """Return what the office holds, compared with what the ledger foretold."""
    desk, store = doer.app.desk, doer.app.store
    verdict = compare(store, doer.book, doer.app.contacts_of(""), doer.played)
    held = Held.of(store)
    found = [
        *verdict.differences,
        *against(ledger, held),
        *_of_figures(ledger, gather(desk, desk.settings()), store),
        *_of_the_door(ledger, doer),
        *_one("rows of the sheet", verdict.counts.sheet_rows, len(held.leads) + len(held.tasks)),
    ]
    return Audit(
        verdict=verdict,
        leads=len(held.leads),
        deals=len(held.deals),
        won_minor=_won(held.deals),
        firings=len(held.firings),
        tasks=len(held.tasks),
        notices=len(held.notices),
        differences=tuple(found),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """Every record that is counted, as the store has it."""

    clients: list[Doc]
    leads: list[Doc]
    deals: list[Doc]
    tasks: list[Doc]
    firings: list[Doc]
    notices: list[Doc]

    @classmethod
    def of(cls, store: Store) -> "Held":
        """Return the records of a store."""
        kinds = (Client, Lead, Deal, Task, Firing, Notice)
        return cls(*([hit.doc for hit in store.query(Query(it.collection))] for it in kinds))


def against(ledger: Ledger, held: Held) -> Iterator[str]:
    """Yield what the store holds otherwise than the ledger foretold, in words."""
    yield from _of_requests(ledger, held)
    yield from _of_deals(ledger, held)
    yield from _of_work(ledger, held)
    yield from _of_notices(ledger, held)


def _of_requests(ledger: Ledger, held: Held) -> Iterator[str]:
    wanted = ledger.requests
    yield from _one("clients", len(held.clients), len({it.who.number for it in wanted}))
    yield from _each("requests from", _sources(held.leads), ledger.by_source())
    yield from _each("requests on", _by(held.leads, "stage"), Counter(it.stage for it in wanted))
    yield from _one("open requests", _open(held.leads), _still_open(wanted))


def _of_deals(ledger: Ledger, held: Held) -> Iterator[str]:
    wanted = ledger.deals
    yield from _each("deals on", _by(held.deals, "stage"), Counter(it.stage for it in wanted))
    yield from _one("open deals", _open(held.deals), _still_open(wanted))
    yield from _one("kopecks won", _won(held.deals), ledger.notes.won_minor)


def _of_work(ledger: Ledger, held: Held) -> Iterator[str]:
    notes = ledger.notes
    done = [it for it in held.tasks if it["state"] == "done"]
    stuck = [it for it in held.firings if it["state"] in _ON_THE_WAY]
    yield from _each("tasks of the kind", _by(held.tasks, "what"), notes.made)
    yield from _each("finished tasks of the kind", _by(done, "what"), notes.done)
    yield from _each("firings of", _by(held.firings, "rule_id"), notes.firings)
    yield from _one("firings that did not end", len(stuck), 0)


def _of_notices(ledger: Ledger, held: Held) -> Iterator[str]:
    """Yield differences in notices of a foretold kind; digests for each person."""
    told = ledger.notes.told
    found = _by(held.notices, "code")
    yield from _each("notices", Counter({code: found[code] for code in told}), told)
    digests = ledger.notes.digests
    for code in ("notice_morning", "notice_evening"):
        mine = _by([it for it in held.notices if it["code"] == code], "staff_id")
        yield from _each(f"{code} for", mine, digests[code])


def _of_figures(ledger: Ledger, figures: Figures | None, store: Store) -> Iterator[str]:
    if figures is None:
        yield "the figures were not counted to the end"
        return
    sources = Counter({name: sum(days) for name, days in figures.leads.items()})
    yield from _each("requests in the figures from", sources, ledger.by_source())
    yield from _one("kopecks won in the figures", sum(figures.won_by_day), ledger.notes.won_minor)
    won = sum(it.stage == "won" for it in ledger.deals)
    yield from _one("deals won in the figures", figures.won, won)
    facts = sum(hit.doc["entity"] == Deal.kind for hit in store.query(Query(FACTS)))
    yield from _one("deals behind the figures", facts, len(ledger.deals))


def _of_the_door(ledger: Ledger, doer: Doer) -> Iterator[str]:
    refused = sum(bool(it.note) for it in doer.played.edits)
    yield from _one("edits taken back", refused, ledger.notes.refused)
    shut_out = sum(not it.stored for it in doer.played.sent)
    yield from _one("calls left outside", shut_out, ledger.notes.shut_out)


def _one(what: str, found: int, wanted: int) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {found} in the office, {wanted} by the ledger"


def _each(what: str, found: Mapping[str, int], wanted: Mapping[str, int]) -> Iterator[str]:
    for name in sorted({*found, *wanted}):
        yield from _one(f"{what} {name}", found.get(name, 0), wanted.get(name, 0))


def _by(docs: list[Doc], name: str) -> Counter[str]:
    return Counter(str(it[name]) for it in docs)


def _sources(leads: list[Doc]) -> Counter[str]:
    touches = (it["first_touch"] for it in leads)
    return Counter(str(it["name"]) for it in touches if isinstance(it, Mapping))


def _open(docs: list[Doc]) -> int:
    return sum(it["state"] in {"open", "ongoing"} for it in docs)


def _still_open(cases: list[Case]) -> int:
    return sum(it.is_open for it in cases)


def _won(deals: list[Doc]) -> int:
    return sum(int(str(it["amount_minor"])) for it in deals if it["state"] == "won")
