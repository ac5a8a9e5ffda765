"""Letters that a provider took apart say the same as whole ones."""

from tests.ingest.mail.corpus_bounces import COPY, SENT

from ingest.mail.assembled import Enclosed, as_raw, assembled
from ingest.mail.letter import File, Nature

HEADERS = as_raw(
    [
        ("From", "Mail Delivery System <mailer-daemon@mx.example>"),
        ("To", "anna@office.example"),
        ("Subject", "Mail delivery failed: returning message to sender"),
    ]
)


def test_bounce_in_words_finds_the_letter_by_its_copy() -> None:
    text = (
        "The following address failed:\n\n  nobody@client.example\n    550 5.1.1 User unknown\n\n"
        f"------ This is a copy of the message ------\n\n{COPY}"
    )

    letter = assembled(HEADERS, text, "")

    assert letter.nature is Nature.BOUNCE
    assert [(item.address, item.status) for item in letter.reports] == [
        ("nobody@client.example", "5.1.1")
    ]
    assert letter.about == (SENT,)


def test_report_among_the_files_is_read() -> None:
    fields = (
        b"Final-Recipient: rfc822; full@client.example\nAction: failed\n"
        b"Status: 5.2.2\nDiagnostic-Code: smtp; 552 mailbox full"
    )
    report = Enclosed(File("status.txt", "message/delivery-status", fields))
    copy = Enclosed(File("letter.eml", "message/rfc822", COPY.encode()))

    letter = assembled(HEADERS, "It was not delivered.", "", [report, copy])

    assert [(item.address, item.status) for item in letter.reports] == [
        ("full@client.example", "5.2.2")
    ]
    assert letter.about == (SENT,)


def test_letter_passed_on_keeps_what_it_says() -> None:
    raw = as_raw([("From", "m@client.example"), ("Subject", "Fwd: Аренда")])
    html = "<p>Посмотрите.</p><blockquote>Нужен договор.</blockquote>"

    assert assembled(raw, "", html).own == "Посмотрите.\n\nНужен договор."
