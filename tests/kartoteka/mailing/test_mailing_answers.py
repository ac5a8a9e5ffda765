"""Readers answer, refuse, complain and buy; addresses that bounce are written to no more."""

from datetime import timedelta

import pytest
from tests.kartoteka.mailing.mailing_office import (
    BASE,
    OLGA,
    SMS,
    FakeSenders,
    event,
    notes,
    person,
    prepared,
    recipients,
    run,
    started,
    states,
    wish,
    with_sms,
)

from automation import engine
from ingest.pipeline import receive
from kartoteka.domain.ids import ActivityId, ClientId
from kartoteka.domain.inbound import Kind, Message, Person
from kartoteka.domain.mail import Mail
from kartoteka.domain.model import Activity
from kartoteka.http import Call
from kartoteka.services import consents, deals, mailing_following
from kartoteka.services.campaign_forms import OneCampaign
from kartoteka.services.campaign_report import report
from kartoteka.services.consume import drain
from kartoteka.services.deal_forms import CreateDeal
from kartoteka.services.forget import forget
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG, transact


class OfficeApp:
    """As much of the app as the page needs."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk


@pytest.fixture
def senders() -> FakeSenders:
    return FakeSenders()


def page(desk: Desk, method: str, token: str, body: bytes = b"") -> tuple[int, str]:
    call = Call(method, ("u", token), body, base_url=BASE)
    reply = receive(call, OfficeApp(desk))  # type: ignore[arg-type]  # its desk is enough
    return reply.status, reply.body.decode()


def follow(desk: Desk) -> None:
    drain(desk, "test", lambda it: mailing_following.follow(desk, it) and None, batch=50, most=500)


def test_look_at_the_address_changes_nothing_and_the_button_unsubscribes(
    desk: Desk, senders: FakeSenders
) -> None:
    client = person(desk, "c0")
    run(desk, senders, started(desk, [client.id]))
    token = senders.sent[0].unsubscribe.removeprefix(f"{BASE}/ingest/u/")

    asked = page(desk, "GET", token)
    before = wish(desk, "mail", "c0@mail.example")
    done = page(desk, "POST", token, b"List-Unsubscribe=One-Click")
    again = page(desk, "POST", token)
    run(desk, senders, started(desk, [client.id], name="Лето"))

    assert (asked[0], "<form" in asked[1], before) == (200, True, "open")
    assert (done[0], "<form" in done[1], again[0]) == (200, False, 200)
    assert wish(desk, "mail", "c0@mail.example") == "unsubscribed"
    assert len(senders.sent) == 1
    assert token in senders.sent[0].text


@pytest.mark.parametrize("token", ["rc_0", "<script>", "test", f"rc_{0:032}", "rc_0" * 999])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_forged_token_unsubscribes_nobody(
    desk: Desk, senders: FakeSenders, token: str, method: str
) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))
    status, text = page(desk, method, token)

    assert (status, "<script" in text) == (404, False)
    assert wish(desk, "mail", "c0@mail.example") == "open"


def test_log_does_not_tell_how_a_reader_unsubscribes(desk: Desk, senders: FakeSenders) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))
    [recipient] = recipients(desk)
    token = senders.sent[0].unsubscribe.removeprefix(f"{BASE}/ingest/u/")
    log = "".join(str(entry) for entry in desk.store.read_log(LOG, None, 100))
    guesses = (recipient.id, recipient.id + token[-32:][::-1], recipient.id + "0" * 32)

    assert recipient.id in log
    assert token not in log
    assert token[-32:] not in log
    assert [page(desk, "POST", guess)[0] for guess in guesses] == [404] * 3
    assert wish(desk, "mail", "c0@mail.example") == "open"


def test_newer_consent_opens_an_address_that_unsubscribed_but_not_one_that_bounced(
    desk: Desk,
) -> None:
    person(desk, "c0")
    place = ("mail", "c0@mail.example")
    later = desk.now() + timedelta(days=1)
    found = []
    for why in ("unsubscribed", "bounced"):
        work = lambda unit, why=why: consents.refuse(unit, place, why, desk.now())  # noqa: E731
        transact(desk.store, OLGA, "x", desk.now(), work=work)
        transact(
            desk.store, OLGA, "x", later, work=lambda it: consents.agree(it, place, "form", later)
        )
        found.append(wish(desk, *place))

    assert found == ["open", "bounced"]


def test_answer_belongs_to_its_client_and_is_counted_once(desk: Desk, senders: FakeSenders) -> None:
    name = started(desk, [person(desk, "c0").id])
    run(desk, senders, name)
    desk.clock.advance(timedelta(hours=1))
    mail = Mail(message_id="a@b.example", to=(f"o+{senders.sent[0].reply_token}@o.example",))
    sender = Person(emails=("other@mail.example",))
    event(desk, "1", what=Kind.MAIL, mail=mail, sender=sender, text="Интересно")
    engine.run(desk)
    follow(desk)
    told = report(desk, OLGA, OneCampaign(campaign=name), "x")

    assert (told.sent, told.answered) == (1, 1)
    assert recipients(desk)[0].answered_at == desk.now()


@pytest.mark.parametrize(
    ("state", "said", "outcome"),
    [
        ("delivered", "", (1, 0, 0, "open")),
        ("read", "", (1, 1, 0, "open")),
        ("delivered", "spam", (1, 0, 0, "complaint")),
        ("delivered", "unsubscribed", (1, 0, 0, "unsubscribed")),
        ("failed", "hard_bounced err", (0, 0, 1, "bounced")),
        ("failed", "20", (0, 0, 1, "open")),
    ],
)
@pytest.mark.parametrize("early", [True, False])
def test_report_of_a_provider_counts_also_when_it_comes_before_our_own_record(
    desk: Desk, senders: FakeSenders, state: str, said: str, *, outcome: tuple, early: bool
) -> None:
    with_sms(desk)
    client = person(desk, "c0", phones=("+74951234567",))
    fields = {"medium": "sms", "subject": "", "sender": SMS.id}
    name = started(desk, [client.id], **fields)
    message = Message(id="out1", peer="", state=state, said=said)

    def tell() -> None:
        event(desk, "1", channel="smsc", account=SMS.id, what=Kind.RECEIPT, message=message)

    senders.meanwhile = tell if early else senders.meanwhile
    run(desk, senders, name)
    if not early:
        tell()
    told = report(desk, OLGA, OneCampaign(campaign=name), "x")

    found = (told.delivered, told.opened, told.failed, wish(desk, "sms", "+74951234567"))
    assert found == outcome
    assert [whose for whose, _ in notes(desk)] == ["cl_c0"] * outcome[2]


def by_sms(desk: Desk) -> str:
    with_sms(desk)
    client = person(desk, "c0", phones=("+74951234567",))
    return started(desk, [client.id], medium="sms", subject="", sender=SMS.id)


def reported(desk: Desk, number: int, state: str, said: str) -> None:
    message = Message(id="out1", peer="", state=state, said=said)
    told = {"what": Kind.RECEIPT, "message": message}
    event(desk, f"{number}", channel="smsc", account=SMS.id, **told)


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ((("delivered", "spam"), ("failed", "soft_bounced")), "complaint"),
        ((("delivered", "spam"), ("delivered", "unsubscribed")), "complaint"),
        ((("delivered", "unsubscribed"), ("read", "")), "unsubscribed"),
        ((("failed", "hard_bounced"), ("delivered", "")), "bounced"),
        ((("failed", "soft_bounced"), ("delivered", "")), "open"),
    ],
)
def test_of_reports_before_our_own_record_the_gravest_counts(
    desk: Desk, senders: FakeSenders, reports: tuple, outcome: str
) -> None:
    name = by_sms(desk)

    def tell() -> None:
        for number, told in enumerate(reports):
            reported(desk, number, *told)

    senders.meanwhile = tell
    run(desk, senders, name)

    assert wish(desk, "sms", "+74951234567") == outcome


def test_hard_bounce_counts_after_delivered_and_a_soft_one_does_not(
    desk: Desk, senders: FakeSenders
) -> None:
    """Many servers take a letter first and find nobody for it later."""
    name = by_sms(desk)
    run(desk, senders, name)
    found = []
    for number, (state, said) in enumerate(
        [
            ("delivered", ""),
            ("failed", "soft_bounced"),
            ("failed", "hard_bounced"),
            ("delivered", ""),
        ]
    ):
        reported(desk, number, state, said)
        delivered = report(desk, OLGA, OneCampaign(campaign=name), "x").delivered
        found.append((states(desk)[0], delivered, wish(desk, "sms", "+74951234567")))

    reached, lost = (("sent", ""), 1, "open"), (("failed", "bounced"), 0, "bounced")
    assert found == [reached, reached, lost, lost]
    assert len(notes(desk)) == 1


def test_stop_by_sms_is_a_refusal(desk: Desk, senders: FakeSenders) -> None:
    with_sms(desk)
    client = person(desk, "c0", phones=("+74951234567",))
    run(desk, senders, started(desk, [client.id], medium="sms", subject="", sender=SMS.id))
    said = Activity(
        id=ActivityId("ac_1"),
        what="message",
        client_id=ClientId(client.id),
        at=desk.now(),
        text=" Стоп! ",
    )
    transact(desk.store, OLGA, "x", desk.now(), work=lambda unit: unit.add(said))
    follow(desk)
    follow(desk)

    assert wish(desk, "sms", "+74951234567") == "unsubscribed"


def test_deal_after_a_campaign_is_counted_and_its_sum_shown_to_who_sees_sums(
    desk: Desk, senders: FakeSenders
) -> None:
    name = started(desk, [person(desk, "c0").id])
    run(desk, senders, name)
    form = CreateDeal.model_validate({"client": "cl_c0", "name": "Договор", "deal_type": "service"})
    deals.create(desk, OLGA, form, cause="x")
    follow(desk)
    marketing = OLGA.model_copy(update={"id": "st_none", "role": "marketing"})

    assert report(desk, OLGA, OneCampaign(campaign=name), "x").deals == 1
    assert report(desk, OLGA, OneCampaign(campaign=name), "x").won_minor == 0
    assert report(desk, marketing, OneCampaign(campaign=name), "x").won_minor is None


def test_forgotten_client_leaves_no_address_behind(desk: Desk, senders: FakeSenders) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))
    forget(desk, OLGA, "cl_c0", cause="x")

    assert [it.address for it in recipients(desk)] == [""]


def test_secret_of_a_campaign_is_in_no_answer_and_not_in_the_log(desk: Desk) -> None:
    person(desk, "c0")
    name = prepared(desk, ["cl_c0"])
    secret = str(desk.store.get("campaigns", name)["secret"])  # type: ignore[index]  # it is there
    log = str([entry.doc for entry in desk.store.read_log("changes", None, 100)])

    assert len(secret) > 16
    assert secret not in log
