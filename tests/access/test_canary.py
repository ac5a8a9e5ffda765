"""A unique amount and a unique cost are planted; nobody finds them where they may not look."""

import re
from pathlib import Path

import pytest
from tests.access.office_cast import EVERYBODY, FINANCE, OPERATOR
from tests.access.outputs import EVERYBODYS, FOLDERS, OUTPUTS
from tests.access.silent_modules import SILENT

from kartoteka.domain.access import Level, level
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Source, Staff
from kartoteka.domain.payment import PaymentTold
from kartoteka.domain.shop_order import ShopOrder
from kartoteka.services.commands import execute
from kartoteka.services.people import actor
from kartoteka.services.read import Look
from kartoteka.services.record_inbound import record
from kartoteka.services.registry import COMMANDS

ROOT = Path(__file__).parents[2]
AMOUNT, COST = 765_432_198, 234_567_871  # minor units
# What stands between digits of one number, as it is and as `repr` spells it.
DIGITS = re.compile(r"(?<=\d)(?:[\s.,'’]|\\+xa0|\\+u202f)+(?=\d)")
OLGA = Actor(kind="staff", id="st_olga", role="director")


def do(desk, name, /, **given):
    return execute(COMMANDS, desk, SYSTEM, name, given=given, cause=f"command:{name}")


@pytest.fixture
def planted(desk):
    return with_money(desk)


def with_money(desk):
    """The law office with a deal of Anna's: amount and cost in every field that can hold them."""
    for person in (FINANCE, OPERATOR):
        one = Staff.model_validate(person)
        desk.store.run(lambda tx, it=one: tx.put("staff", it.id, it.model_dump(mode="json")))
    desk.settings.forget()
    stored = record(desk, form(desk), owner_id="st_anna")
    deal = do(desk, "deal.create", name="Спор на 7 654 321,98", client=stored.client_id,
              owner="st_anna", deal_type="Иск")  # fmt: skip
    do(desk, "deal.line_add", deal=deal.id, name="Иск 7654321.98", price_minor=AMOUNT,
       cost_minor=COST)  # fmt: skip
    do(desk, "deal.edit", deal=deal.id, amount_minor=AMOUNT, cost_minor=COST,
       contractor="Юристы за 2 345 678,71", contractor_cost_minor=COST,
       note="сумма 7654321,98 руб., подрядчику 2345678,71")  # fmt: skip
    do(desk, "deal.attach", deal=deal.id, kind="offer_file", ref="КП на 7 654 321,98.pdf")
    for what in ("offer", "invoice"):
        do(desk, "paper.make", deal=deal.id, what=what, subject="Иск на 7 654 321,98",
           text="Итого 7654321,98", send=what == "invoice")  # fmt: skip
    do(desk, "deal.join", deal=deal.id, staff="st_boris", edit=False)
    record(desk, payment(desk, "p1"))
    record(desk, payment(desk, "p2", deal.id))
    for what in (Kind.UNKNOWN, Kind.ORDER):
        record(desk, sold(desk, what))
    return desk


def payment(desk, name, *numbers):
    """Money that came: without a number it waits, with the deal's it stands in the deal."""
    told = PaymentTold(id=name, what="succeeded", amount_minor=AMOUNT, currency="RUB",
                       numbers=numbers)  # fmt: skip
    return Inbound(
        id=InboundId(f"in_{name}"), channel="stripe", account="a1", event_id=name,
        what=Kind.PAYMENT, at=desk.now(), received_at=desk.now(), payment=told,
        sender=Person(name="Ирина", phones=("+79161234567",)),
    )  # fmt: skip


def sold(desk, what):
    """An order of a shop, understood or not: its body is full of sums."""
    order = ShopOrder(id="77", at=desk.now(), total_minor=AMOUNT) if what is Kind.ORDER else None
    return Inbound(
        id=InboundId(f"in_{what}"), channel="woocommerce", account="shop", event_id=str(what),
        what=what, at=desk.now(), received_at=desk.now(), order=order, why="bad_field: order.id",
        raw='{"total": "7654321.98", "line_items": [{"subtotal": "7654321.98"}]}',
        fields={"amount": "7654321.98"}, source=Source(channel="woocommerce", name="Магазин"),
        sender=Person(name="Ольга", phones=("+79161234588",)),
    )  # fmt: skip


def test_operator_sees_whose_order_was_not_understood_and_none_of_its_sums(planted):
    told = Look(planted.store, planted.settings(), next(
        it for it in actors(planted) if it.role == "operator"
    ), planted.now()).one(Inbound, "in_unknown")  # fmt: skip

    assert told["sender"]["name"] == "Ольга"
    assert not {"raw", "fields", "order"} & told.keys()


def form(desk):
    return Inbound(
        id=InboundId("in_1"), channel="form", account="consult", event_id="1", what=Kind.FORM,
        at=desk.now(), received_at=desk.now(),
        sender=Person(name="Ирина", phones=("+79161234567",)),
    )  # fmt: skip


def actors(desk):
    return [actor(person, desk.settings()) for person in desk.settings().staff]


def found(told):
    """Which of the planted numbers the text holds, in whatever grouping."""
    flat = DIGITS.sub("", told)
    return {
        name
        for name, minor in (("amount", AMOUNT), ("cost", COST))
        if str(minor) in flat or str(minor // 100) in flat
    }


def allowed(desk, who):
    fields = {"amount": "amount_minor", "cost": "contractor_cost_minor"}
    within = desk.settings()
    return {
        name for name, field in fields.items()
        if level(who, Deal, field, within=within) >= Level.READ
    }  # fmt: skip


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.name)
def test_planted_money_is_found_only_by_those_who_may_see_it(planted, output):
    people = [EVERYBODYS] if output.book else actors(planted)
    leaked = {who.id: found(output.read(planted, who)) - allowed(planted, who) for who in people}

    assert {name: numbers for name, numbers in leaked.items() if numbers} == {}


def test_money_that_waits_without_an_accountant_is_only_in_the_directors_book(planted):
    for name in ("st_inna", FINANCE["id"]):
        do(planted, "staff.dismiss", staff=name)
    books = next(it for it in OUTPUTS if it.name == "books")
    told = {who.id: books.read(planted, who) for who in actors(planted)}

    assert {name for name, seen in told.items() if "Платежи без счёта" in seen} == {"st_olga"}
    assert {who.id: found(told[who.id]) - allowed(planted, who) for who in actors(planted)
            if found(told[who.id]) - allowed(planted, who)} == {}  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "readers"), [({}, {"st_olga", "st_viktor"}), ({"paid": "none"}, {"st_olga"})]
)
def test_head_who_reads_everything_sees_money_that_waits_unless_payments_are_closed(
    planted, levels, readers
):
    for name in ("st_inna", FINANCE["id"]):
        do(planted, "staff.dismiss", staff=name)
    do(planted, "role.set", id="head", name="Участник", base="head", reach={"read": "all"},
       levels=levels)  # fmt: skip
    books = next(it for it in OUTPUTS if it.name == "books")
    told = {who.id: books.read(planted, who) for who in actors(planted)}

    assert {name for name, seen in told.items() if "Платежи без счёта" in seen} == readers
    assert all(found(told[who.id]) <= allowed(planted, who) for who in actors(planted))


@pytest.mark.parametrize("name", ["list", "do", "export", "books"])
def test_the_canary_lives(planted, name):
    """The director finds both numbers where deals are shown, so the search itself works."""
    output = next(it for it in OUTPUTS if it.name == name)

    assert found(output.read(planted, OLGA)) == {"amount", "cost"}


def test_narrow_roles_see_the_deal_that_is_searched(planted):
    """The manager and the reader beside him do see the deal: the search is not of an empty page."""
    lists = OUTPUTS[0]

    seen = {who.id: "dl_" in lists.read(planted, who) for who in actors(planted)}

    assert {it for it, sees in seen.items() if sees} >= {"st_anna", "st_boris", "st_viktor"}
    assert set(seen) >= set(EVERYBODY) - {"st_root"}


def test_every_output_module_is_registered_or_said_to_be_silent():
    there = {
        ".".join(path.relative_to(ROOT / folder.split("/")[0]).with_suffix("").parts)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "__init__.py"
    }
    named = {module for output in OUTPUTS for module in output.modules}

    assert there - named - set(SILENT) == set(), "name the output in tests/access"
