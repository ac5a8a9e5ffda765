"""What a client typed stays a word: never markup, a header, a field or a link."""

import html
from email import message_from_bytes
from email.policy import SMTP
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.adapters.senders.letter import composed
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.mail_merge import check_places, fill, typed
from kartoteka.outgoing_ports import Posting

HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "a\r\nBcc: x@evil.example",
        "</p><script>x</script>",
        "{{name}}",
        "\u2028To: y",
        "=1+1",
        "\x00",
    ]
)


def bare(**fields: str) -> Posting:
    given = {"tag": "t", "to": "a@b.example", "text": "x", "message_id": "x@y.example"}
    return Posting(**{**given, **fields})


HEADERS = {
    *("From", "To", "Subject", "Message-ID", "Content-Type", "Content-Transfer-Encoding"),
    *("MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post"),
}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


@given(HOSTILE)
def test_typed_name_adds_no_header_no_tag_and_no_place(name: str) -> None:
    values = {"name": typed(name), "secret": "TOP"}
    found = fill(("Hi {{name|you}}", "Dear {{name|you}}", "<p>{{name|you}}</p>"), values)
    posting = Posting(
        tag="t",
        to="a@mail.example",
        subject=found.subject,
        text=found.text,
        html=found.html,
        name=name,
        message_id="x@y.example",
        unsubscribe="https://crm.example/u/1",
    )
    letter = composed(posting, "office@office.example", answers_with_token=False)
    read = message_from_bytes(letter, policy=SMTP)
    tags = Tags()
    tags.feed(found.html)

    assert set(read.keys()) <= HEADERS
    assert read["Bcc"] is None
    assert str(read["To"]) == "a@mail.example"
    assert tags.seen == ["p"]
    assert "TOP" not in found.text
    assert html.unescape(found.html) == f"<p>{typed(name) or 'you'}</p>"


@pytest.mark.parametrize(
    "name",
    ["http://evil.example", "www.evil.ru", "заходи evil.ru", "Приз на сайт.рф", "a@b"],
)
def test_value_that_looks_like_a_link_counts_as_missing(name: str) -> None:
    assert typed(name) == ""


@pytest.mark.parametrize("name", ["Анна-Мария", "О'Нил", "И. Иванов", "ООО «Ромашка»", "St. John"])
def test_names_of_people_and_firms_are_no_links(name: str) -> None:
    assert typed(name) == name


def test_missing_place_is_told_and_other_words_fill_it() -> None:
    found = fill(("{{a}}", "{{B|dear client}} {{ c }}", ""), {"c": "C"})

    assert (found.missing, found.text) == (("a",), "dear client C")


def test_unknown_place_is_refused_with_what_is_near() -> None:
    with pytest.raises(Invalid) as refused:
        check_places(["{{nmae}}"], ["name", "company"])

    assert refused.value.facts["known"] == "name"


@pytest.mark.parametrize(
    ("place", "listed"),
    [("менеджр", "менеджер"), ("manger", "manager, name"), ("зарплата", "имя, менеджер")],
)
def test_unknown_place_is_told_names_in_its_own_letters(place: str, listed: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_places([f"{{{{{place}}}}}"], ["name", "имя", "manager", "менеджер"])

    assert refused.value.facts["known"] == listed


@pytest.mark.parametrize("address", ["a b@mail.example", "a@b\r\nBcc: c@d", "nobody", "a@"])
def test_address_that_no_letter_can_have_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed):
        composed(bare(to=address), "o@o.example", answers_with_token=False)


@pytest.mark.parametrize(("base", "one_click"), [("https", True), ("http", False)])
def test_one_click_is_promised_by_https_only(base: str, *, one_click: bool) -> None:
    posting = bare(unsubscribe=f"{base}://crm.example/u/1")
    raw = composed(posting, "o@o.example", answers_with_token=True)
    letter = message_from_bytes(raw, policy=SMTP)

    assert letter["List-Unsubscribe"] == f"<{base}://crm.example/u/1>"
    assert (letter["List-Unsubscribe-Post"] is not None) == one_click


def test_long_address_to_unsubscribe_stays_readable_in_the_raw_letter() -> None:
    address = f"https://crm.{'long.' * 20}example/ingest/u/rc_{'0' * 32}"
    posting = bare(unsubscribe=address, subject="Скидки весны " * 15, text="Здравствуйте. " * 200)
    raw = composed(posting, "office@office.example", answers_with_token=True)

    assert f"List-Unsubscribe: <{address}>\r\n".encode() in raw
    assert max(map(len, raw.split(b"\r\n")[1:])) <= 78
    assert raw.isascii()
