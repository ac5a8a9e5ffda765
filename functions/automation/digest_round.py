"""The round of digests: each person's plan in the morning, the heads' summary in the evening; M-4.

Each is a notice named by person and day, so however often and late the minute ticks, it is there
once. A round that was made is remembered: until the next one, a tick reads one small record.
"""

from datetime import date
from functools import partial

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.ids import derived
from kartoteka.domain.model import Notice, Staff
from kartoteka.domain.notice_rules import MORNING, DigestRound, digest_due, works_on
from kartoteka.domain.office import Settings
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_ACTOR = Actor(kind=ActorKind.RULE, id="digest")


def run(desk: Desk) -> int:
    """Return how many people are told by this tick."""
    settings, now = desk.settings(), desk.now()
    day, code = digest_due(settings.office.notices, settings.office.work.zone, now)
    name = derived("dr", code, day.isoformat())
    if not code or desk.store.get(DigestRound.collection, name) is not None:
        return 0
    told = sum(_tell(desk, person, code, day) for person in _people(settings, code, day))
    made = DigestRound(id=name, at=now)
    transact(desk.store, _ACTOR, "digest", now, work=partial(Unit.keep, record=made))
    if told:
        desk.waker.after_commit()
    return told


def _people(settings: Settings, code: str, day: date) -> list[Staff]:
    """Return who is told: in the morning everybody at work, in the evening their heads."""
    work = settings.office.work
    people = settings.staff if code == MORNING else settings.heads()
    return [person for person in people if works_on(person, day, work)]


def _tell(desk: Desk, person: Staff, code: str, day: date) -> bool:
    name = derived("no", "digest", code, person.id, day.isoformat())
    work = partial(_told, name=name, person=person, code=code)
    return transact(desk.store, _ACTOR, "digest", desk.now(), work=work)


def _told(unit: Unit, name: str, person: Staff, code: str) -> bool:
    if unit.find(Notice, name) is not None:
        return False
    unit.subject = person.id
    unit.add(Notice(id=name, staff_id=person.id, code=code, at=unit.now))
    return True
