"""A lead becomes a deal in one step, or says why it does not."""

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, MINUTE, PHONE, VIKTOR, Play

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.ids import ClientId
from kartoteka.domain.model import Client, Task
from kartoteka.ports import Query

INN = "7707083893"


def refused(code: str):
    return pytest.raises((NotAllowed, Invalid, Conflict), check=lambda exc: exc.code == code)


def count(play: Play, collection: str) -> int:
    return len(list(play.desk.store.query(Query(collection))))


def test_lead_becomes_client_company_and_deal_together(play: Play, clock: FixedClock) -> None:
    product = play.do(VIKTOR, "product.add", sku="K", name="Консультация", price_minor=500_000)
    stored = play.qualified(clock)
    lines = [{"product": product.id, "quantity_milli": 2000}]
    deal = play.do(
        ANNA,
        "lead.convert",
        lead=stored.lead_id,
        deal_type="Наследство",
        lines=lines,
        company={"name": "ООО Ромашка", "inn": INN, "kpp": "773601001"},
    )

    lead, client = play.lead(stored.lead_id), play.client(stored.client_id)
    assert (lead.stage, lead.state, lead.deal_id) == ("qual", "won", deal.id)
    assert (client.open_lead_id, client.open_deal_ids) == (None, (deal.id,))
    assert (client.company, client.company_id) == ("ООО Ромашка", deal.company_id)
    assert (deal.stage, deal.amount_minor, deal.sign) == ("kp", 1_000_000, "first")
    assert (deal.owner_id, deal.author_id, deal.lead_id) == ("st_anna", "st_anna", lead.id)
    assert deal.next_action.what == "send_offer"


def test_lead_that_wants_a_call_is_not_converted(play: Play) -> None:
    stored = play.form()

    with refused("stage_needs_call"):
        play.do(ANNA, "lead.convert", lead=stored.lead_id, deal_type="Наследство")
    assert count(play, "deals") == 0


def test_head_converts_past_the_ladder_with_a_reason(play: Play) -> None:
    stored = play.form()

    deal = play.do(
        VIKTOR,
        "lead.convert",
        lead=stored.lead_id,
        deal_type="Наследство",
        reason="Клиент пришёл в офис сам",
    )

    assert deal.stage == "kp"


def test_converting_twice_gives_the_same_deal(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)
    given = {"lead": stored.lead_id, "deal_type": "Наследство"}
    first = play.do(ANNA, "lead.convert", **given)

    assert play.do(ANNA, "lead.convert", **given).id == first.id
    assert count(play, "deals") == 1


def test_converted_lead_is_read_only(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)

    for command, given in [
        ("lead.note", {"note": "поздно"}),
        ("lead.move", {"stage": "junk", "reason": "спам"}),
        ("lead.lines", {"lines": []}),
    ]:
        with refused("lead_converted"):
            play.do(VIKTOR, command, lead=deal.lead_id, **given)


def test_same_person_twice_must_be_merged_first(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)
    other = play.form(phone="+79160000001", name="Ирина П.")
    client = play.client(stored.client_id).model_copy(update={"phones": (PHONE, "+79160000001")})
    play.desk.store.run(lambda tx: tx.put("clients", client.id, client.model_dump(mode="json")))

    with refused("duplicate_client") as raised:
        play.do(ANNA, "lead.convert", lead=stored.lead_id, deal_type="Наследство")

    assert raised.value.facts["other"] == other.client_id
    assert count(play, "deals") == 0
    assert play.lead(stored.lead_id).state == "ongoing"


def test_same_person_is_merged_in_the_same_step(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)
    other = play.form(phone="+79160000001")
    client = play.client(stored.client_id).model_copy(update={"phones": (PHONE, "+79160000001")})
    play.desk.store.run(lambda tx: tx.put("clients", client.id, client.model_dump(mode="json")))
    play.do(VIKTOR, "lead.move", lead=other.lead_id, stage="junk", reason="дубль")

    deal = play.do(VIKTOR, "lead.convert", lead=stored.lead_id, deal_type="Наследство", merge=True)

    whole = play.client(deal.client_id)
    assert whole.id == client.id  # the older card stays
    assert play.client(other.client_id).merged_into == whole.id
    assert play.lead(other.lead_id).client_id == whole.id
    assert (whole.open_lead_id, whole.open_deal_ids) == (None, (deal.id,))
    assert deal.sign == "repeat_inquiry"


def test_people_known_to_share_a_telephone_are_not_the_same(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)
    shared = {"client_id": "cl_wife", "people": ["cl_wife", stored.client_id]}
    play.desk.store.run(lambda tx: tx.put("keys", f"phone:{PHONE}", shared))

    assert play.do(ANNA, "lead.convert", lead=stored.lead_id, deal_type="Наследство").stage == "kp"


def test_known_company_is_found_by_its_tax_number(play: Play, clock: FixedClock) -> None:
    company = play.do(ANNA, "company.add", name="ООО Ромашка", inn=INN)
    stored = play.qualified(clock)

    deal = play.do(
        ANNA,
        "lead.convert",
        lead=stored.lead_id,
        deal_type="Наследство",
        company={"name": "Ромашка", "inn": "7707 083 893"},
    )

    assert deal.company_id == company.id
    assert count(play, "companies") == 1


def test_papers_asked_for_become_the_next_steps(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock, offer=True, invoice=True)

    tasks = [Task.model_validate(row.doc) for row in play.desk.store.query(Query("tasks"))]
    assert deal.next_action.what == "send_offer"
    assert [(task.what, task.deal_id, task.assignee_id) for task in tasks] == [
        ("send_invoice", deal.id, "st_anna")
    ]


def test_lines_of_the_lead_go_over_to_the_deal(play: Play, clock: FixedClock) -> None:
    product = play.do(VIKTOR, "product.add", sku="K1", name="Консультация", price_minor=300_000)
    stored = play.qualified(clock)
    play.do(ANNA, "lead.lines", lead=stored.lead_id, lines=[{"product": product.id}])

    deal = play.do(ANNA, "lead.convert", lead=stored.lead_id)

    assert [(line.name, line.product_id) for line in deal.lines] == [("Консультация", product.id)]
    assert deal.amount_minor == 300_000


def test_lead_without_a_service_names_it(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)

    with refused("stage_requires") as raised:
        play.do(ANNA, "lead.convert", lead=stored.lead_id)

    assert raised.value.fields == {"service": "required"}
    assert play.lead(stored.lead_id).state == "ongoing"


def test_somebody_else_s_lead_is_not_converted(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)

    with refused("not_yours"):
        play.do(BORIS, "lead.convert", lead=stored.lead_id, deal_type="Наследство")


def test_client_is_heard_by_the_deal_and_not_as_a_new_request(
    play: Play, clock: FixedClock
) -> None:
    deal = play.new_deal(clock)
    clock.advance(10 * MINUTE)

    again = play.form()

    assert (again.client_id, again.lead_id) == (deal.client_id, None)
    assert count(play, "leads") == 1
    heard = play.deal(deal.id)
    assert heard.last_touch_at == clock.now()
    assert heard.next_at <= clock.now()


def test_request_beside_a_process_is_a_new_lead(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)
    play.do(VIKTOR, "lead.move", lead=stored.lead_id, stage="junk", reason="не наш профиль")
    office = play.desk.settings().office
    lines = tuple(line.model_copy(update={"active": True}) for line in office.pipelines)
    shown = office.model_copy(update={"pipelines": lines})
    play.desk.store.run(lambda tx: tx.put("settings", "office", shown.model_dump(mode="json")))
    play.desk.settings.forget()
    play.do(
        VIKTOR,
        "deal.create",
        name="Долг",
        client=stored.client_id,
        pipeline="receivables",
    )

    assert play.form().lead_id not in {None, stored.lead_id}


@pytest.mark.parametrize(
    ("before", "sign"), [("won", "repeat"), ("lost", "repeat_inquiry"), (None, "first")]
)
def test_sign_says_whether_the_client_has_bought_before(
    play: Play, clock: FixedClock, before: str | None, sign: str
) -> None:
    client = Client(
        id=ClientId("cl_1"),
        name="Ирина",
        owner_id="st_anna",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    play.desk.store.run(lambda tx: tx.put("clients", "cl_1", client.model_dump(mode="json")))
    given = {"name": "Дело", "client": "cl_1", "deal_type": "Наследство"}
    if before is not None:
        first = play.do(ANNA, "deal.create", **given)
        closed = play.deal(first.id).model_copy(update={"state": before})
        play.desk.store.run(lambda tx: tx.put("deals", first.id, closed.model_dump(mode="json")))

    assert play.do(ANNA, "deal.create", **given).sign == sign
