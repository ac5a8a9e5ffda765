"""Settings of a live office: changed safely, judged as a whole, by those who may."""

from datetime import date, timedelta

import pytest
from tests.access.office_cast import NOW, client, deal, lead
from tests.access.test_custom_fields import do

from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.services import settings_stages
from kartoteka.services.commands import execute
from kartoteka.services.office import read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import LOG

OLGA, ANNA = "olga@office.example", "anna@office.example"


def office_of(desk):
    return read_settings(desk.store).office


def stage_of(desk, pipeline, stage):
    return office_of(desk).pipeline(pipeline).stage(stage)


def put(desk, *records):
    desk.store.run(
        lambda tx: [tx.put(it.collection, it.id, it.model_dump(mode="json")) for it in records]
    )


def refused(desk, name, /, **given):
    before = read_settings(desk.store)
    with pytest.raises(Invalid) as found:
        do(desk, OLGA, name, **given)
    assert read_settings(desk.store) == before, "the last valid settings stay in force"
    return found.value


def test_stage_is_renamed_coloured_and_limited_under_its_id(desk):
    place = {"pipeline": "leads_law", "stage": "c1"}
    do(desk, OLGA, "stage.rename", **place, name="Дозвонились")
    do(desk, OLGA, "stage.colour", **place, colour="#00ff00")
    do(desk, OLGA, "stage.limit", **place, idle_days=2, due={"work_minutes": 30})

    stage = stage_of(desk, "leads_law", "c1")
    assert (stage.name, stage.name_en, stage.colour) == (
        "Дозвонились", "Call made · 1 hour", "#00ff00",
    )  # fmt: skip
    assert (stage.idle_days, stage.due.work_minutes) == (2, 30)
    assert desk.settings().office.leads.stage("c1").name == "Дозвонились"


def test_stages_are_reordered_whole_or_not_at_all(desk):
    ids = [stage.id for stage in office_of(desk).pipeline("hiring").stages]
    do(desk, OLGA, "stage.reorder", pipeline="hiring", order=[ids[0], *ids[:0:-1]])

    assert [s.id for s in office_of(desk).pipeline("hiring").stages] == [ids[0], *ids[:0:-1]]
    wrong = refused(desk, "stage.reorder", pipeline="hiring", order=ids[:-1])
    assert wrong.code == "settings_order"
    first = refused(desk, "stage.reorder", pipeline="hiring", order=ids[::-1])
    assert first.code == "settings_first_stage"


def test_new_stage_is_reached_from_where_the_office_says(desk):
    saved = do(desk, OLGA, "stage.add", pipeline="leads_law", stage="docs", name="Ждём документы",
               after="c1", leads_to=["qual", "junk"], reached_from=["c1"])  # fmt: skip

    ids = [stage.id for stage in office_of(desk).leads.stages]
    assert ids[ids.index("c1") + 1] == "docs"
    assert "docs" in stage_of(desk, "leads_law", "c1").leads_to
    assert saved.warnings == ()


def test_thirteenth_stage_is_advised_against(desk):
    for number in range(3):
        saved = do(desk, OLGA, "stage.add", pipeline="leads_law", stage=f"x{number}", name="Ещё",
                   after="c1")  # fmt: skip

    assert saved.warnings == ("stages_many:leads_law",)


def test_taken_id_is_refused(desk):
    wrong = refused(desk, "stage.add", pipeline="leads_law", stage="c1", name="Вторая", after="new")

    assert (wrong.code, wrong.facts["what"]) == ("settings_twice", "c1")


def test_gated_ladder_keeps_its_stages(desk):
    wrong = refused(desk, "stage.delete", pipeline="leads_law", stage="r2", move_to="r1")

    assert wrong.code == "settings_still_named"
    assert wrong.facts["where"] == "leads_law.r1.exhausted"


@pytest.mark.parametrize(("stage", "move_to"), [("won", "lost"), ("wait", "won"), ("kp", "kp")])
def test_records_do_not_move_to_another_kind_of_stage(desk, stage, move_to):
    wrong = refused(desk, "stage.delete", pipeline="deals_law", stage=stage, move_to=move_to)

    assert wrong.code == "settings_move_to"


def test_deleted_stage_gives_its_records_away_and_is_named_no_more(desk, monkeypatch):
    monkeypatch.setattr(settings_stages, "STEP", 2)
    put(desk, *(deal(id=f"dl_{n}", stage="contract") for n in range(5)), deal(id="dl_x"))

    saved = do(desk, OLGA, "stage.delete", pipeline="deals_law", stage="contract", move_to="wait")

    stages = {row: desk.store.get("deals", row)["stage"] for row in ("dl_0", "dl_4", "dl_x")}
    line = office_of(desk).pipeline("deals_law")
    assert saved.moved == 5
    assert stages == {"dl_0": "wait", "dl_4": "wait", "dl_x": "kp"}
    assert not [it for it in line.stages if "contract" in (it.id, *it.leads_to)]
    moved = desk.store.get("deals", "dl_0")
    assert moved["next_action"] is not None
    assert moved["stage_log"][-1]["by"] == "st_olga"


def test_delete_broken_off_goes_on_where_it_stopped(desk, clock, monkeypatch):
    monkeypatch.setattr(settings_stages, "STEP", 2)
    put(desk, *(lead(id=f"ld_{n}", stage="c3", state="ongoing") for n in range(5)))
    real, steps = settings_stages.transact, []

    def breaking(*given, **named):
        steps.append(1)
        if len(steps) == 2:
            raise ConnectionError
        return real(*given, **named)

    order = {"pipeline": "leads_law", "stage": "def", "move_to": "c1"}
    put(desk, *(lead(id=f"ld_{n}", stage="def", state="ongoing") for n in range(5)))
    unnamed = {"pipeline": "leads_law", "stage": "c2", "move_to": "c1"}
    assert refused(desk, "stage.delete", **order).facts["where"].endswith("exhausted")
    assert refused(desk, "stage.delete", **unnamed).facts["where"].endswith("on_conversation")
    put(desk, *(deal(id=f"dl_{n}", stage="contract") for n in range(5)))
    monkeypatch.setattr(settings_stages, "transact", breaking)
    read = office_of(desk).updated_at
    wish = {"pipeline": "deals_law", "stage": "contract", "move_to": "wait", "expected": read}
    clock.advance(timedelta(minutes=1))
    with pytest.raises(ConnectionError):
        do(desk, OLGA, "stage.delete", **wish)
    assert stage_of(desk, "deals_law", "contract").moves_to == "wait"

    saved = do(desk, OLGA, "stage.delete", **wish)

    assert saved.moved == 5
    assert {desk.store.get("deals", f"dl_{n}")["stage"] for n in range(5)} == {"wait"}


def test_record_that_comes_in_meanwhile_is_moved_too(desk, monkeypatch):
    put(desk, deal(stage="contract"))
    real, late = settings_stages.edit_office, [deal(id="dl_late", stage="contract")]

    def slow(*given, **named):
        if "first" in named and late:
            put(desk, late.pop())
        return real(*given, **named)

    monkeypatch.setattr(settings_stages, "edit_office", slow)

    saved = do(desk, OLGA, "stage.delete", pipeline="deals_law", stage="contract", move_to="wait")

    assert (saved.moved, desk.store.get("deals", "dl_late")["stage"]) == (2, "wait")


def test_each_moved_client_has_its_own_history(desk):
    put(desk, deal(id="dl_a", client_id="cl_a", stage="contract"),
        deal(id="dl_b", client_id="cl_b", stage="contract"))  # fmt: skip

    do(desk, OLGA, "stage.delete", pipeline="deals_law", stage="contract", move_to="wait")

    told = {entry.doc["subject"] for entry in desk.store.read_log(LOG, None, 100)}
    assert {"cl_a", "cl_b"} <= told


@pytest.mark.parametrize("who", [ANNA, "viktor@office.example", "inna@office.example"])
def test_settings_are_not_everybodys(desk, who):
    for name, given in (
        ("stage.rename", {"pipeline": "leads_law", "stage": "c1", "name": "Моё"}),
        ("staff.add", {"name": "Друг", "email": "friend@office.example", "role": "director"}),
        ("account.rotate", {"account": desk.settings().accounts[0].id}),
        ("account.add", {"channel": "call", "title": "Мой"}),
        ("role.set", {"id": "manager", "name": "М", "base": "director"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            do(desk, who, name, **given)


def test_person_is_taken_in_and_has_rights_at_once(desk):
    person = do(desk, OLGA, "staff.add", name="Новый", email="New@Office.example", role="manager")

    assert desk.settings().by_email("new@office.example").id == person.id


def test_numbers_of_a_person_are_kept_as_calls_name_them(desk):
    numbers = ["8 (903) 123-45-67", " 105 ", "Kotova", "+79031234567", ""]
    person = do(desk, OLGA, "staff.edit", staff="st_vera", phones=numbers)
    kept = ("+79031234567", "105", "kotova")

    assert person.phones == kept
    assert [desk.settings().on_line(line).id for line in ("+79031234567", "KOTOVA")] == [
        "st_vera", "st_vera",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"email": "anna@office.example"}, "settings_twice"),
        ({"role": "wizard"}, "settings_reference"),
        ({"pair": "st_nobody"}, "settings_reference"),
    ],
)
def test_person_who_does_not_fit_the_office_is_refused(desk, given, code):
    wrong = refused(desk, "staff.add", **{"name": "Новый", "email": "new@office.example", **given})

    assert wrong.code == code


def test_last_one_who_sets_the_office_up_stays(desk):
    assert refused(desk, "staff.dismiss", staff="st_olga").code == "settings_nobody"
    assert refused(desk, "staff.edit", staff="st_olga", role="manager").code == "settings_nobody"


def test_leaver_names_what_to_hand_over(desk):
    put(desk, lead(owner_id="st_boris"), lead(id="ld_2", owner_id="st_boris", state="lost"),
        deal(owner_id="st_boris"), deal(id="dl_2"))  # fmt: skip

    saved = do(desk, OLGA, "staff.dismiss", staff="st_boris")

    assert saved.hand_over == ("ld_1", "dl_1")
    assert desk.settings().by_email("boris@office.example") is None


def test_pair_begins_and_ends(desk):
    assert do(desk, OLGA, "staff.edit", staff="st_boris", pair="st_anna").pair == "st_anna"
    assert do(desk, OLGA, "staff.edit", staff="st_boris", pair="").pair is None


def test_teams_make_a_tree(desk):
    do(desk, OLGA, "team.set", team="Архив")
    do(desk, OLGA, "team.set", team="Новые", above="Архив")

    assert refused(desk, "team.set", team="Архив", above="Новые").code == "settings_circle"
    assert refused(desk, "team.set", team="Ещё", above="Нигде").code == "settings_reference"
    assert refused(desk, "team.remove", team="Продажи").code == "settings_in_use"
    assert refused(desk, "team.remove", team="Архив").code == "settings_reference"


def test_own_role_is_made_and_stays_while_somebody_has_it(desk):
    do(desk, OLGA, "role.set", id="senior", name="Старший", base="manager",
       levels={"amount": "read"}, reach={"read": "team"})  # fmt: skip
    do(desk, OLGA, "staff.edit", staff="st_boris", role="senior")

    assert refused(desk, "role.remove", role="senior").code == "settings_reference"


def test_role_made_from_heads_works_as_a_head(desk):
    do(desk, OLGA, "role.set", id="chief", name="Старший", base="head")
    do(desk, OLGA, "staff.edit", staff="st_boris", role="chief", team="Офис")
    put(desk, client(), lead(stage="r1", state="ongoing"))

    moved = do(desk, "boris@office.example", "lead.move", lead="ld_1", stage="c1",
               reason="клиент пришёл сам")  # fmt: skip

    assert moved.stage == "c1"


def test_dismissed_person_may_nothing_even_with_an_open_session(desk):
    boris = actor_by_email(desk.settings(), "boris@office.example")
    put(desk, lead(owner_id="st_boris"))
    do(desk, OLGA, "staff.dismiss", staff="st_boris")

    given = {"lead": "ld_1", "note": "напоследок"}
    with pytest.raises(NotAllowed):
        execute(COMMANDS, desk, boris, "lead.note", given=given, cause="command:lead.note")


def test_days_off_hours_sources_and_reasons_are_kept(desk):
    do(desk, OLGA, "holiday.add", days=["2026-12-29", "2026-12-30"])
    do(desk, OLGA, "holiday.remove", days=["2026-12-29"])
    do(desk, OLGA, "hours.set", opens="10:00", closes="19:00", days=[0, 1, 2, 3, 4, 5])
    do(desk, OLGA, "source.add", name="Радио")
    do(desk, OLGA, "reason.add", pipeline="deals_law", stage="lost", reason="Суд", note=True)

    office = office_of(desk)
    assert office.work.holidays == {date(2026, 12, 30)}
    assert (office.work.opens.hour, office.work.days) == (10, (0, 1, 2, 3, 4, 5))
    assert office.sources[-1] == "Радио"
    lost = stage_of(desk, "deals_law", "lost")
    assert ("Суд" in lost.reasons, "Суд" in lost.note_reasons) == (True, True)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"opens": "19:00", "closes": "09:00"}, "settings_hours"),
        ({"opens": "09:00", "closes": "18:00", "days": []}, "settings_hours"),
        ({"opens": "09:00", "closes": "18:00", "zone": "Mars/Base"}, "settings_zone"),
    ],
)
def test_impossible_hours_are_refused(desk, given, code):
    assert refused(desk, "hours.set", **given).code == code


def test_field_of_a_list_needs_choices_and_known_stages(desk):
    spec = {"id": "court", "entity": "deal", "name": "Суд"}

    assert refused(desk, "field.add", **spec, type="list").code == "settings_list"
    assert refused(desk, "field.add", **spec, required_from="moon").code == "settings_reference"
    do(desk, OLGA, "field.add", **spec)
    assert refused(desk, "field.add", **spec).code == "settings_twice"
    do(desk, OLGA, "field.edit", entity="deal", id="court", name="Инстанция")
    assert office_of(desk).fields[0].name == "Инстанция"


def test_form_is_edited(desk):
    do(desk, OLGA, "form.edit", form="consult", title="Спросить юриста", active=False)

    form = read_settings(desk.store).forms[0]
    assert (form.title, form.active, form.consent_version) == ("Спросить юриста", False, "2026-11")


def test_unknown_record_of_settings_names_the_known(desk):
    wrong = refused(desk, "form.edit", form="konsult", title="x")

    assert wrong.facts["known"] == "consult"


def test_holidays_move_deadlines(desk):
    do(desk, OLGA, "holiday.add", days=[NOW.date().isoformat()])

    assert not desk.settings().office.work.is_open(NOW)


def test_half_a_year_without_a_working_day_is_refused(desk):
    half = [date(2027, 1, 1).fromordinal(date(2027, 1, 1).toordinal() + n).isoformat()
            for n in range(181)]  # fmt: skip
    wrong = refused(desk, "holiday.add", days=half)
    assert wrong.code == "settings_holidays"
    do(desk, OLGA, "holiday.add", days=[day for day in half if day != "2027-03-01"])


@pytest.mark.parametrize("zone", ["x" * 5_000, "../etc/passwd", "Europe", ""])
def test_zone_that_is_no_zone_is_refused(desk, zone):
    assert refused(desk, "hours.set", opens="09:00", closes="18:00", zone=zone).code == (
        "settings_zone"
    )
