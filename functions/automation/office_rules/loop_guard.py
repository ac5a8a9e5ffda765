"""Rules that chase each other stop, and somebody hears of it once."""

from datetime import datetime

from automation.office_rules.receivers import heads
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.firing import Firing
from kartoteka.domain.ids import DealId, LeadId, StaffId, TaskId, derived
from kartoteka.domain.model import Notice
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def tell_of_loop(desk: Desk, firing: Firing) -> None:
    """Tell that rules chased each other and were stopped."""
    tell_owner(desk, firing, "notice_rules_loop")


def tell_owner(desk: Desk, firing: Firing, code: str) -> None:
    """Tell the owner of the rule, else the heads: once a day for each record, rule and reason."""
    settings = desk.settings()
    owner = settings.person(firing.owner_id)
    names = {row.id: row.name for row in settings.office.rules}
    called = names.get(firing.rule_id, firing.rule_id)
    told = (owner,) if owner is not None and owner.active else heads(settings, None)
    actor = Actor(kind=ActorKind.RULE, id=firing.rule_id)

    def work(unit: Unit) -> None:
        unit.subject = firing.client_id or firing.record_id
        for person in told:
            day = f"{unit.now:%Y-%m-%d}"
            name = derived("no", code, firing.rule_id, firing.record_id, person.id, day)
            if unit.find(Notice, name) is None:
                unit.add(_notice(name, person.id, code, firing, called=called, at=unit.now))

    transact(desk.store, actor, "rule_stopped", desk.now(), work=work)
    desk.waker.after_commit()


def _notice(
    name: str, staff_id: StaffId, code: str, firing: Firing, *, called: str, at: datetime
) -> Notice:
    kind, record = firing.about, firing.record_id
    return Notice(
        id=name,
        staff_id=staff_id,
        code=code,
        words=called,
        lead_id=LeadId(record) if kind == "lead" else None,
        deal_id=DealId(record) if kind == "deal" else None,
        task_id=TaskId(record) if kind == "task" else None,
        at=at,
    )
