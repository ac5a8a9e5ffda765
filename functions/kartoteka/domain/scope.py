"""Whose a record is, and whether a reach covers it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.approval import Approval
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.matrix import BOOK, Only, Operation, Rights, Scope
from kartoteka.domain.model import Activity, Client, Entity, Lead, Notice, Role, Staff, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.order import Order
from kartoteka.domain.overrides import Overrides
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.plan import Plan
from kartoteka.domain.sales_paper import SalesPaper

_HELD = Lead | Client | Company | Deal
_PERSONAL = _HELD | Approval | Chat | Task | Activity | Notice | Overrides | Plan
_BY_ACTOR = frozenset(
    {"batch", "edit", "export", "generator", "import"}
)  # in the hands of who did it


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks, in which office, when, and by way of which other record.

    Without settings everybody is of one team, nobody works in a pair and stages have no roles.
    Without `now` former owners read nothing more and nothing is of today. `via` is the request,
    deal or client that led to the record: who reads that one reads what hangs on it.
    """

    actor: Actor
    within: Settings | None = None
    now: datetime | None = None
    via: Entity | None = None

    @property
    def person(self) -> Staff | None:
        """Return the actor as the staff list has them."""
        return self.within.person(self.actor.id) if self.within is not None else None

    @property
    def roles(self) -> tuple[str, ...]:
        """Return every role of the actor as the settings name them now, the main one first.

        Whom the settings do not know has the role they came with; who was dismissed has none.
        """
        person = self.person
        if person is None:
            return (self.actor.role,)
        return tuple(dict.fromkeys((str(person.role), *person.also))) if person.active else ()


def covers(sight: Sight, rights: Rights, operation: Operation, record: Entity) -> bool:
    """Return whether this role's reach covers the record."""
    if not rights.reaches(operation, record.kind):
        return False
    only = rights.only.get(record.kind)
    if only is Only.NEW and not _is_new(record):
        return False
    if only is Only.INVOICED and not _is_invoiced(sight, rights, record):
        return False
    if operation is Operation.READ and _reads(sight, record):
        return True
    scope = rights.scope(operation)
    reach = min(scope, Scope.OWN) if only is Only.OWN else scope
    return _reached(sight, reach, record, takes=rights.role != Role.EXECUTOR)


def _reached(sight: Sight, scope: Scope, record: Entity, *, takes: bool) -> bool:
    held = isinstance(record, _PERSONAL) or record.kind in _BY_ACTOR
    if scope is Scope.ALL or not held:
        return True
    holders = hands(record)
    if not holders:
        return takes and isinstance(record, _HELD | Chat)
    if sight.actor.id in holders:
        return True
    if scope >= Scope.PAIR and _partners(sight) & holders:
        return True
    return scope >= Scope.TEAM and _in_team(sight, scope, holders)


def hands(record: Entity) -> frozenset[str]:
    """Return in whose hands the record is; nobody's: whoever takes it."""
    if isinstance(record, Deal):
        helpers = (item.staff_id for item in record.participants if item.edit)
        return frozenset(filter(None, (record.owner_id, *helpers)))
    if isinstance(record, _HELD | Chat):
        called_in = record.helpers if isinstance(record, Chat) else ()
        return frozenset(filter(None, (record.owner_id, *called_in)))
    if isinstance(record, Task):
        return frozenset(filter(None, (record.assignee_id, record.setter_id)))
    if isinstance(record, Approval):
        return frozenset({record.actor.id, *record.asked})
    if isinstance(record, Activity | Notice | Overrides | Plan):
        return frozenset(filter(None, (record.staff_id,)))
    actor = getattr(record, "actor", None) if record.kind in _BY_ACTOR else None
    return frozenset({actor.id} if isinstance(actor, Actor) else ())


def _partners(sight: Sight) -> frozenset[str]:
    """Return the colleagues in a pair with the actor, whichever of the two names the other."""
    if sight.within is None:
        return frozenset()
    me, person = sight.actor.id, sight.person
    named = {person.pair} if person is not None and person.pair else set()
    return frozenset(named | {p.id for p in sight.within.staff if p.pair == me})


def _in_team(sight: Sight, scope: Scope, holders: frozenset[str]) -> bool:
    settings, person = sight.within, sight.person
    if settings is None:
        return True
    if person is None:
        return False
    teams = {p.team for p in settings.staff if p.id in holders}
    if scope is Scope.TEAM:
        return person.team in teams
    return any(is_below(team, person.team, settings.office.teams) for team in teams)


def in_charge(sight: Sight, scope: Scope, staff_id: str) -> bool:
    """Return whether a reach of the team, or of the teams below, takes this colleague in."""
    if scope is Scope.ALL:
        return True
    return scope >= Scope.TEAM and _in_team(sight, scope, frozenset({staff_id}))


def is_below(team: str, top: str, parents: dict[str, str]) -> bool:
    """Return whether `team` is `top` or below it; the unnamed team is above all."""
    seen: set[str] = set()
    while team and team != top and team not in seen:
        seen.add(team)
        team = parents.get(team, "")
    return team == top


def _reads(sight: Sight, record: Entity) -> bool:
    """Return whether the actor reads it beside those in whose hands it is."""
    me = sight.actor.id
    if isinstance(record, Task) and me in record.watchers:
        return True
    if isinstance(record, Deal) and _is_shown(sight, record):
        return True
    if isinstance(record, Lead | Deal) and sight.now is not None:
        now = sight.now
        return any(item.staff_id == me and now < item.until for item in record.readers)
    return False


def _is_shown(sight: Sight, deal: Deal) -> bool:
    if any(item.staff_id == sight.actor.id for item in deal.participants):
        return True
    if deal.visibility == "team":
        return _in_team(sight, Scope.TEAM, hands(deal)) and sight.within is not None
    return deal.visibility == "all"


def hangs_on(record: Entity, via: Entity) -> bool:
    """Return whether the record belongs to the request, deal, task or client `via`."""
    if isinstance(record, Client | Company):
        link = "client_id" if isinstance(record, Client) else "company_id"
        return getattr(via, link, None) == record.id
    linked = isinstance(record, Activity | Chat | Task | Notice | Order | PaymentFact | SalesPaper)
    if linked and via.kind in {"lead", "deal", "client"}:
        return getattr(record, f"{via.kind}_id", None) == via.id
    return False


def _is_new(record: Entity) -> bool:
    if isinstance(record, Lead):
        return record.state == "open" and record.touched_at is None
    return not isinstance(record, Client) or record.segment == "new"


def _is_invoiced(sight: Sight, rights: Rights, record: Entity) -> bool:
    """Return whether there is an invoice, or the deal stands where this role works on it."""
    if not isinstance(record, Deal):
        return False
    stage = stage_of(record, sight.within)
    if sight.within is None or (stage is not None and rights.role in stage.edit_roles):
        return True
    return bool(record.invoice_due or record.evidence.get("invoice") or record.payments)


def is_today(sight: Sight, moment: datetime) -> bool:
    """Return whether it is of the office's present day."""
    if sight.now is None or sight.within is None:
        return False
    zone = ZoneInfo(sight.within.office.work.zone)
    return moment.astimezone(zone).date() == sight.now.astimezone(zone).date()


def stage_of(record: Entity, within: Settings | None) -> Stage | None:
    """Return the deal's stage, None when it or the office is not known."""
    if within is None or not isinstance(record, Deal):
        return None
    pipelines = (line for line in within.office.pipelines if line.id == record.pipeline)
    return next((s for line in pipelines for s in line.stages if s.id == record.stage), None)


def may_work(stage: Stage, actor: Actor, roles: tuple[str, ...] = ()) -> bool:
    """Return whether a deal on this stage is in the hands of people with the actor's roles.

    The author's right ends where the stage names other roles (D2). A person known by the book
    only has a manager's hands.
    """
    if not actor.is_person or not stage.edit_roles:
        return True
    held = {Role.MANAGER.value if role == BOOK else role for role in (actor.role, *roles)}
    return bool(held & set(stage.edit_roles))


def handed_over_at(deal: Deal, role: str, within: Settings) -> datetime | None:
    """Return when the deal first came to a stage of this role, None while it has not."""
    owned = {
        stage.id
        for line in within.office.pipelines
        if line.id == deal.pipeline
        for stage in line.stages
        if role in stage.edit_roles
    }
    return next((visit.entered_at for visit in deal.stage_log if visit.stage in owned), None)
