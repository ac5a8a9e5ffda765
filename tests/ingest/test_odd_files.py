"""Files of odd types that mail providers pass on: a letter in a letter, a type nobody knows."""

import json
from base64 import b64encode
from dataclasses import replace

import pytest
from tests.ingest.channels.samples import understood, unsigned
from tests.ingest.channels.test_contract import named

from ingest.channels import CHANNELS
from kartoteka.http import Call

INNER = (
    b"From: ivan@firm.example\r\nTo: maria.orlova@client.example\r\nSubject: Price\r\n"
    b"Message-ID: <inner@firm.example>\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n"
    b"--in\r\nContent-Type: text/plain\r\n\r\nWords of another.\r\n"
    b"--in\r\nContent-Type: application/pdf; name=list.pdf\r\n\r\n%PDF\r\n--in--"
)
PDF = b"%PDF-1.4\n% a contract of one line\n%%EOF\n"


def in_a_form(channel: str, kind: str, content: bytes) -> Call:
    """Mailgun and SendGrid: the file is a part of the form."""
    sample = unsigned(channel, named(channel, "files"))
    old = b"Content-Type: application/pdf"
    head, _, tail = sample.body.rpartition(old)
    new = b"Content-Type: " + kind.encode() + tail.partition(PDF)[0] + content
    return replace(sample, body=head + new + tail.partition(PDF)[2])


def in_json(kind: str, content: bytes) -> Call:
    """Postmark: the file is a text in JSON."""
    sample = unsigned("postmark", named("postmark", "files"))
    file = {"Name": "odd.dat", "ContentType": kind, "Content": b64encode(content).decode()}
    body = json.loads(sample.body) | {"Attachments": [file]}
    return replace(sample, body=json.dumps(body).encode())


def in_a_letter(kind: str, content: bytes) -> Call:
    """SES: the letter comes whole."""
    head = (
        "From: maria.orlova@client.example\r\nTo: office@office.example\r\n"
        "Message-ID: <out@client.example>\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n"
        "--out\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--out\r\n"
        f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="odd.dat"\r\n\r\n'
    )
    sample = unsigned("ses", named("ses", "files"))
    body = json.loads(sample.body)
    told = json.loads(body["Message"])
    told["content"] = b64encode(head.encode() + content + b"\r\n--out--\r\n").decode()
    told["receipt"]["action"]["encoding"] = "BASE64"
    return replace(sample, body=json.dumps(body | {"Message": json.dumps(told)}).encode())


@pytest.mark.parametrize(
    ("kind", "content"),
    [("message/rfc822", INNER), ("application/x-odd+thing.v2", b"%odd"), ("*/*", b"%odd")],
)
@pytest.mark.parametrize("channel", ["mailgun", "postmark", "sendgrid", "ses"])
def test_file_of_an_odd_type_is_one_whole_file_and_changes_nothing_else(
    channel: str, kind: str, content: bytes
) -> None:
    """What stands in a letter that is attached is neither text nor a file of the letter."""
    if channel == "postmark":
        call = in_json(kind, content)
    elif channel == "ses":
        call = in_a_letter(kind, content)
    else:
        call = in_a_form(channel, kind, content)

    [event] = understood(CHANNELS[channel], call)

    assert event.mail is not None
    assert [(it.media_type, it.size) for it in event.attachments] == [(kind, len(content))]
    assert (event.mail.nature, event.mail.reports) == ("person", ())
    assert "Words" not in event.text
    assert event.text
    assert event.mail.message_id != "inner@firm.example"
