"""Letters of ours go out through Gmail: in their thread, once, and what failed is told."""

import email
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from tests.onebox.google.conftest import OFFICE
from tests.onebox.google.google_desk import OfficeClock
from tests.onebox.google.test_google_gmail import letter
from tests.onebox.google.test_google_mailboxes import ACCOUNT, app, clients, inbounds

from automation import calls, engine
from ingest import mailboxes
from kartoteka.adapters.drive import DriveFiles
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotAllowed, Transient
from kartoteka.domain.mail import DeadAddress, Outgoing, dead_address_id
from kartoteka.domain.model import Activity, Client, Lead, Notice
from kartoteka.ports import Query
from kartoteka.services.mail_delivery import Sender, deliver
from kartoteka.services.mail_send import SendMail, send
from kartoteka.services.people import actor
from kartoteka.wiring import App
from onebox.google.app import Google

__all__ = ["app"]


def olga(app: App) -> Actor:
    settings = app.desk.settings()
    return actor(next(p for p in settings.staff if p.id == "st_olga"), settings)


def dina(app: App) -> Actor:
    settings = app.desk.settings()
    return actor(next(p for p in settings.staff if p.id == "st_dina"), settings)


def came(app: App, google: Google) -> Activity:
    """Return the activity of a letter that a client wrote."""
    google.gmail.deliver(OFFICE, letter("Вопрос по договору", "1@client.example"))
    mailboxes.look(app, ACCOUNT)
    [found] = app.store.query(Query("activities"))
    return Activity.model_validate(found.doc)


def written(app: App, google: Google, **given: str) -> Activity:
    form = SendMail(reply_to=came(app, google).id, text="Здравствуйте!\n\nПриходите.", **given)
    return send(app.desk, olga(app), form, "test")


def outgoing(app: App, activity: Activity) -> Outgoing:
    return Outgoing.model_validate(app.store.get("outgoing", activity.id))


def go(app: App, activity: Activity) -> str:
    return calls.do(app, "letter", {"letter": activity.id})


def sent_letters(google: Google) -> list[EmailMessage]:
    raws = [it.raw for it in google.gmail.box(OFFICE).letters() if "SENT" in it.labels]
    parsed = [email.message_from_bytes(raw.encode("latin-1"), policy=default) for raw in raws]
    return list(parsed)


def test_answer_goes_out_in_its_thread_with_a_token_for_the_next(app: App, google: Google) -> None:
    activity = written(app, google)

    assert go(app, activity) == "sent"

    [sent] = sent_letters(google)
    ours = outgoing(app, activity)
    assert sent["To"] == "maria@client.example"
    assert sent["Subject"] == "Re: Вопрос по договору"
    assert sent["In-Reply-To"] == "<1@client.example>"
    assert sent["References"] == "<1@client.example>"
    assert f"+{ours.token}@" in sent["Reply-To"]
    assert sent.get_content().replace("\r\n", "\n") == "Здравствуйте!\n\nПриходите.\n"
    threads = {item.thread for item in google.gmail.box(OFFICE).letters()}
    assert len(threads) == 1
    assert (ours.state, ours.sent_at) == ("sent", app.clock.now())


def test_letter_is_one_outgoing_activity_of_its_author(app: App, google: Google) -> None:
    activity = written(app, google)
    go(app, activity)

    found = [Activity.model_validate(row.doc) for row in app.store.query(Query("activities"))]
    ours = [item for item in found if item.direction == "out"]
    [client] = clients(app)
    assert [(item.what, item.staff_id, item.text) for item in ours] == [
        ("mail", "st_olga", "Здравствуйте!\n\nПриходите.")
    ]
    assert client.last_touch is not None
    assert client.last_touch.direction == "out"


def test_letter_to_a_client_without_a_telephone_is_an_attempt_on_the_ladder(
    app: App, google: Google
) -> None:
    activity = written(app, google)

    lead = Lead.model_validate(app.store.get("leads", activity.lead_id or ""))
    assert lead.wrote_at == app.clock.now()
    assert lead.touched_at == app.clock.now()


def test_task_that_runs_again_sends_nothing_more(app: App, google: Google) -> None:
    activity = written(app, google)

    assert [go(app, activity), go(app, activity)] == ["sent", "done"]
    assert len(sent_letters(google)) == 1


def test_answer_of_google_lost_on_its_way_is_recognised(app: App, google: Google) -> None:
    class Deaf:
        """The box as it is, but the answer to sending never arrives."""

        def __getattr__(self, name: str) -> object:
            return getattr(app.mail(""), name)

        def send(self, source: bytes, thread: str = "") -> object:
            app.mail("").send(source, thread)
            raise Transient("cut")

    activity = written(app, google)
    with pytest.raises(Transient):
        deliver(app.desk, Sender(cast("object", Deaf()), OFFICE), activity.id)  # type: ignore[arg-type]  # a box with one method replaced

    assert go(app, activity) == "sent"
    assert len(sent_letters(google)) == 1


def test_letter_that_google_refuses_is_told_to_its_author(app: App, google: Google) -> None:
    activity = written(app, google)
    google.vault.delete(f"gmail:{OFFICE}", f"{google.gmail.box(OFFICE).history:016d}")

    assert go(app, activity) == "failed"

    found = [Notice.model_validate(row.doc) for row in app.store.query(Query("notices"))]
    assert [(n.code, n.staff_id) for n in found if n.code == "notice_unsent"] == [
        ("notice_unsent", "st_olga")
    ]


def test_box_that_is_down_is_asked_again_for_half_a_day(
    app: App, google: Google, office_clock: OfficeClock
) -> None:
    activity = written(app, google)
    google.faults.push("gmail.users.messages.send", "503", times=2)

    with pytest.raises(Transient):
        go(app, activity)
    office_clock.advance(hours=13)

    assert go(app, activity) == "failed"
    assert outgoing(app, activity).why == "mail_gave_up"


def test_letter_whose_task_was_lost_is_handed_over_by_the_minute(
    app: App, google: Google, office_clock: OfficeClock
) -> None:
    written(app, google)
    office_clock.advance(minutes=11)

    assert engine.tick(app.desk)["letters"] == 1


def test_answer_to_our_letter_comes_back_to_the_client(app: App, google: Google) -> None:
    activity = written(app, google)
    go(app, activity)
    to = f"office+{outgoing(app, activity).token}@example.ru"
    reply = letter("Re: Вопрос по договору", "3@home.example", To=to)
    google.gmail.deliver(OFFICE, reply.replace(b"maria@client.example", b"maria@home.example"))

    mailboxes.look(app, ACCOUNT)

    assert len(clients(app)) == 1
    assert {item.client_id for item in inbounds(app)} == {activity.client_id}


def test_new_letter_to_a_client_needs_a_subject(app: App, google: Google) -> None:
    client_id = str(came(app, google).client_id)
    with pytest.raises(Invalid) as refused:
        send(app.desk, olga(app), SendMail(client=client_id, text="x"), "test")

    assert refused.value.code == "mail_subject"


def test_new_letter_is_a_thread_of_its_own(app: App, google: Google) -> None:
    lead_id = str(came(app, google).lead_id)
    form = SendMail(lead=lead_id, text="x", subject="Счёт\r\nBcc: everybody@example.com")
    activity = send(app.desk, olga(app), form, "test")
    go(app, activity)

    [sent] = sent_letters(google)
    assert (sent["Subject"], sent["Bcc"], sent["In-Reply-To"]) == (
        "Счёт Bcc: everybody@example.com",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "mail_link"),
        ({"client": "x", "lead": "y"}, "mail_link"),
        ({"to": "stranger@elsewhere.example"}, "mail_to"),
    ],
)
def test_letter_that_cannot_be_sent_is_refused(
    app: App, google: Google, given: dict[str, str], code: str
) -> None:
    reply = {"reply_to": came(app, google).id} if code == "mail_to" else {}
    with pytest.raises(Invalid) as refused:
        send(app.desk, olga(app), SendMail(text="x", subject="x", **reply, **given), "test")

    assert refused.value.code == code


def test_address_where_letters_do_not_arrive_is_refused_unless_named(
    app: App, google: Google
) -> None:
    activity = came(app, google)
    dead = DeadAddress(id=dead_address_id("maria@client.example"), at=app.clock.now())
    app.store.run(lambda tx: tx.put(dead.collection, dead.id, dead.model_dump(mode="json")))
    with pytest.raises(Invalid) as refused:
        send(app.desk, olga(app), SendMail(reply_to=activity.id, text="x"), "test")
    assert refused.value.code == "mail_dead"

    form = SendMail(reply_to=activity.id, text="x", to="maria@client.example")
    assert send(app.desk, olga(app), form, "test").direction == "out"


def test_client_without_an_address_cannot_be_written_to(app: App, google: Google) -> None:
    client_id = str(came(app, google).client_id)
    found = Client.model_validate(app.store.get("clients", client_id))
    bare = found.model_copy(update={"emails": ()})
    app.store.run(lambda tx: tx.put("clients", bare.id, bare.model_dump(mode="json")))
    with pytest.raises(Invalid) as refused:
        send(app.desk, olga(app), SendMail(client=client_id, text="x", subject="x"), "test")

    assert refused.value.code == "mail_no_address"


def test_client_of_somebody_else_is_not_written_to(app: App, google: Google) -> None:
    form = SendMail(reply_to=came(app, google).id, text="x")
    with pytest.raises(NotAllowed):
        send(app.desk, dina(app), form, "test")


def test_letter_late_by_nothing_waits_for_its_task(app: App, google: Google) -> None:
    written(app, google)

    assert engine.tick(app.desk)["letters"] == 0


PDF = b"%PDF-1.4 contract"


def with_file() -> bytes:
    head = letter("Вопрос", "f@client.example").replace(
        b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\n", 1
    )
    file = b"--B\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n" + PDF + b"\r\n--B--\r\n"
    return head + file


def test_file_of_the_client_goes_along(
    app: App, google: Google, client: Callable[..., Any]
) -> None:
    files = DriveFiles(app.settings)
    files._local.service = client("drive")
    vars(app)["files"] = files
    google.gmail.deliver(OFFICE, with_file())
    mailboxes.look(app, ACCOUNT)
    [found] = app.store.query(Query("activities"))
    activity = Activity.model_validate(found.doc)
    [file] = activity.files

    form = SendMail(reply_to=activity.id, text="Возвращаем", files=(file.ref,))
    sent = send(app.desk, olga(app), form, "test")

    assert go(app, sent) == "sent"
    [raw] = sent_letters(google)
    assert isinstance(raw, EmailMessage)
    assert [item.get_content() for item in raw.iter_attachments()] == [PDF]
    assert sent.files == (file,)


def test_file_of_somebody_else_does_not_go_along(app: App, google: Google) -> None:
    form = SendMail(reply_to=came(app, google).id, text="x", files=("fl_other",))
    with pytest.raises(Invalid) as refused:
        send(app.desk, olga(app), form, "test")

    assert refused.value.code == "mail_file"
