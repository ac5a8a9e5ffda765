"""Payments find their deals, once; what is in doubt waits for who keeps the accounts."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, INNA, OLGA, VIKTOR, Play, staff

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import DealId, InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Activity, Notice
from kartoteka.domain.order import Order, order_id
from kartoteka.domain.payment import PaymentFact, PaymentTold, payment_id
from kartoteka.ports import Query
from kartoteka.services.forget import forget
from kartoteka.services.office import Desk
from kartoteka.services.read import Look
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.unit import Unit, transact

MARK = staff("st_mark", "marketing")
EACH = (ANNA, BORIS, VIKTOR, OLGA, MARK)


@pytest.fixture
def play(desk: Desk) -> Play:
    return Play(desk)


@pytest.fixture
def deal(play: Play, clock: FixedClock) -> Deal:
    """A deal of Anna's for ten thousand roubles that waits for its money."""
    made = play.new_deal(clock)
    play.do(SYSTEM, "deal.edit", deal=made.id, amount_minor=1_000_000)
    known = play.deal(made.id)
    visit = known.stage_log[-1].model_copy(update={"stage": "pay"})
    put(play, known.model_copy(update={"stage": "pay", "stage_log": (*known.stage_log, visit)}))
    return play.deal(made.id)


def event(name: str, told: PaymentTold, sender: Person | None = None) -> Inbound:
    at = FixedClock().now()
    return Inbound(
        id=InboundId(derived("in", name)),
        channel="stripe",
        account="a1",
        event_id=name,
        what=Kind.PAYMENT,
        at=at,
        received_at=at,
        sender=sender or Person(),
        payment=told,
        raw="{}",
    )


def tell(
    play: Play, what: Any = "succeeded", amount: int | None = 400_000, *, key: str = "p1",
    numbers: tuple[str, ...] = (), sender: Person | None = None, **more: Any,
) -> Stored:  # fmt: skip
    told = PaymentTold(id=key, what=what, amount_minor=amount, numbers=numbers,
                       **{"currency": "RUB"} | more)  # fmt: skip
    return record(play.desk, event(f"{key}:{told.model_dump_json()}", told, sender))


def fact(play: Play, key: str = "p1") -> PaymentFact:
    doc = play.desk.store.get("payments", payment_id("stripe", "a1", key))
    return PaymentFact.model_validate(doc)


def put(play: Play, record: Any) -> None:
    transact(
        play.desk.store, SYSTEM, "test", play.desk.now(), work=partial(Unit.save, record=record)
    )


def all_of(play: Play, model: Any) -> Iterator[Any]:
    return (model.model_validate(it.doc) for it in play.desk.store.query(Query(model.collection)))


def order(deal: Deal, number: str = "1042", **update: Any) -> Order:
    given = {
        "id": order_id("insales", "shop", number),
        "channel": "insales",
        "account": "shop",
        "external": f"x{number}",
        "number": number,
        "deal_id": DealId(deal.id),
        "created_at": deal.created_at,
        "updated_at": deal.updated_at,
    }
    return Order.model_validate({**given, **update})


def refused(code: str) -> Any:
    return pytest.raises((NotAllowed, Invalid), check=lambda exc: exc.code == code)


def test_payment_that_names_a_deal_stands_in_it_once(play: Play, deal: Deal) -> None:
    first = tell(play, numbers=(deal.id,))
    again = tell(play, numbers=(deal.id,))
    other_event = tell(play, numbers=(deal.id, "extra"))
    paid = play.deal(deal.id)

    assert (first.seen, again.seen, other_event.seen) == (False, True, False)
    assert (paid.paid_minor, [it.reference for it in paid.payments]) == (400_000, ["stripe:p1"])
    assert (fact(play).state, fact(play).deal_id) == ("matched", deal.id)
    assert fact(play).client_id == deal.client_id


def test_payment_is_in_the_timeline_without_its_amount_and_the_owner_hears(
    play: Play, deal: Deal
) -> None:
    tell(play, numbers=(deal.id,))
    [told] = [it for it in all_of(play, Activity) if it.what == "payment"]
    codes = [it.code for it in all_of(play, Notice) if it.staff_id == "st_anna"]

    assert (told.deal_id, told.client_id) == (deal.id, deal.client_id)
    assert "4000" not in told.text
    assert "notice_payment_in" in codes


def test_number_of_a_shops_order_leads_to_its_deal(play: Play, deal: Deal) -> None:
    put(play, order(deal))
    tell(play, amount=1_000_000, numbers=("1042",))
    [bond] = all_of(play, Order)

    assert play.deal(deal.id).paid_minor == 1_000_000
    assert bond.paid, "the shop will tell of this payment too"


def test_payment_of_which_the_shop_told_already_waits(play: Play, deal: Deal) -> None:
    put(play, order(deal, paid=True))
    tell(play, numbers=("1042",))

    assert (fact(play).state, fact(play).why) == ("unmatched", "payment_told_by_shop")
    assert play.deal(deal.id).paid_minor == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "payment_no_number"),
        ({"numbers": ("nothing",)}, "payment_no_deal"),
        ({"numbers": ("dl_nothing",)}, "payment_no_deal"),
        ({"currency": "USD"}, "payment_currency"),
        ({"amount": 1_000_001}, "payment_over"),
    ],
)
def test_payment_in_doubt_waits_and_says_why(
    play: Play, deal: Deal, given: dict[str, Any], why: str
) -> None:
    tell(play, **({"numbers": (deal.id,)} if set(given) & {"currency", "amount"} else {}) | given)
    waiting = play.do(INNA, "payment.list")

    assert [it.id for it in waiting.payments] == [fact(play).id]
    assert fact(play).why == why
    assert len(waiting.why[fact(play).id]) > 10
    assert play.deal(deal.id).payments == ()


def test_refund_takes_the_money_off_and_leaves_the_stage(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,))
    tell(play, "refunded", 150_000, refund="r1")
    part = play.deal(deal.id)
    tell(play, "refunded", None)
    whole = play.deal(deal.id)

    assert (part.paid_minor, part.payments[0].amount_minor) == (250_000, 250_000)
    assert (whole.paid_minor, whole.payments, whole.evidence.get("payment")) == (0, (), None)
    assert (part.stage, whole.stage) == (deal.stage, deal.stage)
    assert "notice_payment_back" in {it.code for it in all_of(play, Notice)}


def test_events_in_every_order_leave_the_same_money(play: Play, deal: Deal) -> None:
    events = [("succeeded", 400_000, ""), ("refunded", 100_000, "r1"), ("refunded", 50_000, "r2")]
    for turn, told in enumerate(permutations(events)):
        for what, amount, refund in told:
            tell(play, what, amount, key=f"p{turn}", numbers=(deal.id,), refund=refund)

        assert fact(play, f"p{turn}").net_minor == 250_000
        assert play.deal(deal.id).paid_minor == 250_000
        tell(play, "canceled", None, key=f"p{turn}")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_deal_holds_what_is_left_of_its_payments_whatever_comes(
    play: Play, deal: Deal, data: st.DataObject
) -> None:
    run = data.draw(st.uuids()).hex
    keys = [f"{run}{name}" for name in "ab"]
    for _ in range(data.draw(st.integers(1, 5))):
        key, what = data.draw(st.sampled_from(keys)), data.draw(
            st.sampled_from(("succeeded", "refunded", "canceled"))
        )  # fmt: skip
        tell(play, what, 10 * data.draw(st.integers(1, 9)), key=key, numbers=(deal.id,))
    left = [it for it in all_of(play, PaymentFact) if it.state == "matched"]
    paid = play.deal(deal.id)

    assert paid.paid_minor == sum(it.amount_minor for it in paid.payments)
    assert paid.paid_minor == sum(it.net_minor for it in left)


def test_payment_in_full_takes_the_deal_where_its_stage_says(play: Play, deal: Deal) -> None:
    tell(play, amount=1_000_000, numbers=(deal.id,))
    won = play.deal(deal.id)

    assert (won.stage, won.state, won.locked) == ("won", "won", True)
    assert play.client(deal.client_id).segment == "client"


def test_match_taken_back_opens_the_deal_that_it_closed(play: Play, deal: Deal) -> None:
    tell(play, amount=1_000_000)
    play.do(INNA, "payment.match", payment=fact(play).id, deal=deal.id)
    assert play.deal(deal.id).state == "won"
    play.do(INNA, "payment.reopen", payment=fact(play).id, reason="чужой платёж")
    back = play.deal(deal.id)

    assert (back.stage, back.state, back.locked, back.paid_minor) == ("pay", "ongoing", False, 0)
    assert deal.id in play.client(deal.client_id).open_deal_ids
    assert (fact(play).state, fact(play).deal_id) == ("unmatched", None)


def test_accountant_matches_dismisses_and_opens_again(play: Play, deal: Deal) -> None:
    tell(play)
    name = fact(play).id
    play.do(INNA, "payment.dismiss", payment=name, reason="наш тестовый платёж")
    with refused("payment_decided"):
        play.do(INNA, "payment.match", payment=name, deal=deal.id)
    play.do(INNA, "payment.reopen", payment=name, reason="не тестовый")
    play.do(INNA, "payment.match", payment=name, deal=deal.id)
    tell(play, "refunded", 100_000, refund="r1")

    assert play.deal(deal.id).paid_minor == 300_000
    assert (fact(play).state, fact(play).decided_by) == ("matched", INNA.id)


def test_dismissed_payment_stays_so_whatever_its_provider_tells(play: Play, deal: Deal) -> None:
    tell(play)
    play.do(INNA, "payment.dismiss", payment=fact(play).id, reason="не нам")
    tell(play, "refunded", 100_000, refund="r1", numbers=(deal.id,))

    assert fact(play).state == "dismissed"
    assert play.deal(deal.id).payments == ()


@pytest.mark.parametrize("who", EACH, ids=lambda who: who.id)
def test_who_keeps_no_accounts_decides_on_no_payment(play: Play, deal: Deal, who: Any) -> None:
    tell(play)
    name = fact(play).id
    for command, wish in (
        ("payment.match", {"deal": deal.id}),
        ("payment.dismiss", {"reason": "так"}),
        ("payment.reopen", {"reason": "так"}),
        ("payment.check", {}),
    ):
        for one in (name, "pm_nobodys"):
            with pytest.raises(NotAllowed) as refused:
                play.do(who, command, payment=one, **wish)
            assert refused.value.code == "payment_keepers"

    assert fact(play).state == "unmatched"


def test_dismissal_without_a_reason_is_refused(play: Play) -> None:
    tell(play)

    with refused("reason_required"):
        play.do(INNA, "payment.dismiss", payment=fact(play).id, reason=" ")


def test_more_than_is_owed_is_matched_with_a_reason_only(play: Play, deal: Deal) -> None:
    tell(play, amount=1_500_000, numbers=(deal.id,))
    name = fact(play).id
    with refused("payment_over_reason"):
        play.do(INNA, "payment.match", payment=name, deal=deal.id)
    play.do(INNA, "payment.match", payment=name, deal=deal.id, reason="аванс за второе дело")

    assert play.deal(deal.id).paid_minor == 1_500_000


def test_other_currency_is_never_matched(play: Play, deal: Deal) -> None:
    tell(play, currency="USD")

    with refused("payment_currency"):
        play.do(INNA, "payment.match", payment=fact(play).id, deal=deal.id, reason="всё равно")


def test_payment_nobody_confirmed_is_not_decided_on(play: Play, deal: Deal) -> None:
    tell(play, "asked", None)

    with refused("payment_unchecked"):
        play.do(INNA, "payment.match", payment=fact(play).id, deal=deal.id)
    assert play.do(INNA, "payment.list").payments[0].state == "unchecked"


def test_what_a_signing_provider_told_is_not_asked_for(play: Play) -> None:
    tell(play)

    with refused("payment_signed"):
        play.do(INNA, "payment.check", payment=fact(play).id)


def test_trial_payment_makes_no_record(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,), test=True)

    assert list(all_of(play, PaymentFact)) == []
    assert play.deal(deal.id).payments == ()


def test_payer_who_is_known_is_named_and_a_stranger_becomes_no_client(
    play: Play, deal: Deal
) -> None:
    before = play.desk.store.count(Query("clients"))
    tell(play, sender=Person(name="Ирина", phones=("+79161234567",)))
    tell(play, key="p2", sender=Person(name="Некто", emails=("who@else.example",)))

    assert fact(play).client_id == deal.client_id
    assert (fact(play, "p2").client_id, fact(play, "p2").payer_name) == (None, "Некто")
    assert play.desk.store.count(Query("clients")) == before


def test_amounts_are_seen_by_roles_that_see_payments(play: Play, deal: Deal) -> None:
    tell(play)
    desk, query = play.desk, Query("payments")
    seen = {
        who.id: [row.get("amount_minor") for row in Look(
            desk.store, desk.settings(), who, desk.now()).rows(query)]
        for who in (*EACH, INNA)
    }  # fmt: skip

    assert seen == {
        "st_anna": [], "st_boris": [], "st_viktor": [], "st_mark": [],
        "st_olga": [400_000], "st_inna": [400_000],
    }  # fmt: skip
    assert not can(ANNA, Operation.READ, fact(play), within=desk.settings())


def test_manager_sees_of_a_matched_payment_only_that_there_is_one(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,))
    desk = play.desk
    [row] = Look(desk.store, desk.settings(), ANNA, desk.now()).rows(Query("payments"))

    assert row["deal_id"] == deal.id
    assert "400000" not in str(row)


def test_forgotten_client_is_forgotten_in_payments_too(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,), sender=Person(name="Ирина", emails=("irina@home.example",)))
    forget(play.desk, OLGA, str(deal.client_id), cause="test")
    kept = play.desk.store.get("payments", fact(play).id)
    log = str([entry.doc for entry in play.desk.store.read_log("changes", None, 1000)])

    assert "irina@home.example" not in str(kept)
    assert "irina@home.example" not in log
    assert fact(play).amount_minor == 400_000


def test_payment_whose_deal_is_gone_is_still_told(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,))
    tell(play, "refunded", 300_000, refund="r1")
    play.desk.store.run(lambda tx: tx.delete("deals", deal.id))
    tell(play, "refunded", 100_000, refund="r2")

    assert (fact(play).state, fact(play).net_minor) == ("matched", 0)


def test_late_news_of_long_ago_change_no_times_of_the_deal(
    play: Play, deal: Deal, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=3))
    tell(play, numbers=(deal.id,))

    assert play.deal(deal.id).payments[0].at == clock.now()
    assert fact(play).at < clock.now()
