"""The matrix of §4.5, cell by cell where it matters, and the reach of each role."""

import importlib
import pkgutil
from datetime import timedelta

import pytest
from pydantic import BaseModel
from tests.access.office_cast import (
    EVERYBODY,
    NOW,
    activity,
    changed,
    client,
    deal,
    in_work,
    invoiced,
    lead,
    office,
    task,
    who,
    with_office,
)

import automation
import ingest
import kartoteka
import sync
from kartoteka.domain.access import Level, Operation, Sight, can, check, level_of
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.deal import Deal, Participant
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.matrix import BOOK, BUILT_IN, Group, RoleSpec
from kartoteka.domain.matrix_fields import FIELDS, group_of
from kartoteka.domain.model import Client, Entity, Lead, Reader, Role
from kartoteka.domain.order import Order
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.domain.visibility import HIDDEN, visible

PACKAGES = {"automation", "ingest", "kartoteka", "sync"}
LETTERS = {"-": Level.NONE, "m": Level.MARK, "p": Level.PUT, "r": Level.READ, "E": Level.EDIT}


def models():
    """Every kind of record there is, wherever it is declared; a base without a kind is none."""
    for package in (automation, ingest, kartoteka, sync):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".adapters" not in module.name:
                importlib.import_module(module.name)
    found = [Entity]
    for kind in found:
        found += kind.__subclasses__()
    ours = [it for it in found[1:] if it.__module__.split(".")[0] in PACKAGES]
    return {kind.kind: kind for kind in ours if hasattr(kind, "kind")}


def leaves(model):
    """Paths of a model's fields; parts of nested values where the matrix knows parts."""
    for name, field in model.model_fields.items():
        parts = [path for path in FIELDS.get(model.kind, {}) if path.startswith(f"{name}.")]
        nested = [it for it in (field.annotation, *arguments(field.annotation)) if is_value(it)]
        if parts and nested:
            yield from (f"{name}.{inner}" for inner in nested[0].model_fields)
        elif parts:
            yield f"{name}.*"
        else:
            yield name


def arguments(annotation):
    inner = getattr(annotation, "__args__", ())
    return [*inner, *(deep for item in inner for deep in arguments(item))]


def is_value(item):
    return isinstance(item, type) and issubclass(item, BaseModel)


def sees(staff_id, record, field, settings=None, **about):
    settings = settings or office()
    return level_of(Sight(who(staff_id, settings), settings, NOW, **about), record, field)


def test_every_field_of_every_record_is_in_exactly_one_group():
    homeless = {
        f"{kind}.{path}"
        for kind, model in models().items()
        for path in leaves(model)
        if group_of(kind, path) is None
    }

    assert homeless == set()


def test_the_matrix_names_no_field_that_is_not_there():
    known = {kind: set(leaves(model)) for kind, model in models().items()}
    stale = {
        f"{kind}.{path}"
        for kind, fields in FIELDS.items()
        for path in fields
        if not {path, f"{path.partition('.')[0]}.*"} & known.get(kind, set())
    }

    assert stale == set()


def test_every_role_has_a_column_with_every_group():
    assert set(BUILT_IN) == {*(role.value for role in Role), BOOK}
    assert {role: set(rights.levels) for role, rights in BUILT_IN.items()} == dict.fromkeys(
        BUILT_IN, set(Group) - {Group.CUSTOM}
    )


@pytest.mark.parametrize(
    ("staff_id", "levels"),
    [
        ("st_olga", "ErErE"),
        ("st_viktor", "ErErE"),
        ("st_anna", "--rmp"),
        ("st_inna", "rErE-"),
        ("st_finn", "rrrEr"),
        ("st_mark", "-----"),
        ("st_oper", "-----"),
        ("st_boris", "-----"),
    ],
)
def test_money_of_a_deal_is_seen_as_the_matrix_says(staff_id, levels):
    """Amount, contractor's price, contractor, payments, offer of an invoiced deal of Anna's."""
    record = invoiced(stage="kp")
    fields = ("amount_minor", "contractor_cost_minor", "contractor", "paid_minor")

    found = [sees(staff_id, record, field) for field in (*fields, "evidence.offer_file")]

    assert found == [LETTERS[letter] for letter in levels]


def test_manager_sees_neither_amount_nor_its_traces_in_words():
    shown = visible(who("st_anna"), deal(), within=office(), now=NOW)

    assert {"amount_minor", "contractor_cost_minor", "currency"} & shown.keys() == set()
    assert shown["lines"] == [
        {"id": "l1", "product_id": None, "name": "Иск", "category": "", "quantity_milli": 1000}
    ]
    assert shown["evidence"] == {"offer_file": True, "result_file": True}
    assert shown["note"] == f"просил скидку с {HIDDEN} руб."


@pytest.mark.parametrize("spelled", ["45000", "45 000,00", "45.000", "45'000", "4500000"])
def test_amount_is_masked_however_it_is_grouped(spelled):
    shown = visible(who("st_anna"), deal(note=f"всего {spelled}!"), within=office())

    assert shown["note"] == f"всего {HIDDEN}!"


def test_other_numbers_in_words_stay():
    note = "дом 145000, кв. 450, звонить 45"

    assert visible(who("st_anna"), deal(note=note), within=office())["note"] == note


def test_payment_is_a_mark_for_the_manager():
    part = visible(who("st_anna"), invoiced(), within=office())
    whole = visible(who("st_anna"), invoiced(paid_minor=4_500_000), within=office())

    assert (part["paid_minor"], whole["paid_minor"]) == (False, True)


def test_stranger_learns_nothing_but_the_id():
    assert visible(who("st_boris"), deal(), within=office(), now=NOW) == {"id": "dl_1"}


def test_marketing_sees_sources_and_stages_without_names():
    shown = visible(who("st_mark"), lead(note="тайна"), within=office(), now=NOW)

    assert shown["stage"] == "new"
    assert shown["first_touch"]["name"] == "Сайт-форма"
    assert {"name", "note", "extra"} & shown.keys() == set()


def test_operator_works_with_new_requests_only():
    fresh, worked = lead(), lead(touched_at=NOW)
    oper = who("st_oper")

    assert can(oper, Operation.CHANGE, fresh, within=office())
    assert not can(oper, Operation.READ, worked, within=office())
    assert not can(oper, Operation.READ, deal(), within=office())


def test_accountant_reads_deals_with_an_invoice_only():
    inna = who("st_inna")

    assert can(inna, Operation.READ, invoiced(), within=office())
    assert can(inna, Operation.READ, deal(stage="report"), within=office())
    assert not can(inna, Operation.READ, deal(), within=office())
    assert not can(inna, Operation.READ, lead(), within=office())


def test_author_keeps_a_minimal_view_after_the_hand_over():
    anna, handed = who("st_anna"), in_work()

    with pytest.raises(NotAllowed) as refused:
        check(anna, Operation.CHANGE, handed, within=office(), now=NOW)
    shown = visible(anna, handed, within=office(), now=NOW)

    assert refused.value.code == "stage_in_other_hands"
    assert shown["name"] == "Спор с застройщиком"
    assert "contractor" not in shown
    assert shown["evidence"]["offer_file"] is True


def test_executor_works_on_what_he_takes_part_in():
    dina, egor = who("st_dina"), who("st_egor")

    assert can(dina, Operation.CHANGE, in_work(), within=office())
    assert not can(egor, Operation.READ, in_work(), within=office())
    assert not can(dina, Operation.CHANGE, lead(owner_id=None), within=office())


@pytest.mark.parametrize(("needed", "expected"), [(True, Level.READ), (False, Level.NONE)])
def test_executor_reads_the_phone_when_contact_is_needed(needed, expected):
    found = sees("st_dina", client(), "phones", via=in_work(contact_needed=needed))

    assert found is expected


def test_executor_reads_history_from_the_hand_over():
    old = activity(deal_id="dl_1", at=NOW - timedelta(days=5))
    late = activity(deal_id="dl_1", at=NOW - timedelta(days=1))

    assert sees("st_dina", old, "text", via=in_work()) is Level.NONE
    assert sees("st_dina", late, "text", via=in_work()) is Level.READ


def test_history_follows_the_record_it_belongs_to():
    said = activity(lead_id="ld_1", client_id="cl_1")

    assert sees("st_anna", said, "text", via=lead()) is Level.READ
    assert sees("st_boris", said, "text", via=lead()) is Level.NONE
    assert sees("st_anna", said, "text", via=lead(id="ld_2")) is Level.NONE


def test_pair_shares_its_records_both_ways():
    paired = changed("st_boris", pair="st_anna")
    anna, boris = who("st_anna", paired), who("st_boris", paired)

    assert can(boris, Operation.CHANGE, lead(), within=paired)
    assert can(anna, Operation.CHANGE, lead(owner_id="st_boris"), within=paired)
    assert not can(who("st_vera"), Operation.READ, lead(), within=paired)


def test_head_reaches_the_teams_below_and_no_other():
    below = with_office(teams={"Офис": "", "Продажи": "Офис", "Юристы": "Продажи"})
    apart = with_office(teams={"Офис": "", "Продажи": "Офис", "Юристы": ""})
    viktor, record = who("st_viktor"), lead(owner_id="st_dina")

    assert can(viktor, Operation.CHANGE, record, within=below)
    assert not can(viktor, Operation.READ, record, within=apart)
    assert can(viktor, Operation.READ, lead(), within=apart)


def test_head_of_a_department_reads_what_is_of_no_team_only_when_reading_everything():
    spec = RoleSpec(id="head", name="Участник", base="head", reach={"read": "all"})
    narrow = RoleSpec(id="head", name="Участник", base="head", reach={"change": "all"})
    viktor = who("st_viktor")

    for kind in (PaymentFact, SalesPaper, Order):
        assert not can(viktor, Operation.READ, kind, within=office())
        assert can(viktor, Operation.READ, kind, within=with_office(roles=(spec,)))
        assert not can(viktor, Operation.CHANGE, kind, within=with_office(roles=(narrow,)))


def test_circle_of_teams_ends():
    circle = with_office(teams={"Юристы": "Архив", "Архив": "Юристы"})

    assert not can(who("st_viktor"), Operation.READ, lead(owner_id="st_dina"), within=circle)


def test_visibility_opens_a_deal_for_reading_only():
    boris, mark = who("st_boris"), who("st_egor")

    for flag, reads in (("own", False), ("team", True), ("all", True)):
        record = deal(visibility=flag)
        assert can(boris, Operation.READ, record, within=office()) is reads
        assert not can(boris, Operation.CHANGE, record, within=office())
    assert not can(mark, Operation.READ, deal(visibility="team"), within=office())
    assert can(mark, Operation.READ, deal(visibility="all"), within=office())


def test_taking_part_gives_edit_in_the_same_write():
    reads = deal(participants=(Participant(staff_id="st_boris"),))
    edits = deal(participants=(Participant(staff_id="st_boris", edit=True),))
    boris = who("st_boris")

    assert can(boris, Operation.READ, reads, within=office())
    assert not can(boris, Operation.CHANGE, reads, within=office())
    assert can(boris, Operation.CHANGE, edits, within=office())


def test_former_owner_reads_for_a_week_and_then_no_more():
    record = lead(
        owner_id="st_boris", readers=(Reader(staff_id="st_anna", until=NOW + timedelta(days=7)),)
    )
    anna = who("st_anna")

    assert can(anna, Operation.READ, record, within=office(), now=NOW + timedelta(days=6))
    assert not can(anna, Operation.READ, record, within=office(), now=NOW + timedelta(days=7))
    assert not can(anna, Operation.CHANGE, record, within=office(), now=NOW)


def test_personal_task_is_its_assignees_alone():
    private = task(personal=True)

    assert can(who("st_anna"), Operation.CHANGE, private, within=office())
    readers = [it for it in EVERYBODY if can(who(it), Operation.READ, private, within=office())]
    assert readers == ["st_anna"]


def test_of_several_roles_the_widest_wins_and_in_money_the_narrowest():
    both = changed("st_boris", also=("director",))
    boris = who("st_boris", both)

    assert can(boris, Operation.CHANGE, lead(), within=both)
    assert sees("st_boris", deal(), "name", both) is Level.EDIT
    assert sees("st_boris", deal(), "amount_minor", both) is Level.NONE


def test_office_makes_a_role_of_its_own():
    spec = RoleSpec(
        id="senior", name="Старший", base=Role.MANAGER, levels={Group.AMOUNT: "read"},
        reach={Operation.READ: "team"},
    )  # fmt: skip
    settings = changed("st_boris", role="senior")
    settings = settings.model_copy(
        update={"office": settings.office.model_copy(update={"roles": (spec,)})}
    )

    assert sees("st_boris", deal(), "amount_minor", settings) is Level.READ
    assert not can(who("st_boris", settings), Operation.CHANGE, deal(), within=settings)
    own = deal(owner_id="st_boris")
    assert can(who("st_boris", settings), Operation.CHANGE, own, within=settings)


def test_role_nobody_declared_may_nothing():
    ghost = Actor(kind="staff", id="st_ghost", role="ghost")

    assert not any(can(ghost, operation, Lead, within=office()) for operation in Operation)
    assert visible(ghost, lead(), within=office()) == {"id": "ld_1"}


def test_hired_admin_may_be_kept_from_the_data():
    closed = with_office(admin_reads=False)
    root = who("st_root")

    assert "name" in visible(root, deal(), within=office())
    assert {"name", "amount_minor", "note"} & visible(root, deal(), within=closed).keys() == set()
    assert can(root, Operation.CHANGE, office().office, field="pipelines", within=closed)


@pytest.mark.parametrize(
    ("operation", "kind", "allowed"),
    [
        (Operation.EXPORT, Client, {"st_olga", "st_viktor", "st_root"}),
        (Operation.EXPORT, Deal, {"st_olga", "st_viktor", "st_root", "st_inna"}),
        (Operation.IMPORT, Client, {"st_olga", "st_viktor", "st_root"}),
        (Operation.DELETE, Client, {"st_olga", "st_root"}),
    ],
)
def test_mass_operations_are_for_few(operation, kind, allowed):
    assert {it for it in EVERYBODY if can(who(it), operation, kind, within=office())} == allowed


def test_only_those_who_set_the_office_up_change_settings():
    found = {
        staff_id
        for staff_id in EVERYBODY
        if can(who(staff_id), Operation.CHANGE, office().office, field="roles", within=office())
    }

    assert found == {"st_olga", "st_root"}


def test_requisites_are_not_the_managers():
    firm = Company(id="co_1", name="Рога", inn="7707083893", owner_id="st_anna",
                   created_at=NOW, updated_at=NOW)  # fmt: skip

    assert "inn" not in visible(who("st_anna"), firm, within=office())
    assert visible(who("st_inna"), firm, within=office())["inn"] == "7707083893"


def test_machine_sees_everything():
    assert visible(SYSTEM, deal()) == deal().model_dump(mode="json")


def test_refusal_of_a_field_names_it():
    with pytest.raises(NotAllowed) as refused:
        check(who("st_anna"), Operation.CHANGE, deal(), field="amount_minor", within=office())

    assert (refused.value.code, refused.value.facts["field"]) == ("field_closed", "amount_minor")
