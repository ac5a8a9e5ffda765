"""«Forget this client»: the person's data goes everywhere, the facts of money and work stay; N15.

First the card, its keys and the redirects to it; then every record that hangs on it, 200 in a
transaction; last the log, entry by entry. A crash leaves the batch running; the same command goes
on. The mirrors delete the contact and change the rows because the records changed.
"""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeAlias, TypeVar

from kartoteka.domain.access import Operation, check
from kartoteka.domain.approval import Approval
from kartoteka.domain.batch import STEP, Batch, cause_of
from kartoteka.domain.change import Actor, Change, Part
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.forgetting import (
    forgotten,
    personal_fields,
    scrubbed,
    scrubbed_keys,
    secrets,
    without,
)
from kartoteka.domain.ids import derived
from kartoteka.domain.inbound import Inbound, RawPart
from kartoteka.domain.mail import Outgoing
from kartoteka.domain.mailing import Recipient
from kartoteka.domain.merging import keys_of
from kartoteka.domain.model import Activity, Attachment, Client, Entity, Lead, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.proposal import Proposal
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Store, Tx, Where
from kartoteka.services import batches, duplicates
from kartoteka.services.fresh import check_fresh
from kartoteka.services.kept_files import discard_all, folder_key
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG, Unit, transact

FORGET = "forget"
TOLD = ("what", "state", "subject", "other")  # the log says when all of it was erased
_CONFLICTS = "conflicts"
Hanging: TypeAlias = (
    Activity
    | Approval
    | Chat
    | Deal
    | Inbound
    | Lead
    | Outgoing
    | PaymentFact
    | Proposal
    | Recipient
    | SalesPaper
    | Task
)
E = TypeVar("E", bound=Entity)
_HANGING: tuple[type[Hanging], ...] = (
    *(Lead, Deal, Task, Chat),
    *(Activity, Approval, Inbound, Outgoing, PaymentFact, Proposal, Recipient),
    SalesPaper,
)
_PROPOSED = ("open", "accepted", "refused")
_TASK_STATES = ("open", "working", "review", "done", "returned", "cancelled")


def forget(
    desk: Desk, actor: Actor, client_id: str, *, cause: str, expected: datetime | None = None
) -> Client:
    """Return the client, anonymised, after nothing personal is left in any record or the log.

    Raises:
        NotAllowed: the actor may not delete this client.
        NotFound: there is no such client.
        Conflict: the client was changed since `expected` (`stale`).
    """
    settings = desk.settings()
    stand_in = text("client_forgotten", settings.office.locale)
    asked = partial(_asked, settings=settings, client_id=client_id)
    cards = transact(desk.store, actor, cause, desk.now(), work=asked)
    check_fresh(cards[0], cards[0].updated_at, expected)
    for card in cards:
        forget_in_partners(desk.store, card)
    work = partial(_forget_cards, settings=settings, client_id=client_id, stand_in=stand_in)
    cards = transact(desk.store, actor, cause, desk.now(), work=work)
    erase(desk, actor, [card.id for card in cards], stand_in)
    transact(desk.store, actor, cause, desk.now(), work=partial(_close, client_id=cards[0].id))
    desk.waker.after_commit()
    return cards[0]


def erase(desk: Desk, actor: Actor, people: Sequence[str], stand_in: str) -> None:
    """Take what is personal out of all that hangs on these cards, or did, and out of the log."""
    mine = _forget_hanging(desk, actor, people, stand_in) | _gone(desk.store, people)
    for record_id in sorted(mine):
        _scrub(desk.store, record_id, mine, stand_in)
        _drop_conflicts(desk.store, record_id)


def _gone(store: Store, people: Sequence[str]) -> set[str]:
    """Return the ids of records of these clients that were deleted: the log keeps them whole."""
    changes = (change for person in people for change in _changes(store, person))
    parts = (part for change in changes for part in change.parts)
    return {part.id for part in parts if part.after is None and _is_of(part, people)}


def _is_of(part: Part, people: Container[str]) -> bool:
    return part.before is not None and part.before.get("client_id") in people


def _forget_hanging(desk: Desk, actor: Actor, people: Sequence[str], stand_in: str) -> set[str]:
    """Anonymise what hangs on these cards; return the ids of all of it and of the cards."""
    mine: set[str] = set(people)
    for records in _portions(hanging(desk.store, people)):
        mine |= {record.id for record in records}
        discard_all(desk.files, _files_of(records))
        work = partial(_forget_records, records=records, stand_in=stand_in)
        transact(desk.store, actor, cause_of(_batch_id(people[0])), desk.now(), work=work)
    return mine


def cards_of(unit: Unit, client: str) -> list[Client]:
    """Return the client, or the one it became part of, and behind it all that it is made of."""
    cards = [follow(unit, client)]
    for card in cards:  # grows meanwhile: what was merged into what was merged
        query = Query(Client.collection, (Where("merged_into", "==", card.id),))
        cards += unit.search(Client, query)
    return cards


def hanging(store: Store, people: Sequence[str]) -> Iterator[Hanging]:
    """Yield the records of a client and of those merged into it, each at least once."""
    for person in people:
        for model in _HANGING:
            for record in _of(store, model, "client_id", person):
                yield record
                yield from _tasks_of(store, record)


def _tasks_of(store: Store, record: Hanging) -> Iterator[Hanging]:
    """Yield the tasks that name the lead or deal only."""
    if isinstance(record, Lead | Deal):
        states = Where("state", "in", _TASK_STATES)
        where = (Where(f"{record.kind}_id", "==", record.id), states)
        for found in store.query(Query(Task.collection, where)):
            yield Task.model_validate(found.doc)


def _of(store: Store, model: type[Hanging], field: str, value: str) -> Iterator[Hanging]:
    order = (Order("at", descending=True),) if model is Activity else ()
    states = (Where("state", "in", _PROPOSED),) if model is Proposal else ()
    query = Query(model.collection, (Where(field, "==", value), *states), order)
    for found in store.query(query):
        yield model.model_validate(found.doc)


def _asked(unit: Unit, *, settings: Settings, client_id: str) -> list[Client]:
    cards = cards_of(unit, client_id)
    check(unit.actor, Operation.DELETE, cards[0], within=settings, now=unit.now)
    return cards


def entries_about(store: Store, client_id: str) -> Iterator[Change]:
    """Yield what the log says of a client, there or gone, and of all that hangs on them."""
    people = [client_id]
    for person in people:  # grows meanwhile: what was merged into what was merged
        merged = Query(Client.collection, (Where("merged_into", "==", person),))
        people += [found.id for found in store.query(merged)]
    mine = {*people, *(record.id for record in hanging(store, people)), *_gone(store, people)}
    for record_id in sorted(mine):
        yield from _changes(store, record_id)


def forget_in_partners(store: Store, card: Client) -> None:
    """Scrub the log of clients into whom this one was merged until that was undone."""
    where = (Where("other", "==", card.id), Where("state", "in", ("undoing", "undone")))
    found = store.query(Query(Batch.collection, where))
    partners = {Batch.model_validate(hit.doc).subject for hit in found}
    if not partners:
        return
    told = (part for change in _changes(store, card.id) for part in change.parts)
    sides = (side for part in told if part.id == card.id for side in (part.before, part.after))
    hidden = secrets([card.model_dump(mode="json"), *(side for side in sides if side)])
    for partner in sorted(partners):
        doc = store.get(Client.collection, partner)
        kept = secrets([doc] if doc else [])
        for change in _changes(store, partner):
            clean = scrubbed_keys(without(change, partner, hidden - kept), {card.id})
            _rewrite(store, change, clean)


def _changes(store: Store, subject: str) -> Iterator[Change]:
    query = Query(LOG, (Where("subject", "==", subject),), (Order("at"),))
    return (Change.model_validate(found.doc) for found in store.query(query))


def _rewrite(store: Store, change: Change, clean: Change) -> None:
    if clean != change:
        store.rewrite_log_entry(LOG, change.id, clean.model_dump(mode="json"))


def _forget_cards(unit: Unit, *, settings: Settings, client_id: str, stand_in: str) -> list[Client]:
    """Anonymise the client and those that were merged into it; their keys are free again."""
    cards = _asked(unit, settings=settings, client_id=client_id)
    unit.subject = cards[0].id
    batches.begin(unit, _batch_id(unit.subject), FORGET, unit.actor)
    for card in cards:
        duplicates.release(unit, card.id, keys_of(card))
    return [_forget_card(unit, card, stand_in) for card in cards]


def _files_of(records: Sequence[Hanging]) -> Iterator[Attachment]:
    for record in records:
        if isinstance(record, Inbound):
            yield from record.attachments
        if isinstance(record, Deal) and record.stage_papers:
            keys = (folder_key(record.id), *(paper.key for paper in record.stage_papers))
            for key in keys:
                yield Attachment(name="", media_type="", size=0, ref=key)
        elif isinstance(record, Activity):
            yield from record.files


def _forget_card(unit: Unit, card: Client, stand_in: str) -> Client:
    bare = _bare(card, stand_in).model_copy(update={"forgotten": True, "updated_at": unit.now})
    return unit.save(bare, unsaid=personal_fields(Client.kind))


def _forget_records(unit: Unit, *, records: Sequence[Hanging], stand_in: str) -> None:
    unit.apart = True
    for model in _HANGING:
        ids = [record.id for record in records if isinstance(record, model)]
        for record in unit.find_many(model, ids).values() if ids else ():
            bare = _bare(record, stand_in)
            if isinstance(bare, Approval | Recipient):
                unit.keep(bare)
            elif isinstance(bare, Inbound | Outgoing):
                unit.keep(bare)
                _empty_parts(unit, bare)
            elif bare != record:
                stamp = {"updated_at": unit.now} if hasattr(bare, "updated_at") else {}
                saved = bare.model_copy(update=stamp)
                unit.save(saved, unsaid=personal_fields(model.kind))


def _empty_parts(unit: Unit, inbound: Inbound | Outgoing) -> None:
    count = inbound.raw_parts if isinstance(inbound, Inbound) else 0
    for number in range(1, count + 1):
        unit.keep(RawPart(id=f"{inbound.id}.{number}", text=""))


def _bare(record: E, stand_in: str) -> E:
    doc = record.model_dump(mode="json")
    return type(record).model_validate(forgotten(record.kind, doc, stand_in))


def _scrub(store: Store, subject: str, mine: Container[str], stand_in: str) -> None:
    for change in _changes(store, subject):
        _rewrite(store, change, scrubbed(change, mine, stand_in))


def _drop_conflicts(store: Store, record_id: str) -> None:
    """Delete the values of the record that lost a merge in a sheet: people typed them."""
    query = Query(_CONFLICTS, (Where("record", "==", record_id),))
    names = [found.id for found in store.query(query)]

    def work(tx: Tx) -> None:
        for name in names:
            tx.delete(_CONFLICTS, name)

    if names:
        store.run(work)


def _portions(records: Iterator[Hanging]) -> Iterator[list[Hanging]]:
    while portion := list(islice(records, STEP)):
        yield portion


def _close(unit: Unit, *, client_id: str) -> None:
    batch = unit.need(Batch, _batch_id(client_id))
    unit.subject = client_id
    done = batch.model_copy(update={"state": "done", "done_at": unit.now})
    unit.keep(done, shown=TOLD)


def _batch_id(client_id: str) -> str:
    return derived("bt", FORGET, client_id)
