"""Templates of papers: filled once, as text, also where Word cut a place into pieces."""

import io
import zipfile
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kartoteka.domain.errors import Invalid
from kartoteka.domain.paper_text import WORD, can_fill, fill, fill_name

NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
VALUES = {"client.name": "ООО «Ромашка» & Ко <b>", "deal.amount": "45000.00"}


def word(*runs: str) -> bytes:
    texts = "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{run}</w:t></w:r>" for run in runs)
    body = f'<w:document xmlns:w="{NS}"><w:body><w:p>{texts}</w:p></w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", f'<?xml version="1.0" encoding="UTF-8"?>{body}')
        made.writestr("word/media/image1.png", b"\x89PNG")
    return out.getvalue()


def read(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.read("word/media/image1.png") == b"\x89PNG"
        root = ET.fromstring(made.read("word/document.xml"))  # noqa: S314 - we made it
    return "".join(item.text or "" for item in root.iter(f"{{{NS}}}t"))


def test_text_is_filled_in_any_case_and_what_is_missing_is_named() -> None:
    made = fill("Для {{ Client.Name }}: {{deal.amount}}, ИНН {{company.inn}}, {{x|нет}}".encode(),
                "text/plain", VALUES)  # fmt: skip

    assert made.content.decode() == (
        "Для ООО «Ромашка» & Ко <b>: 45000.00, ИНН {{company.inn}}, нет"
    )
    assert made.missing == ("company.inn",)


def test_page_gets_values_as_text() -> None:
    made = fill(b"<p>{{client.name}}</p>", "text/html", {"client.name": "<script>\nx</script>"})

    assert made.content == b"<p>&lt;script&gt;<br>x&lt;/script&gt;</p>"


@pytest.mark.parametrize(
    "runs",
    [
        ("Клиент: {{client.name}}!",),
        ("Клиент: {{", "client.name", "}}!"),
        ("Клиент", ": {{client", ".name}", "}!"),
    ],
)
def test_place_is_filled_wherever_word_cut_it(runs) -> None:
    made = fill(word(*runs), WORD, VALUES)

    assert read(made.content) == "Клиент: ООО «Ромашка» & Ко <b>!"


@given(st.text(), st.lists(st.integers(0, 40), max_size=5))
@example("{{deal.amount}}", [])
@example("]]>&amp;<w:t>", [3])
def test_any_value_stays_text_however_the_place_is_cut(value: str, cuts: list[int]) -> None:
    whole = "a {{client.name}} b {{no.such}} c"
    edges = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    runs = [whole[begin:end] for begin, end in pairwise(edges)]

    made = fill(word(*runs), WORD, {"client.name": value})

    shown = "".join(sign for sign in value if sign.isprintable())
    wanted = f"a {shown} b {{{{no.such}}}} c" if any(
        sign.isprintable() or sign == "\n" for sign in value
    ) else whole  # fmt: skip
    assert read(made.content) == wanted


@pytest.mark.parametrize(
    "content", [b"", b"no zip", word("x")[:60]], ids=["empty", "no zip", "cut off"]
)
def test_damaged_document_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as raised:
        fill(content, WORD, VALUES)

    assert raised.value.code == "paper_damaged"


def test_document_of_too_many_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(5_001):
            made.writestr(f"{number}", b"")

    with pytest.raises(Invalid):
        fill(out.getvalue(), WORD, VALUES)


def test_name_of_a_file_is_one_line() -> None:
    assert fill_name("Договор {{client.name}}", {"client.name": "А\nБ"}) == "Договор А Б"
    assert not can_fill("application/pdf")
