"""Whatever bytes come as a letter, reading gives a letter that every store can keep."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ingest.channels.samples import context
from tests.ingest.mail.corpus import CASES

from ingest.fit import fitted
from ingest.mail.dates import moment
from ingest.mail.event import Carried, mail_event
from ingest.mail.flowed import unflowed
from ingest.mail.headers import addresses, message_ids, parameters, words
from ingest.mail.html_text import page_text
from ingest.mail.quoting import own_words
from ingest.mail.reading import read_letter
from kartoteka.domain.inbound import Inbound

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HEADER = st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
ODD = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=B\r\n",
        b"Content-Type: text/html; charset=utf-7\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n",
        b"Content-Type: message/delivery-status\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: uuencode\r\n",
        b"Content-Disposition: attachment; filename*0*=utf-16''%D8; filename*1=\xff\r\n",
        b"Content-ID: <a>\r\n",
        b"From: =?utf-7?Q?+2AA-?= <\xff@b.example>\r\n",
        b"Subject: =?utf-16?B?2A==?=\r\n",
        b"--B\r\n",
        b"--B--\r\n",
        b"\r\n",
        b"> quoted\r\n",
        b"Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\n",
    ]
)
LETTERS = st.lists(ODD | HEADER | st.binary(max_size=40), max_size=14).map(b"".join)


def kept(source: bytes) -> Inbound:
    where = context("gmail")
    return fitted(mail_event(read_letter(source), Carried("gmail", source), where))


def storable(event: Inbound) -> bool:
    text = json.dumps(event.model_dump(mode="json"), ensure_ascii=False)
    return Inbound.model_validate_json(text.encode()) == event and "\\u0000" not in text


@FEW
@given(LETTERS)
def test_any_letter_becomes_an_event_that_can_be_kept(source: bytes) -> None:
    assert storable(kept(source))


@FEW
@given(st.sampled_from(CASES), st.data())
def test_difficult_letter_spoilt_becomes_an_event_that_can_be_kept(
    case: tuple[str, bytes, object], data: st.DataObject
) -> None:
    source = bytearray(case[1])
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(source)))
        source[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))

    assert storable(kept(bytes(source)))


@FEW
@given(LETTERS)
def test_letter_repeated_is_the_same_event(source: bytes) -> None:
    assert kept(source).id == kept(source).id


@FEW
@given(st.text())
def test_any_page_is_text_without_tags_that_were_closed(html: str) -> None:
    page = page_text(f"<p>{html}</p>")

    assert "<p>" not in page.own


@FEW
@given(st.text(alphabet="аб >:|-_\n\rFrom: wrote 2026", max_size=300))
def test_own_words_are_a_part_of_the_whole_and_never_lost(text: str) -> None:
    own = own_words(text)

    assert bool(own) == bool(text.strip())
    assert set(own.split()) <= set(text.split())


@FEW
@given(st.text(max_size=200))
def test_any_header_text_is_read(text: str) -> None:
    raw = text.encode("utf-8", "replace").decode("latin-1")

    assert isinstance(words(raw), str)
    assert all("@" in address for _, address in addresses([raw]))
    assert all(message_ids(raw)) or message_ids(raw) == ()
    assert isinstance(parameters(raw)[0], str)
    found = moment(raw)
    assert found is None or found.tzinfo is not None


@FEW
@given(st.text(alphabet="аб >\n", max_size=200))
def test_unflowing_keeps_every_letter(text: str) -> None:
    assert [c for c in unflowed(text) if c in "аб"] == [c for c in text if c in "аб"]
