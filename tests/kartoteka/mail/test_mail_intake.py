"""What a letter means: whose it is, who wrote it, whether it came before, what came back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from kartoteka.domain.change import Actor
from kartoteka.domain.ids import InboundId, derived
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.mail import Mail, MailLink, MailReport, Outgoing, dead_address_id
from kartoteka.domain.mailing import AddressWish, wish_id
from kartoteka.domain.model import Activity, Attachment, Client, Lead, Notice, Role
from kartoteka.ports import Files, Query
from kartoteka.services.forget import forget
from kartoteka.services.kept_files import file_key
from kartoteka.services.mail_send import SendMail, send
from kartoteka.services.mail_settings import Place, SetMailRules, exclude, include, set_rules
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.record_inbound import Stored, record

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def letter(
    address: str = "maria@client.example", *, text: str = "Добрый день", **mail: Any
) -> Inbound:
    known = {"subject": "Вопрос", "message_id": "1@client.example", **mail}
    event = derived("ev", str(known["message_id"]), address)
    return Inbound(
        id=InboundId(derived("in", "gmail", "box", event)),
        channel="gmail",
        account="box",
        event_id=event,
        what=Kind.MAIL,
        at=NOW,
        received_at=NOW,
        sender=Person(name="Мария", emails=(address,)),
        text=text,
        fields={"subject": known["subject"]},
        mail=Mail(**known),
    )


def state(desk: Desk, stored: Stored) -> tuple[str, str]:
    kept = Inbound.model_validate(desk.store.get("inbounds", stored.inbound_id))
    return kept.state, kept.why


def all_of(desk: Desk, model: Any) -> list[Any]:
    return [model.model_validate(row.doc) for row in desk.store.query(Query(model.collection))]


def test_letter_of_a_stranger_is_a_lead_with_its_subject(desk: Desk) -> None:
    stored = record(desk, letter())

    lead = Lead.model_validate(desk.store.get("leads", stored.lead_id or ""))
    [activity] = all_of(desk, Activity)
    assert state(desk, stored) == ("done", "")
    assert lead.extra["subject"] == "Вопрос"
    assert (activity.what, activity.direction, activity.text) == ("mail", "in", "Добрый день")


def test_letter_of_a_known_address_joins_the_timeline(desk: Desk) -> None:
    first = record(desk, letter())
    second = record(desk, letter(message_id="2@client.example"))

    assert (first.client_id, first.lead_id) == (second.client_id, second.lead_id)
    assert len(all_of(desk, Activity)) == 2
    assert len(all_of(desk, Lead)) == 1


def test_sender_never_becomes_the_owner_whatever_the_text_says(desk: Desk) -> None:
    staff = desk.settings().staff[0]
    stored = record(desk, letter(text=f"Передайте {staff.email}"))

    lead = Lead.model_validate(desk.store.get("leads", stored.lead_id or ""))
    assert lead.routed_by == "queue"


def test_letter_that_came_through_two_accounts_is_taken_once(desk: Desk) -> None:
    record(desk, letter())
    again = letter().model_copy(
        update={"id": InboundId("in_other"), "channel": "mailgun", "account": "mg"}
    )

    stored = record(desk, again)

    assert state(desk, stored) == ("ignored", "mail_seen")
    assert len(all_of(desk, Activity)) == 1


@pytest.mark.parametrize(
    ("nature", "why"),
    [("auto", "mail_auto"), ("list", "mail_list"), ("receipt", "mail_receipt")],
)
def test_letter_of_a_machine_makes_nothing(desk: Desk, nature: str, why: str) -> None:
    stored = record(desk, letter(nature=nature))

    assert state(desk, stored) == ("ignored", why)
    assert all_of(desk, Client) == []


def test_letter_of_the_staff_or_their_domain_makes_nothing(desk: Desk) -> None:
    own = desk.settings().staff[0].email
    domain = own.partition("@")[2]

    for number, address in enumerate((own, f"new.person@{domain}", f"x@sub.{domain}")):
        stored = record(desk, letter(address, message_id=f"{number}@x.example"))
        assert state(desk, stored) == ("ignored", "mail_own")


def director(desk: Desk) -> Actor:
    settings = desk.settings()
    return actor(
        next(person for person in settings.staff if person.role is Role.DIRECTOR), settings
    )


def test_excluded_places_make_nothing_until_they_are_included_again(desk: Desk) -> None:
    admin = director(desk)
    exclude(desk, admin, Place(place="@Client.Example"), "test")

    for number, address in enumerate(("a@client.example", "b@mail.client.example")):
        stored = record(desk, letter(address, message_id=f"{number}@x.example"))
        assert state(desk, stored) == ("ignored", "mail_excluded")
    include(desk, admin, Place(place="client.example"), "test")

    assert state(desk, record(desk, letter())) == ("done", "")


def test_domain_named_as_own_makes_nothing(desk: Desk) -> None:
    set_rules(desk, director(desk), SetMailRules(own_domains=("client.example",)), "test")

    assert state(desk, record(desk, letter())) == ("ignored", "mail_own")


def sent_letter(desk: Desk) -> Outgoing:
    stored = record(desk, letter())
    activity = send(
        desk,
        director(desk),
        SendMail(text="Здравствуйте", subject="Ответ", client=stored.client_id or ""),
        "test",
    )
    return Outgoing.model_validate(desk.store.get("outgoing", activity.id))


def test_answer_by_token_finds_its_client_from_any_address(desk: Desk) -> None:
    ours = sent_letter(desk)
    to = (f"office+{ours.token}@office.example",)

    stored = record(desk, letter("other@home.example", message_id="7@home.example", to=to))

    assert stored.client_id == ours.client_id
    assert len(all_of(desk, Client)) == 1


def test_answer_that_a_list_of_theirs_passed_on_is_a_persons(desk: Desk) -> None:
    ours = sent_letter(desk)
    to = (f"office+{ours.token}@office.example",)

    answer = letter("m@list.example", message_id="6@list.example", to=to, nature="list")
    automatic = letter("m@auto.example", message_id="5@auto.example", to=to, nature="auto")

    assert record(desk, answer).client_id == ours.client_id
    assert state(desk, record(desk, automatic)) == ("ignored", "mail_auto")


def test_answer_by_references_finds_its_client_from_any_address(desk: Desk) -> None:
    ours = sent_letter(desk)
    earlier = ("unknown@x.example", ours.message_id)

    stored = record(
        desk, letter("other@home.example", message_id="8@home.example", earlier=earlier)
    )

    assert stored.client_id == ours.client_id


def test_invented_token_and_reference_make_a_new_client(desk: Desk) -> None:
    sent_letter(desk)

    stored = record(
        desk,
        letter(
            "other@home.example",
            message_id="9@home.example",
            to=("office+0000000000000000@office.example",),
            earlier=("nobody@x.example",),
        ),
    )

    assert len(all_of(desk, Client)) == 2
    assert state(desk, stored) == ("done", "")


def test_our_own_letter_that_comes_back_is_known(desk: Desk) -> None:
    ours = sent_letter(desk)

    stored = record(desk, letter("someone@x.example", message_id=ours.message_id))

    assert state(desk, stored) == ("ignored", "mail_own")


def stored_lead(desk: Desk, ours: Outgoing) -> str | None:
    return Activity.model_validate(desk.store.get("activities", ours.id)).lead_id


def bounce(
    desk: Desk, ours: Outgoing, *, permanent: bool, address: str = "", status: str = "5.1.1"
) -> Stored:
    report = {"address": address or ours.to, "permanent": permanent, "status": status}
    return record(
        desk,
        letter(
            "mailer-daemon@mx.example",
            message_id="dsn@mx.example",
            nature="bounce",
            reports=(report,),
            about=(ours.message_id,),
        ),
    )


def test_bounce_marks_the_letter_and_the_address_and_tells_the_author(desk: Desk) -> None:
    ours = sent_letter(desk)

    stored = bounce(desk, ours, permanent=True)

    now = Outgoing.model_validate(desk.store.get("outgoing", ours.id))
    told = [notice for notice in all_of(desk, Notice) if notice.code == "notice_bounced"]
    assert state(desk, stored) == ("done", "mail_bounce")
    assert (now.state, now.why) == ("bounced", "5.1.1")
    assert desk.store.get("dead_addresses", dead_address_id(ours.to)) is not None
    assert [notice.staff_id for notice in told] == [ours.staff_id]
    assert len(all_of(desk, Client)) == 1
    [note] = [it for it in all_of(desk, Activity) if it.what == "note"]
    assert (note.client_id, note.lead_id) == (ours.client_id, stored_lead(desk, ours))
    assert note.text.startswith("Письмо не дошло: «")


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7"])
def test_letter_refused_by_a_living_address_is_marked_and_the_address_is_not(
    desk: Desk, status: str
) -> None:
    """A full box, a letter taken for spam, a server that did not answer for days."""
    ours = sent_letter(desk)

    stored = bounce(desk, ours, permanent=True, status=status)

    told = [notice for notice in all_of(desk, Notice) if notice.code == "notice_bounced"]
    assert state(desk, stored) == ("done", "mail_bounce")
    assert Outgoing.model_validate(desk.store.get("outgoing", ours.id)).state == "bounced"
    assert desk.store.get("dead_addresses", dead_address_id(ours.to)) is None
    assert len(told) == 1


@pytest.mark.parametrize("status", ["", "5.0.0", "5.1.1", "5.1.10", "5.2.1", "5.4.4", "5.5.0"])
def test_report_of_an_address_that_is_gone_is_dead(status: str) -> None:
    assert MailReport(address="a@b.example", permanent=True, status=status).dead
    assert not MailReport(address="a@b.example", permanent=False, status=status).dead


def test_delay_marks_nothing(desk: Desk) -> None:
    ours = sent_letter(desk)

    stored = bounce(desk, ours, permanent=False)

    assert state(desk, stored) == ("done", "mail_delayed")
    assert desk.store.get("dead_addresses", dead_address_id(ours.to)) is None


def test_bounce_of_another_address_marks_nothing_and_waits(desk: Desk) -> None:
    """Anybody can write a report: it counts only for the address that the letter went to."""
    ours = sent_letter(desk)

    stored = bounce(desk, ours, permanent=True, address="victim@other.example")

    assert state(desk, stored) == ("unknown", "bounce_elsewhere")
    assert Outgoing.model_validate(desk.store.get("outgoing", ours.id)).state == ours.state
    assert desk.store.get("dead_addresses", dead_address_id("victim@other.example")) is None
    assert [it for it in all_of(desk, Notice) if it.code == "notice_bounced"] == []


def test_complaint_about_a_letter_to_one_client_ends_what_is_sent_to_many(desk: Desk) -> None:
    ours = sent_letter(desk)
    report = {"address": ours.to, "permanent": False}
    about = {"nature": "complaint", "about": (ours.message_id,)}

    stored = record(desk, letter("fbl@mx.example", message_id="1@x", reports=(report,), **about))
    strange = letter("fbl@mx.example", message_id="2@x", nature="complaint", about=("no@x",))

    wish = AddressWish.model_validate(desk.store.get("address_wishes", wish_id("mail", ours.to)))
    assert (state(desk, stored), wish.why) == (("done", "mail_complaint"), "complaint")
    assert state(desk, record(desk, strange)) == ("ignored", "mail_complaint")
    assert len(all_of(desk, Client)) == 1


def test_bounce_of_a_letter_that_is_not_ours_is_ignored(desk: Desk) -> None:
    stored = record(
        desk,
        letter(
            "mailer-daemon@mx.example",
            nature="bounce",
            reports=({"address": "x@y.example", "permanent": True},),
            about=("nobody@x.example",),
        ),
    )

    assert state(desk, stored) == ("ignored", "mail_bounce")
    assert all_of(desk, Client) == []


def test_letter_without_an_id_is_taken_and_leaves_no_link(desk: Desk) -> None:
    stored = record(desk, letter(message_id=""))

    assert state(desk, stored) == ("done", "")
    assert all_of(desk, MailLink) == []


def test_person_forgotten_leaves_no_word_and_no_file_of_their_letters(desk: Desk) -> None:
    class Shelf:
        def __init__(self) -> None:
            self.discarded: list[str] = []

        def discard(self, key: str) -> None:
            self.discarded.append(key)

    shelf = Shelf()
    ref = file_key("in", "a.pdf", "d")
    file = Attachment(name="Паспорт.pdf", media_type="application/pdf", size=1, ref=ref)
    came = letter(whole="Добрый день\n-- \nМария").model_copy(update={"attachments": (file,)})
    stored = record(desk, came)
    form = SendMail(text="Здравствуйте, Мария", subject="Ответ", client=stored.client_id or "")
    send(desk, director(desk), form, "test")

    forgetting = replace(desk, files=cast("Files", shelf))
    forget(forgetting, director(desk), stored.client_id or "", cause="test")

    left = "".join(
        str(row.doc)
        for name in ("inbounds", "outgoing", "activities", "clients", "leads", "mail_links")
        for row in desk.store.query(Query(name))
    )
    assert [word for word in ("Мария", "client.example", "Паспорт") if word in left] == []
    assert shelf.discarded == [ref]
