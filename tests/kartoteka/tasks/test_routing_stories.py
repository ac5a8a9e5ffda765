"""Who gets a new request: the table, the client's own person, presence, quotas; B1-B10, B12."""

from typing import Any

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.tasks.task_desk import ANNA, DAY, HOUR, MINUTE, OLGA, VERA, VIKTOR, Work

from automation import nightly
from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Office
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.services.loads import Loads
from kartoteka.services.office import Desk, SettingsCache

SELLERS = ["st_anna", "st_boris", "st_vera", "st_gleb"]


def changed(work: Work, record: Any, **update: Any) -> None:
    """Change the office's settings as their own commands would."""
    doc = record.model_copy(update=update).model_dump(mode="json")
    work.desk.store.run(lambda tx: tx.put(record.collection, record.id, doc))
    settings = work.desk.settings
    assert isinstance(settings, SettingsCache)
    settings.forget()


def office(work: Work) -> Office:
    return work.desk.settings().office


def person(work: Work, staff_id: str) -> Staff:
    found = work.desk.settings().person(staff_id)
    assert found is not None
    return found


def rules(work: Work, *given: dict[str, Any]) -> None:
    table = tuple(RoutingRule(id=f"r{n}", **row) for n, row in enumerate(given))
    changed(work, office(work), routing=table)


def away(work: Work, staff_id: str) -> None:
    changed(work, person(work, staff_id), absent=("2026-11-23",))


def owners(work: Work, count: int, start: int = 0, **fields: str) -> list[str | None]:
    numbers = [f"+7916000{n:04}" for n in range(start, start + count)]
    leads = [work.lead(work.form(None, phone=phone, **fields).lead_id) for phone in numbers]
    return [lead.owner_id for lead in leads]


def settled_owners(work: Work, count: int) -> list[str | None]:
    """Return who got each lead when the shares were counted behind the one before."""
    got = []
    for number in range(count):
        got += owners(work, 1, start=number)
        work.settle()
    return got


def test_queue_deals_in_turn_among_those_who_are_there(work: Work) -> None:
    away(work, "st_boris")

    assert owners(work, 6) == ["st_anna", "st_gleb", "st_vera"] * 2


def test_first_row_that_fits_decides(work: Work) -> None:
    rules(
        work,
        {"category": ("Банкротство",), "assign_to": ("st_vera",), "priority": 2},
        {"amount_from_minor": 500_000_00, "assign_to": ("st_gleb",)},
        {"client_type": ("партнёр", "partner"), "assign_to": ("st_boris",)},
        {"source": ("Сайт-форма",), "channel": ("form",), "assign_to": ("st_anna",)},
    )

    assert owners(work, 1, 0, category="банкротство ", amount="900 000 ₽") == ["st_vera"]
    assert owners(work, 1, 1, amount="500 000,00 руб.") == ["st_gleb"]
    assert owners(work, 1, 2, amount="499999.99", client_type="Партнёр") == ["st_boris"]


def test_pair_and_team_take_turns_of_their_own(work: Work) -> None:
    rules(
        work,
        {"category": ("пара",), "assign_to": ("st_anna", "st_vera")},
        {"category": ("отдел",), "team": "Продажи"},
    )
    pairs = owners(work, 1, 0, category="пара") + owners(work, 2, 1)
    pairs += owners(work, 1, 3, category="пара")
    team = owners(work, 4, 4, category="отдел")

    assert (pairs[0], pairs[3]) == ("st_anna", "st_vera")
    assert sorted(filter(None, team)) == sorted(SELLERS)


def test_named_person_who_is_away_leaves_it_to_the_queue(work: Work) -> None:
    rules(work, {"category": ("x",), "assign_to": ("st_vera",)})
    away(work, "st_vera")

    assert owners(work, 2, category="x") == ["st_anna", "st_boris"]


def test_region_comes_from_the_form_or_from_the_number(work: Work) -> None:
    rules(
        work,
        {"region": ("Москва",), "assign_to": ("st_vera",)},
        {"region": ("Татарстан",), "assign_to": ("st_gleb",)},
        {"region": ("Омская",), "assign_to": ("st_boris",)},
    )
    found = [
        work.lead(work.form(None, phone=phone, **fields).lead_id)
        for phone, fields in (
            ("+74951234567", {}),
            ("+78432345678", {}),
            ("+73822234567", {}),  # Tomsk is not Omsk
            ("+79161234500", {"region": "г. Москва"}),
            ("+79161234501", {}),
        )
    ]

    assert [lead.owner_id for lead in found[:2]] == ["st_vera", "st_gleb"]
    assert found[2].routed_by == "queue"
    assert [lead.region for lead in found[:2]] == ["Москва", "Республика Татарстан"]
    assert (found[3].owner_id, found[3].region) == ("st_vera", "г. Москва")
    assert (found[4].region, found[4].routed_by) == ("unknown", "region_unknown")


def test_unknown_region_goes_to_the_default_team_with_a_flag(work: Work) -> None:
    row = {"id": "moscow", "region": ["Москва"], "assign_to": ["st_vera"]}
    told = work.do(OLGA, "routing.set", rules=[row], default_team="Юристы")
    assert told.default_team == work.do(OLGA, "routing.show").default_team == "Юристы"
    work.do(OLGA, "staff.edit", staff="st_dina", takes_leads=True)

    here = work.lead(work.form(None, phone="+74951234567").lead_id)
    nowhere = work.lead(work.form(None, phone="+79161234501").lead_id)
    typed = work.lead(work.form(None, phone="+79161234502", region="Пермь").lead_id)
    assert (here.owner_id, here.note) == ("st_vera", "")
    assert (nowhere.owner_id, nowhere.region, nowhere.routed_by) == (
        "st_dina",
        "unknown",
        "region_unknown",
    )
    assert nowhere.note.startswith("Регион не определён")
    assert (typed.region, typed.routed_by) == ("Пермь", "queue")
    work.do(OLGA, "routing.set", rules=[row])
    assert work.do(OLGA, "routing.show").default_team == "Юристы", "what is not given stays"


def test_default_team_is_one_of_the_offices(work: Work) -> None:
    with pytest.raises(Invalid) as refused:
        work.do(OLGA, "routing.set", rules=[], default_team="Нигде")
    assert refused.value.fields == {"default_team": "settings_reference"}
    work.do(OLGA, "routing.set", rules=[], default_team="")


def test_rule_chooses_the_stage(work: Work) -> None:
    rules(work, {"category": ("x",), "stage": "c1"}, {"category": ("y",), "stage": "qual"})
    ours, closed = (
        work.form(None, phone=f"+7916000000{n}", category=c) for n, c in ((1, "x"), (2, "y"))
    )

    assert work.lead(ours.lead_id).stage == "c1"
    assert work.lead(closed.lead_id).stage == "new"


def test_rule_may_look_at_the_office_hours(work: Work) -> None:
    rules(work, {"hours": "closed", "pool": True}, {"hours": "working", "assign_to": ("st_vera",)})
    assert owners(work, 1) == ["st_vera"]
    work.desk.clock.advance(14 * HOUR)

    assert owners(work, 1, 1) == [None]


def test_urgent_request_has_half_the_time(work: Work) -> None:
    rules(work, {"category": ("x",), "priority": 2})
    lead = work.lead(work.form(None, category="x").lead_id)
    assert (lead.priority, lead.next_at) == (2, work.desk.now() + 8 * MINUTE)

    calm = work.lead(work.form(None, phone="+79160000001").lead_id)
    work.desk.clock.advance(2 * MINUTE)
    hurried = work.do(VIKTOR, "lead.priority", lead=calm.id, priority=3)
    assert hurried.next_at == calm.created_at + 8 * MINUTE
    assert work.do(VIKTOR, "lead.priority", lead=calm.id, priority=0).next_at == calm.next_at


def closed_lead(work: Work, owner: str) -> None:
    lead = work.form(None).lead_id
    work.do(VIKTOR, "lead.assign", lead=lead, owner=owner)
    work.do(VIKTOR, "lead.move", lead=lead, stage="junk", reason="ошибка")
    work.desk.clock.advance(HOUR)


def test_returning_client_goes_to_their_own_person(work: Work) -> None:
    closed_lead(work, "st_gleb")
    again = work.lead(work.form(ANNA).lead_id)

    assert (again.owner_id, again.routed_by, again.repeat) == ("st_gleb", "own", True)


def test_in_their_absence_the_team_stands_in_and_a_note_says_so(work: Work) -> None:
    closed_lead(work, "st_gleb")
    away(work, "st_gleb")
    again = work.lead(work.form(None).lead_id)

    assert again.owner_id in {"st_anna", "st_boris", "st_vera"}
    assert again.routed_by == "absent"
    assert "Глеб Орлов" in again.note


def test_when_nobody_is_there_the_client_keeps_their_person(work: Work) -> None:
    closed_lead(work, "st_gleb")
    for name in SELLERS:
        away(work, name)

    assert work.lead(work.form(None).lead_id).owner_id == "st_gleb"


def test_rule_about_returning_clients_comes_before_their_person(work: Work) -> None:
    closed_lead(work, "st_gleb")
    rules(work, {"returning": True, "assign_to": ("st_vera",)})

    assert work.lead(work.form(None).lead_id).owner_id == "st_vera"


def test_person_who_left_is_passed_over(work: Work) -> None:
    closed_lead(work, "st_gleb")
    changed(work, person(work, "st_gleb"), active=False)

    assert work.lead(work.form(VERA).lead_id).owner_id == "st_vera"


def test_quota_of_the_month_is_kept_until_everybody_has_theirs(work: Work) -> None:
    for name, quota in (("st_anna", 1), ("st_boris", 2), ("st_vera", 1), ("st_gleb", 0)):
        changed(work, person(work, name), quota=quota)
    fresh = Desk(**{**vars(work.desk), "loads": Loads(ttl_s=0)})
    got = settled_owners(Work(fresh), 7)

    assert got.count("st_anna") == got.count("st_vera") == 1
    assert got.count("st_boris") == 2
    assert got.count("st_gleb") == 3  # no limit


def test_when_all_have_had_their_share_all_go_on(work: Work) -> None:
    for name in SELLERS:
        changed(work, person(work, name), quota=1)
    fresh = Desk(**{**vars(work.desk), "loads": Loads(ttl_s=0)})

    assert sorted(filter(None, settled_owners(Work(fresh), 8))) == sorted(SELLERS * 2)


def test_shares_are_counted_behind_the_leads_and_read_once_a_minute(work: Work) -> None:
    owners(work, 4)
    loads, counted = Loads(), CountedStore(work.desk.store)
    for name in SELLERS:
        changed(work, person(work, name), quota=1)
    work.settle()
    with counted.measure() as ops:
        full = [loads.full(counted, work.desk.settings()) for _ in range(5)]

    assert full == [frozenset(SELLERS)] * 5
    assert ops.reads == 1


def test_quota_looks_back_thirty_days_and_the_night_forgets_the_day_before(
    work: Work, clock: FixedClock
) -> None:
    for name in SELLERS:
        changed(work, person(work, name), quota=1)
    settled_owners(work, 4)
    clock.advance(31 * DAY)
    assert Loads().full(work.desk.store, work.desk.settings()) == set(SELLERS)
    nightly.run(work.desk)
    assert Loads().full(work.desk.store, work.desk.settings()) == set()


def test_lead_that_changes_hands_counts_for_its_new_owner(work: Work) -> None:
    for name in SELLERS:
        changed(work, person(work, name), quota=1)
    lead = work.lead(work.form(None).lead_id)
    other = next(name for name in SELLERS if name != lead.owner_id)
    work.settle()
    work.do(OLGA, "lead.assign", lead=lead.id, owner=other)
    work.settle()
    assert Loads().full(work.desk.store, work.desk.settings()) == {other}


def test_grown_deal_asks_the_heads_once_and_stays_where_it_is(work: Work) -> None:
    rules(work, {"amount_from_minor": 500_000_00, "assign_to": ("st_vera",)})
    given = {"name": "Договор", "owner": ANNA.id, "client": _client(work), "deal_type": "Аудит"}
    deal = work.do(OLGA, "deal.create", **given)
    for price in (100_000_00, 450_000_00, 10_00):
        work.do(OLGA, "deal.line_add", deal=deal.id, name="Услуга", price_minor=price)
        work.settle()

    assert work.notices(VIKTOR).count("notice_amount") == 1
    assert work.deal(deal.id).owner_id == ANNA.id


def _client(work: Work) -> str:
    return work.lead(work.form().lead_id).client_id


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"team": "Продажи", "pool": True}, "choose one"),
        ({"assign_to": ["st_anna"], "team": "Продажи"}, "choose one"),
        ({"amount_from_minor": -1}, "amount_from_minor"),
        ({"priority": 4}, "priority"),
        ({"hours": "ночь"}, "hours"),
        ({"owner": "st_anna"}, "owner"),
    ],
)
def test_impossible_row_of_the_table_is_refused(given, word) -> None:
    with pytest.raises(ValueError, match=word):
        RoutingRule.model_validate({"id": "r1", **given})
