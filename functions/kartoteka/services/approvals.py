"""Acts that wait for a head's word: kept as data, decided once, run once as their asker's own.

Whoever may not do something alone asks; the first judge hears of it, in time the next, at last a
director. Approved, the kept command is run by `automation` with the asker's rights and the
approval as evidence: `services/unit` lets one approval back one act.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from kartoteka.domain import approval as rules
from kartoteka.domain.access import Operation, check
from kartoteka.domain.approval import WAITING, Approval
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ClientId, DealId, LeadId, StaffId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead, Notice
from kartoteka.domain.notice_rules import JUDGED
from kartoteka.domain.office import Settings
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.deal_records import act, colleague
from kartoteka.services.firings import end_declined
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

TOLD = ("state", "due_at", "why", "command", "deal_id", "lead_id", "judge_id", "decided_by")
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be done when somebody agrees.

    `command` is a name of the registry, `given` its form. `mark` makes a repeated asking find its
    first whatever became of it; without one it does only while the first waits.
    """

    command: str
    given: Mapping[str, JsonValue]
    why: str  # discount, override, rule
    judge: str = ""  # staff id who is asked first
    words: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""


def ask(desk: Desk, actor: Actor, wish: Wish, *, cause: str) -> Approval:
    """Return the approval that waits for a judge, who is told.

    Raises:
        Invalid: the office has nobody to ask, or the judge named is unknown.
        NotFound, NotAllowed: the deal or lead of the command is not there, or not the actor's.
    """
    settings = desk.settings()
    if wish.judge:
        colleague(settings, wish.judge, "judge")
    line = rules.judges(settings, actor.id, wish.judge)
    if not line:
        raise Invalid(
            "nobody can approve this", fields={"judge": "approval_nobody"}, code="approval_nobody"
        )

    def work(unit: Unit) -> Approval:
        known = _known(unit, wish)
        if isinstance(known, Approval):
            return known
        asked = rules.put_before(_written(unit, settings, wish, known), line[0], settings, unit.now)
        return put(unit, asked)

    return act(desk, actor, cause, work)


def decide(
    desk: Desk, actor: Actor, approval_id: str, *, yes: bool, reason: str, cause: str
) -> Approval:
    """Return the approval with the actor's word; said twice it is said once.

    Raises:
        NotFound: there is none. NotAllowed: the actor was not asked.
        Invalid: it was decided otherwise before, or a refusal does not say why.
    """

    def work(unit: Unit) -> Approval:
        found = unit.need(Approval, approval_id)
        unit.subject = _subject(found)
        if found.decided_by == actor.id and yes is (found.state != rules.DECLINED):
            return found
        said = rules.decided(found, actor, yes=yes, reason=reason, now=unit.now)
        if not yes:
            end_declined(unit, found)
            tell(unit, said, said.actor.id, "notice_approval_declined")
        return save(unit, said)

    return act(desk, actor, cause, work)


def pass_on(unit: Unit, settings: Settings, found: Approval) -> Approval:
    """Return the approval before the next judge, because the present one said nothing."""
    coming = rules.following(found, settings)
    if coming is None:
        return save(unit, found.model_copy(update={"due_at": None}))
    return put(unit, rules.put_before(found, coming, settings, unit.now))


def put(unit: Unit, approval: Approval) -> Approval:
    """Return the approval, saved; its judge is told."""
    if approval.judge_id is not None:
        tell(unit, approval, approval.judge_id, JUDGED)
    return save(unit, approval)


def save(unit: Unit, approval: Approval) -> Approval:
    """Return the approval, kept; the log hears how it stands, not what was typed."""
    unit.subject = _subject(approval)
    unit.keep(approval, shown=TOLD)
    return approval


def tell(unit: Unit, approval: Approval, staff_id: str, code: str) -> None:
    """Keep a notice about the approval for a person."""
    unit.save(
        Notice(
            id=derived("no", approval.id, staff_id, code, spell(unit.now)),
            staff_id=StaffId(staff_id),
            code=code,
            lead_id=approval.lead_id,
            deal_id=approval.deal_id,
            approval_id=approval.id,
            at=unit.now,
        )
    )


def waiting_for(store: Store, staff_id: str) -> list[Approval]:
    """Return what waits for this person's word, the oldest first."""
    where = (Where("judge_id", "==", staff_id), Where("state", "==", WAITING))
    query = Query(Approval.collection, where, (Order("at"),), limit=_MOST_SHOWN)
    return [Approval.model_validate(found.doc) for found in store.query(query)]


def _known(unit: Unit, wish: Wish) -> Approval | str:
    """Return the same asking that was there before, else the id of the new one."""
    given = json.dumps(dict(wish.given), sort_keys=True, default=str)
    said = (wish.mark,) if wish.mark else (unit.actor.id, wish.command, given)
    name = derived("ap", *said)
    first = unit.find(Approval, name)
    if first is None:
        return name
    if wish.mark or first.state in {WAITING, rules.APPROVED}:
        return first
    again = derived("ap", *said, spell(unit.now))
    return unit.find(Approval, again) or again


def _written(unit: Unit, settings: Settings, wish: Wish, name: str) -> Approval:
    deal = unit.need(Deal, str(wish.given["deal"])) if wish.given.get("deal") else None
    lead = unit.need(Lead, str(wish.given["lead"])) if wish.given.get("lead") else None
    record = deal or lead
    if record is not None:
        check(unit.actor, Operation.READ, record, within=settings, now=unit.now)
    client = record.client_id if record is not None else str(wish.given.get("client") or "")
    return Approval(
        id=name,
        command=wish.command,
        given=dict(wish.given),
        actor=unit.actor,
        why=wish.why,
        words=wish.words,
        facts=dict(wish.facts),
        client_id=ClientId(client) if client else None,
        deal_id=DealId(deal.id) if deal else None,
        lead_id=LeadId(lead.id) if lead else None,
        at=unit.now,
    )


def _subject(approval: Approval) -> str:
    return approval.client_id or approval.deal_id or approval.lead_id or approval.id
