"""What Outlook packs into a winmail.dat comes out of it, whole, cut or hostile."""

import base64
import struct

from hypothesis import given
from hypothesis import strategies as st
from tests.cost import takes_less
from tests.ingest.mail.letters import mixed, plain, raw

from ingest.mail.reading import read_letter
from ingest.mail.tnef import unpacked

SIGNATURE = b"\x78\x9f\x3e\x22\x01\x00"
BODY, PROPERTIES, CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
NEXT_FILE, TITLE, DATA, OF_FILE = 0x00069002, 0x00018010, 0x0006800F, 0x00069005


def attribute(name: int, value: bytes, level: int = 2) -> bytes:
    return (
        struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) % 65536)
    )


def padded(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value + b"\0" * (-len(value) % 4)


def unicode_property(name: int, text: str) -> bytes:
    return struct.pack("<HHI", 0x1F, name, 1) + padded(text.encode("utf-16-le") + b"\0\0")


def named_property() -> bytes:
    name = b"G" * 16 + struct.pack("<I", 1) + padded("x".encode("utf-16-le"))
    return struct.pack("<HH", 0x3, 0x8001) + name + struct.pack("<I", 7)


FILE = (
    attribute(NEXT_FILE, b"\0" * 14)
    + attribute(TITLE, "ДОГОВО~1.DOC\0".encode("cp1251"))
    + attribute(DATA, b"contract")
    + attribute(
        OF_FILE,
        struct.pack("<I", 2) + named_property() + unicode_property(0x3707, "Договор аренды.doc"),
    )
)
SECOND = attribute(NEXT_FILE, b"") + attribute(TITLE, b"scan.pdf\0") + attribute(DATA, b"%PDF")
WORDS = attribute(CODE_PAGE, struct.pack("<II", 1251, 0), 1) + attribute(
    BODY, "Высылаю договор\0".encode("cp1251"), 1
)
PACKAGE = SIGNATURE + WORDS + FILE + SECOND


def letter(package: bytes, text: str) -> bytes:
    told = base64.encodebytes(package).decode()
    head = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64"
    return raw(mixed(plain(text), f"{head}\n\n{told}"))


def test_package_of_outlook_is_the_files_in_it() -> None:
    found = read_letter(letter(PACKAGE, "Добрый день"))

    assert found.own == "Добрый день"
    assert [(it.name, it.media_type, it.content) for it in found.files] == [
        ("Договор аренды.doc", "application/msword", b"contract"),
        ("scan.pdf", "application/pdf", b"%PDF"),
    ]


def test_letter_that_is_nothing_but_a_package_says_the_words_in_it() -> None:
    assert read_letter(letter(PACKAGE, "")).own == "Высылаю договор"


def test_words_among_the_properties_are_read() -> None:
    told = struct.pack("<I", 1) + unicode_property(0x1000, "Жду ответа")

    found = unpacked(SIGNATURE + attribute(PROPERTIES, told, 1))

    assert found is not None
    assert found.text == "Жду ответа"


def test_package_that_was_cut_gives_what_came() -> None:
    found = unpacked(PACKAGE[:-10])

    assert found is not None
    assert [it.content for it in found.files] == [b"contract"]


def test_what_is_no_package_stays_a_file() -> None:
    found = read_letter(letter(b"nothing of Outlook", "Да"))

    assert [it.name for it in found.files] == ["winmail.dat"]


@given(st.binary(max_size=200), st.integers(0, len(PACKAGE)))
def test_damaged_package_never_fails(noise: bytes, at: int) -> None:
    damaged = PACKAGE[:at] + noise + PACKAGE[at:]

    found = unpacked(damaged)

    assert found is not None or not damaged.startswith(SIGNATURE[:4])
    assert all(it.content in damaged for it in (found.files if found is not None else []))


def test_hostile_package_is_read_in_time() -> None:
    many = struct.pack("<I", 2**32 - 1) + struct.pack("<HHI", 0x101F, 0x1000, 2**32 - 1)
    hostile = SIGNATURE + (attribute(NEXT_FILE, b"") + attribute(OF_FILE, many + b"\0" * 400)) * 200

    assert takes_less(0.3, unpacked, hostile)
