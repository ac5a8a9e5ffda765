"""A deal begun while the telephone rings: whose call, whose client, which goods."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, MINUTE, OLGA, PHONE, Play

from kartoteka.domain.errors import Invalid, NotAllowed, NotFound
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import CallFact, CallStatus
from kartoteka.ports import Query
from kartoteka.services.record_inbound import record
from sync.actions.offering import Asked
from sync.actions.sale_offers import BY_CALL, REPEAT
from sync.columns import Frame, View


def refused(code: str):
    return pytest.raises((NotFound, Invalid, NotAllowed), check=lambda exc: exc.code == code)


@pytest.fixture
def play(desk) -> Play:
    play = Play(desk)
    for sku, name, price in [("k", "Консультация", 500_000), ("d", "Договор аренды", 1_500_000),
                             ("dd", "Договор займа", 900_000)]:  # fmt: skip
        play.do(OLGA, "product.add", sku=sku, name=name, price_minor=price)
    return play


def ring(
    play: Play, phone: str = PHONE, who: str = "anna", ago: timedelta = MINUTE, *, program: str = ""
) -> None:
    play.calls += 1
    start = play.desk.now() - ago
    name = f"ring{play.calls}"
    fact = CallFact(status=CallStatus.RINGING, client_number=phone, started_at=start)
    call = Call(call_id=name, direction="in", staff=f"{program}{who}@office.example", fact=fact)
    record(
        play.desk,
        Inbound(
            id=InboundId(f"in_{name}"), channel="call", account="pbx", event_id=name,
            what=Kind.CALL, at=start, received_at=play.desk.now(),
            sender=Person(phones=(phone,)), call=call,
        ),
    )  # fmt: skip


def test_goods_by_first_letters_make_the_deal_of_who_rings(play: Play) -> None:
    client = play.do(ANNA, "client.add", name="Ирина", phone=PHONE)
    sells = {"id": "manager", "name": "Менеджер", "base": "manager", "levels": {"amount": "edit"}}
    play.do(OLGA, "role.set", **sells)
    ring(play)

    two = {"letters": "конс", "quantity_milli": 2000}
    cheap = {"letters": "договор з", "price_minor": 800_000}
    deal = play.do(ANNA, "deal.by_call", lines=[two, cheap])

    assert (deal.client_id, deal.name, deal.owner_id) == (client.id, "Звонок: Ирина", "st_anna")
    assert [(it.name, it.total_minor) for it in deal.lines] == [
        ("Консультация", 1_000_000), ("Договор займа", 800_000)
    ]  # fmt: skip
    assert deal.amount_minor == 1_800_000


def test_call_in_a_browser_is_the_colleagues_whose_name_it_has(play: Play) -> None:
    client = play.do(ANNA, "client.add", name="Ирина", phone=PHONE)
    ring(play, program="client:")

    assert play.do(ANNA, "deal.by_call", lines=[{"letters": "конс"}]).client_id == client.id


def test_stranger_on_the_line_becomes_a_client_and_the_call_one_deal(play: Play) -> None:
    ring(play)

    first = play.do(ANNA, "deal.by_call", client_name="Пётр", lines=[{"letters": "конс"}])
    again = play.do(ANNA, "deal.by_call", client_name="Пётр", lines=[{"letters": "конс"}])

    assert again == first
    assert play.client(first.client_id).phones == (PHONE,)
    assert len(list(play.desk.store.query(Query("deals")))) == 1


def test_newest_call_of_that_person_counts(play: Play) -> None:
    ring(play, "+79160000001", ago=5 * MINUTE)
    ring(play, "+79160000002", ago=3 * MINUTE)
    ring(play, "+79160000003", who="boris")

    deal = play.do(ANNA, "deal.by_call", lines=[{"letters": "конс"}])

    assert play.client(deal.client_id).phones == ("+79160000002",)


@pytest.mark.parametrize("who", [ANNA, BORIS])
def test_old_call_or_a_colleagues_is_none(play: Play, who, clock: FixedClock) -> None:
    ring(play)
    if who is ANNA:
        clock.advance(10 * MINUTE)

    with refused("no_recent_call"):
        play.do(who, "deal.by_call", lines=[{"letters": "конс"}])


@pytest.mark.parametrize(
    ("letters", "code"), [("договор", "product_several"), ("щ", "product_letters")]
)
def test_letters_that_mean_no_one_position_are_refused_and_nothing_is_made(
    play: Play, letters: str, code: str
) -> None:
    ring(play)

    with refused(code):
        play.do(ANNA, "deal.by_call", lines=[{"letters": letters}])
    assert list(play.desk.store.query(Query("clients"))) == []


def test_client_of_a_colleague_is_not_sold_to(play: Play) -> None:
    play.do(OLGA, "client.add", name="Ирина", phone=PHONE, owner="st_gleb")
    ring(play)

    with refused("not_yours"):
        play.do(ANNA, "deal.by_call", lines=[{"letters": "конс"}])


def asked(play: Play, typed: str) -> Asked:
    client = play.do(ANNA, "client.add", name="Ирина", phone=PHONE)
    view = View(client.id, client=client)
    return Asked(view, typed, Frame(play.desk.settings()), play.desk.now())


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("", []),
        ("конс", [{"letters": "конс"}]),
        ("конс х 2", [{"letters": "конс", "quantity_milli": 2000}]),
        (
            "договор з x 1,5 x 8000,50; конс",
            [
                {"letters": "договор з", "quantity_milli": 1500, "price_minor": 800_050},
                {"letters": "конс"},
            ],
        ),
    ],
)
def test_goods_are_typed_in_the_row(play: Play, typed: str, lines) -> None:
    assert BY_CALL.make(asked(play, typed)) == ("deal.by_call", {"lines": lines})


@pytest.mark.parametrize("typed", ["конс x много", "а x 1 x 2 x 3"])
def test_goods_typed_otherwise_are_refused(play: Play, typed: str) -> None:
    with refused("action_goods"):
        BY_CALL.make(asked(play, typed))


def test_repeat_is_chosen_in_the_row_of_the_client(play: Play) -> None:
    wish = asked(play, "90 дн")

    assert REPEAT.make(wish) == ("deal.repeat", {"client": wish.view.id, "days": 90})
    assert REPEAT.choices(wish.frame)[0] == "Повторить через 30 дн"
    with refused("action_days"):
        REPEAT.make(Asked(wish.view, "когда-нибудь", wish.frame, wish.now))
