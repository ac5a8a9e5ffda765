"""Servers report of letters to many: they came back, or their reader complained."""

import pytest
from tests.kartoteka.mailing.mailing_office import (
    FakeSenders,
    event,
    notes,
    person,
    recipients,
    run,
    started,
    states,
    wish,
)

from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.mail import Mail, MailReport
from kartoteka.domain.model import Activity
from kartoteka.ports import Query
from kartoteka.services.office import Desk


@pytest.fixture
def senders() -> FakeSenders:
    return FakeSenders()


def test_bounce_of_a_letter_stops_its_address(desk: Desk, senders: FakeSenders) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))
    reports = (MailReport(address="c0@mail.example", permanent=True, status="5.1.1"),)
    mail = Mail(nature="bounce", about=(senders.sent[0].message_id,), reports=reports)
    event(desk, "1", what=Kind.MAIL, mail=mail)

    event(desk, "2", what=Kind.MAIL, mail=mail)

    assert states(desk) == [("failed", "bounced")]
    assert wish(desk, "mail", "c0@mail.example") == "bounced"
    [(client, said)] = notes(desk)
    assert client == "cl_c0"
    assert said.startswith("Письмо не дошло: «")
    assert "@" not in said


def bounced(desk: Desk, senders: FakeSenders, **report: object) -> None:
    given = {"permanent": True, "status": "5.1.1", **report}
    mail = Mail(
        nature="bounce",
        about=(senders.sent[0].message_id,),
        reports=(MailReport.model_validate(given),),
    )
    event(desk, "1", what=Kind.MAIL, mail=mail)


def test_report_of_an_address_that_was_not_written_to_marks_nobody_and_waits(
    desk: Desk, senders: FakeSenders
) -> None:
    """Whoever got one letter knows its id, and can write a report of anybody."""
    run(desk, senders, started(desk, [person(desk, "c0").id, person(desk, "c1").id]))

    bounced(desk, senders, address=senders.reached[1])

    stored = Inbound.model_validate(desk.store.get(Inbound.collection, "in_1"))
    assert (stored.state, stored.why, stored.client_id) == ("unknown", "bounce_elsewhere", None)
    assert states(desk) == [("sent", "")] * 2
    assert [wish(desk, "mail", f"c{at}@mail.example") for at in range(2)] == ["open"] * 2
    assert notes(desk) == []


@pytest.mark.parametrize(
    "report",
    [
        {"address": "C0@Mail.example"},
        {"address": "c0@mail.example", "final": "box@elsewhere.example"},
        {"address": "c0+2b@mx.example", "final": "c0@mail.example"},
    ],
)
def test_report_of_the_address_in_other_letters_or_passed_on_is_of_its_recipient(
    desk: Desk, senders: FakeSenders, report: dict[str, str]
) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))

    bounced(desk, senders, **report)

    assert states(desk) == [("failed", "bounced")]
    assert wish(desk, "mail", "c0@mail.example") == "bounced"


def test_report_that_names_no_address_loses_the_letter_and_no_address(
    desk: Desk, senders: FakeSenders
) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))

    bounced(desk, senders, address="", status="")

    assert states(desk) == [("failed", "bounced")]
    assert wish(desk, "mail", "c0@mail.example") == "open"


def test_letter_that_came_back_before_our_own_record_is_in_the_history_as_lost(
    desk: Desk, senders: FakeSenders
) -> None:
    """A server on the same network is quicker than we are."""
    senders.meanwhile = lambda: bounced(desk, senders, address=senders.reached[0])
    run(desk, senders, started(desk, [person(desk, "c0").id]))

    rows = desk.store.query(Query(Activity.collection))
    told = {Activity.model_validate(row.doc).what for row in rows}
    assert states(desk) == [("failed", "bounced")]
    assert wish(desk, "mail", "c0@mail.example") == "bounced"
    assert (told, len(notes(desk))) == ({"mail", "note"}, 1)


@pytest.mark.parametrize(
    ("named", "why", "state"),
    [
        (("C0@mail.example",), "complaint", "done"),
        ((), "unsubscribed", "done"),
        (("other@mail.example",), "open", "unknown"),
    ],
)
def test_complaint_that_a_mail_service_passes_on_ends_what_is_sent_to_its_reader(
    desk: Desk, senders: FakeSenders, named: tuple[str, ...], why: str, *, state: str
) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))
    reports = tuple(MailReport(address=it, permanent=False) for it in named)
    about = (senders.sent[0].message_id,)
    event(desk, "1", what=Kind.MAIL, mail=Mail(nature="complaint", about=about, reports=reports))

    stored = Inbound.model_validate(desk.store.get(Inbound.collection, "in_1"))
    assert (stored.state, wish(desk, "mail", "c0@mail.example")) == (state, why)
    assert (recipients(desk)[0].unsubscribed_at is not None) == (state == "done")


def test_letter_for_a_full_box_failed_and_its_address_stays(
    desk: Desk, senders: FakeSenders
) -> None:
    run(desk, senders, started(desk, [person(desk, "c0").id]))
    reports = (MailReport(address="c0@mail.example", permanent=True, status="5.2.2"),)
    mail = Mail(nature="bounce", about=(senders.sent[0].message_id,), reports=reports)
    event(desk, "1", what=Kind.MAIL, mail=mail)

    assert states(desk) == [("failed", "bounced")]
    assert wish(desk, "mail", "c0@mail.example") == "open"
