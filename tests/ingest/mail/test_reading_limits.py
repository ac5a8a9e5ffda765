"""Whatever comes, reading ends soon: bounded parts, bounded depth, time in step with the length."""

import base64
import os

import pytest
from tests.cost import takes_less
from tests.ingest.mail.letters import head, mixed, plain, raw

from ingest.mail.html_text import page_text
from ingest.mail.reading import MOST_FILES, read_letter
from ingest.mail.structure import DEEPEST, MOST_PARTS, parts, top

SIZE = 100_000
PATIENCE = 6  # a busy machine may be so much slower than 50 ms for 100 kB


def filled(unit: bytes) -> bytes:
    return unit * (SIZE // len(unit))


def nested(depth: int) -> bytes:
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return b"".join(levels)


MIXED = b"Content-Type: multipart/mixed; boundary=X\n\n"
BOUNCE = b"From: mailer-daemon@x.example\n\n"
HOSTILE = {
    "ten_thousand_parts": b"Content-Type: multipart/mixed; boundary=X\n\n"
    + b"--X\n\nhello\n" * 9_000,
    "nine_hundred_levels": nested(900),
    "one_boundary_for_all_levels": filled(b"Content-Type: multipart/mixed; boundary=X\n\n--X\n"),
    "letters_in_letters": filled(b"Content-Type: message/rfc822\n\n"),
    "near_misses_of_a_boundary": b"Content-Type: multipart/mixed; boundary=X\n\n"
    + filled(b"\n--Xx"),
    "one_long_header": b"From: " + filled(b"a") + b"\n\n",
    "folded_for_ever": b"Subject: " + filled(b" x\n") + b"\n\n",
    "headers_only": filled(b"X: y\n") + b"\n",
    "addresses": b"From: " + filled(b'"a" <') + b"\n\n",
    "quotes_in_names": b"From: " + filled(b'"a "b" "c" ') + b"\n\n",
    "comments": b"From: " + filled(b"(") + b"\n\n",
    "encoded_words": b"Subject: " + filled(b"=?koi8-r?B?8M7J?= =?utf-8?Q?=D0?=") + b"\n\n",
    "parameters": b"Content-Type: text/plain" + filled(b'; a="b') + b"\n\nx",
    "pieces_of_a_name": b"Content-Type: text/plain" + filled(b"; name*0*=utf-8''%D0") + b"\n\nx",
    "references": b"References: " + filled(b"<a@b> ") + b"\n\n",
    "dates": b"From: a@b.example\n\n" + filled("23 ноя 2026 г. в 10:15 Анна wrote\n".encode()),
    "from_lines": b"From: a@b.example\n\n" + filled(b"From: x\n"),
    "spaces": b"From: a@b.example\n\n" + filled(b" " * 390 + b":\n"),
    "dashes": b"From: a@b.example\n\n" + filled(b"-"),
    "quotes": b"From: a@b.example\n\n" + filled(b"> "),
    "quoted_printable": b"Content-Transfer-Encoding: quoted-printable\n\n" + filled(b"=\n=3"),
    "uuencode": b"Content-Transfer-Encoding: uuencode\n\n" + filled(b"M\n"),
    "base64": b"Content-Transfer-Encoding: base64\n\n" + filled(b"="),
    "seals": filled(b"-----BEGIN PGP MESSAGE-----\n\n"),
    "signatures": filled(b"-----BEGIN PGP SIGNED MESSAGE-----\n\n- -"),
    "invitations": b"Content-Type: text/calendar\n\nBEGIN:VEVENT\n" + filled(b"SUMMARY;x"),
    "quoted_boxes": b"From: " + filled(b'"a"@') + b"\n\n",
    "utf7": b"Content-Type: text/plain; charset=utf-7\n\n" + filled(b"+BD"),
    "addresses_of_a_bounce": BOUNCE + filled(b"recipient a@b.example to "),
    "ids_of_a_bounce": BOUNCE + filled(b"Message-ID: \n"),
    "words_of_a_bounce": BOUNCE + filled(b"delivery to not user box\n"),
    "fields_of_a_report": b"Content-Type: message/delivery-status\n\n"
    + filled(b"Final-Recipient: rfc822; a@b.example\nAction: failed\n\n"),
    "lost_boundaries": b"Content-Type: multipart/mixed\n\n" + filled(b"--X\ncontent-type: a\n"),
    "years": b"From: a@b.example\n\n" + filled(b"2026 may 1 :\n"),
    "many_html_versions": b"Content-Type: multipart/alternative; boundary=X\n\n"
    + filled(b"--X\nContent-Type: text/html\n\n<b>hi\n"),
}
HTML = {
    "style_without_an_end": "<style>@media{",
    "screens_in_a_style": "<style>@media x{a{}",
    "rules_that_nobody_closes": "<style>}a{display:",
    "classes": '<style>.a,.b{display:none}</style><p class="a',
    "flags": "<p hidden",
    "tags_nobody_closes": "<a ",
    "comments_nobody_closes": "<!--",
    "declarations": "<!",
    "ends": "</",
    "quotes": "<a b='",
    "levels": "<div>",
    "quoted_levels": "<blockquote>",
    "cells": "<td>",
    "scripts": "<script>",
    "attributes": "<a " + "class=" * 300 + ">",
    "wide_attributes": "<a class=" + " " * 1900 + ">",
    "hidden": '<a style="' + "display :" * 150 + '">',
    "signs": "&lt",
    "links": '<a href="https://x.example/">x</a>',
    "kept_lines": "<pre>\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_letter_is_read_in_time(name: str) -> None:
    source = HOSTILE[name]
    allowed = 0.05 * max(1.0, len(source) / SIZE)

    assert takes_less(PATIENCE * allowed, read_letter, source)


@pytest.mark.parametrize("name", HTML)
def test_hostile_page_is_read_in_time(name: str) -> None:
    page = HTML[name] * (SIZE // len(HTML[name]))

    assert takes_less(PATIENCE * 0.05, page_text, page)
    assert takes_less(PATIENCE * 0.05, page_text, page + ">")


def test_ten_megabytes_with_files_are_read_within_a_second() -> None:
    content = os.urandom(2_500_000)
    file = base64.encodebytes(content).decode()
    part = f"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n{file}"
    source = raw(mixed(plain("три файла"), part, part, part))

    letter = read_letter(source)

    assert takes_less(1.0, read_letter, source)
    assert len(source) > 10_000_000
    assert [file.content for file in letter.files] == [content] * 3


def test_parts_beyond_the_bound_stay_unread() -> None:
    source = MIXED + b"--X\n\nhello\n" * 5_000

    assert len(list(parts(top(source)))) == MOST_PARTS


def test_levels_beyond_the_bound_stay_closed() -> None:
    found = list(parts(top(nested(900))))

    assert max(part.depth for part in found) == DEEPEST


def test_files_beyond_the_bound_are_left_out() -> None:
    part = "Content-Type: application/pdf; name=a.pdf\n\nx"

    assert len(read_letter(raw(mixed(*[part] * 300))).files) == MOST_FILES


def test_two_hundred_small_parts_are_all_read() -> None:
    letter = read_letter(raw(mixed(*(plain(f"часть {number}") for number in range(200)))))

    assert letter.whole.count("часть") == 200


def test_text_of_two_megabytes_is_cut_and_read() -> None:
    letter = read_letter(raw(head("Content-Type: text/plain; charset=utf-8") + "да " * 700_000))

    assert 900_000 < len(letter.whole) <= 1_000_000
