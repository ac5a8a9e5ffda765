"""A law office in memory: its people as actors, and a deal with everything in it."""

from datetime import UTC, datetime, timedelta
from functools import cache

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal, Participant, Payment, Visit
from kartoteka.domain.model import Activity, Client, Lead, Line, Source, Task
from kartoteka.domain.office import Settings
from kartoteka.services.people import actor
from kartoteka.services.setup import read_preset

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TIMES = {"created_at": NOW, "updated_at": NOW}
FINANCE = {"id": "st_finn", "name": "Финн", "email": "finn@office.example", "role": "finance"}
OPERATOR = {"id": "st_oper", "name": "Опер", "email": "oper@office.example", "role": "operator"}
ADMIN = {"id": "st_root", "name": "Рут", "email": "root@office.example", "role": "admin"}


@cache
def office() -> Settings:
    preset = read_preset("law_firm")
    kind = type(preset.staff[0])
    more = tuple(kind.model_validate(person) for person in (FINANCE, OPERATOR, ADMIN))
    return Settings(office=preset.office, staff=(*preset.staff, *more), forms=preset.forms)


def changed(staff_id: str, **update: object) -> Settings:
    """The office with one person changed."""
    people = tuple(
        person.model_copy(update=update) if person.id == staff_id else person
        for person in office().staff
    )
    return office().model_copy(update={"staff": people})


def with_office(**update: object) -> Settings:
    return office().model_copy(update={"office": office().office.model_copy(update=update)})


def who(staff_id: str, settings: Settings | None = None) -> Actor:
    around = settings or office()
    person = around.person(staff_id)
    assert person is not None
    return actor(person, around)


EVERYBODY = [person.id for person in office().staff]


def deal(**update: object) -> Deal:
    given: dict[str, object] = {
        "id": "dl_1",
        "client_id": "cl_1",
        "name": "Спор с застройщиком",
        "pipeline": "deals_law",
        "stage": "kp",
        "stage_entered_at": NOW,
        "owner_id": "st_anna",
        "author_id": "st_anna",
        "lines": (Line(id="l1", name="Иск", price_minor=4_500_000, cost_minor=1_200_000),),
        "amount_minor": 4_500_000,
        "contractor": "Юристы и Ко",
        "contractor_cost_minor": 1_200_000,
        "evidence": {"offer_file": "kp_45000.pdf", "result_file": "result.pdf"},
        "note": "просил скидку с 45 000 руб.",
        **TIMES,
        **update,
    }
    return Deal.model_validate(given)


def in_work(**update: object) -> Deal:
    """The deal in the contractor's hands, with an executor who takes part."""
    log = (
        Visit(stage="kp", entered_at=NOW - timedelta(days=9), left_at=NOW - timedelta(days=2)),
        Visit(stage="work", entered_at=NOW - timedelta(days=2)),
    )
    part = (Participant(staff_id="st_dina", edit=True),)
    return deal(**{"stage": "work", "stage_log": log, "participants": part, **update})


def invoiced(**update: object) -> Deal:
    paid = (Payment(reference="b1", amount_minor=1_000_000, at=NOW),)
    proofs = {"offer_file": "kp.pdf", "invoice": "inv.pdf"}
    given = {"stage": "pay", "payments": paid, "paid_minor": 1_000_000, "evidence": proofs}
    return deal(**{**given, **update})


def client(**update: object) -> Client:
    given = {"id": "cl_1", "name": "Ирина", "phones": ("+79161234567",), "owner_id": "st_anna"}
    return Client.model_validate({**given, **TIMES, **update})


def lead(**update: object) -> Lead:
    site = Source(channel="form", name="Сайт-форма")
    given = {
        "id": "ld_1",
        "client_id": "cl_1",
        "name": "Ирина",
        "pipeline": "leads_law",
        "stage": "new",
        "stage_entered_at": NOW,
        "owner_id": "st_anna",
        "first_touch": site,
        "last_touch": site,
    }
    return Lead.model_validate({**given, **TIMES, **update})


def task(**update: object) -> Task:
    given = {
        "id": "ts_1",
        "what": "call",
        "title": "Позвонить",
        "assignee_id": "st_anna",
        "due_at": NOW,
        "created_at": NOW,
    }
    return Task.model_validate({**given, **update})


def activity(**update: object) -> Activity:
    given = {"id": "ac_1", "what": "message", "at": NOW, "text": "когда ответ?"}
    return Activity.model_validate({**given, **update})
