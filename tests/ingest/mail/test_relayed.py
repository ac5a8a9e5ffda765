"""Letters that a group or a site sent on: whose they are depends on whose the group or site is."""

from datetime import UTC, datetime

import pytest
from tests.ingest.mail.letters import raw

from ingest.channel import Context
from ingest.mail.event import Carried, mail_event
from ingest.mail.letter import Letter
from ingest.mail.reading import read_letter
from kartoteka.domain.inbound import Inbound, Person
from kartoteka.domain.mail import Mail
from kartoteka.domain.mail_writer import writer
from kartoteka.domain.model import Client
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PLACE = "office.example"
GROUP = (
    "Precedence: list",
    "X-Google-Group-Id: 100200300",
    f"List-ID: <info.{PLACE}>",
    f"List-Post: <https://groups.google.com/a/{PLACE}/group/info/post>, <mailto:info@{PLACE}>",
    "List-Unsubscribe: <mailto:googlegroups-manage+1+unsubscribe@googlegroups.com>",
)
VIA = f"From: \"'Мария Ким' via Info\" <info@{PLACE}>"
ORIGIN = "X-Original-Sender: m@client.example"
ANSWER = "Reply-To: Мария Ким <m@client.example>"
SITE = f"From: Сайт <wordpress@{PLACE}>"


def letter(*headers: str) -> Letter:
    known = (*headers, f"To: info@{PLACE}", "Message-ID: <1@x.example>", "Subject: Вопрос")
    return read_letter(raw("\n".join(known) + "\n\nНужна консультация."))


def became(desk: Desk, *headers: str) -> tuple[str, str, str]:
    """Return the reason not to take a letter, the client's address and name."""
    assert desk.settings().staff[0].email.endswith(f"@{PLACE}")
    carried = Carried("gmail", b"")
    stored = record(desk, mail_event(letter(*headers), carried, Context("box", "Почта", "RU", NOW)))
    kept = Inbound.model_validate(desk.store.get("inbounds", stored.inbound_id))
    if not stored.client_id:
        return kept.why, "", ""
    client = Client.model_validate(desk.store.get("clients", stored.client_id))
    return kept.why, client.emails[0], client.name


@pytest.mark.parametrize(
    "headers",
    [
        (VIA, ORIGIN, ANSWER),
        (VIA, ORIGIN),
        (VIA, ANSWER),
        (VIA, ORIGIN, f"Reply-To: info@{PLACE}", "X-Original-From: Мария Ким <m@client.example>"),
        ("From: Мария Ким <m@client.example>", ORIGIN, f"Reply-To: info@{PLACE}"),
        (SITE, f"X-Original-Sender: wordpress@{PLACE}", ANSWER),
        (VIA, ORIGIN, ANSWER, "In-Reply-To: <unknown@x.example>"),
    ],
    ids=["rewritten", "no_answer", "no_origin", "original_from", "as_it_was", "form", "in_thread"],
)
def test_letter_through_the_offices_group_is_its_senders(
    desk: Desk, headers: tuple[str, ...]
) -> None:
    assert became(desk, *headers, *GROUP) == ("", "m@client.example", "Мария Ким")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (("From: m@client.example", "List-Id: <news.client.example>"), "mail_list"),
        (("From: m@client.example", "List-Id: <office.example.client.example>"), "mail_list"),
        (("From: m@client.example", "Precedence: list"), "mail_list"),
        (("From: m@client.example", f"List-Post: <mailto:info@{PLACE}>"), "mail_list"),
        (
            ("From: m@client.example", *GROUP, "List-Unsubscribe: <https://news.example/u?1>"),
            "mail_list",
        ),
        (("From: m@client.example", *GROUP, "List-Id: <news.client.example>"), "mail_list"),
        (("From: m@client.example", *GROUP[1:], "Precedence: bulk"), "mail_list"),
        (("From: no-reply@client.example", *GROUP), "mail_list"),
        (("From: m@client.example", *GROUP, "Auto-Submitted: auto-replied"), "mail_auto"),
        ((VIA, f"X-Original-Sender: new.person@{PLACE}", *GROUP), "mail_own"),
        ((VIA, ORIGIN, ANSWER, "List-Id: <news.client.example>"), "mail_own"),
    ],
)
def test_foreign_lists_machines_and_colleagues_in_a_group_make_nothing(
    desk: Desk, headers: tuple[str, ...], why: str
) -> None:
    assert became(desk, *headers) == (why, "", "")


@pytest.mark.parametrize("local", ["wordpress", "noreply"])
def test_letter_of_the_offices_site_is_whom_it_names_to_answer(desk: Desk, local: str) -> None:
    site = f"From: Сайт <{local}@{PLACE}>"

    assert became(desk, site, ANSWER) == ("", "m@client.example", "Мария Ким")


@pytest.mark.parametrize(
    "more",
    [
        (),
        (f"Reply-To: info@{PLACE}",),
        ("Reply-To: m@client.example, b@client.example",),
        (ANSWER, "In-Reply-To: <0@client.example>"),
        (ANSWER, "Subject: Fwd: Вопрос"),
        (ANSWER, "Cc: m@client.example"),
        (ORIGIN,),
    ],
    ids=["nobody", "own", "two", "answer", "forward", "sent_to_them", "origin_without_a_group"],
)
def test_other_letters_of_the_offices_domain_stay_its_own(
    desk: Desk, more: tuple[str, ...]
) -> None:
    assert became(desk, SITE, *more) == ("mail_own", "", "")


def test_colleague_who_asks_to_answer_a_client_stays_a_colleague(desk: Desk) -> None:
    for person in desk.settings().staff[:2]:
        assert became(desk, f"From: {person.email}", ANSWER) == ("mail_own", "", "")


def test_connected_mailbox_stays_the_offices_whomever_it_names_to_answer() -> None:
    site = letter(SITE, ANSWER)
    mail = Mail(subject=site.subject, relay=site.relay)
    sender = Person(emails=(site.sender[1],))

    found = [writer(sender, mail, {PLACE}, ours) for ours in ({f"wordpress@{PLACE}"}, {""})]

    assert found == [None, Person(name="Мария Ким", emails=("m@client.example",))]


def test_stranger_who_asks_to_answer_another_speaks_for_themselves(desk: Desk) -> None:
    found = became(desk, "From: Борис <b@other.example>", ANSWER)

    assert found == ("", "b@other.example", "Борис")
