"""Files as people bring them: every encoding, separator and kind of contact list."""

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from kartoteka.adapters import csv_table, vcards, xlsx
from kartoteka.adapters.table_files import open_table
from kartoteka.domain.errors import Invalid
from kartoteka.domain.headers import columns
from kartoteka.domain.table import Entry, Reading
from kartoteka.services.office import Desk

TEXT = (
    'Имя;Телефон;Почта\r\nИванов Пётр;8 (916) 204-11-83;a@b.ru\r\n"Ким\r\nАнна";+79162041184;\r\n'
)
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
    *("cp1251", "koi8-r", "cp866"),
)


def cells(path: Path, **how: str) -> list[tuple[str, ...]]:
    return [row.cells for row in open_table(path, **how).rows() if not row.is_blank]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding_and_separator_are_found_out(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(TEXT.replace(";", separator).encode(encoding))

    assert cells(path) == [
        ("Имя", "Телефон", "Почта"),
        ("Иванов Пётр", "8 (916) 204-11-83", "a@b.ru"),
        ("Ким\r\nАнна", "+79162041184", ""),
    ]


def test_a_line_that_names_the_separator_is_obeyed_and_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("sep=;\nТелефон;Имя\n89162041183;А,Б,В,Г\n", "utf-8")

    assert cells(path) == [("Телефон", "Имя"), ("89162041183", "А,Б,В,Г")]


def test_rows_keep_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("Телефон\n\n89162041183\n", "utf-8")

    assert [row.number for row in open_table(path).rows() if not row.is_blank] == [1, 3]


def test_a_quote_that_is_never_closed_is_a_fault_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text('Телефон;Имя\n89162041183;"' + "x" * 140_000 + "\n89162041184;Б\n", "utf-8")

    assert "import_broken_row" in [row.fault for row in open_table(path).rows()]


def test_a_workbook_gives_numbers_and_days_as_people_type_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Пустой"
    sheet = book.create_sheet("Клиенты")
    sheet.append(["Телефон", "Имя", "Дата"])
    sheet.append([79162041183, "=1+1", datetime(2026, 5, 1)])  # noqa: DTZ001 - as in a cell
    sheet["B2"].data_type = "s"
    sheet.append([])
    sheet.append([89162041184.0, None, True])
    book.save(tmp_path / "book.xlsx")

    assert cells(tmp_path / "book.xlsx") == [
        ("Телефон", "Имя", "Дата"),
        ("79162041183", "=1+1", "2026-05-01"),
        ("89162041184", "", "True"),
    ]


CARDS = {
    "2.1": (
        "BEGIN:VCARD\r\nVERSION:2.1\r\n"
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2;"
        "=D0=9F=D1=91=D1=82=\r\n=D1=80;;;\r\n"
        "TEL;CELL:8 916 204-11-83\r\nTEL;WORK:+74951234567\r\nEMAIL;INTERNET:p@b.ru\r\n"
        "PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQ\r\nSkZJRgABAQ\r\n\r\nORG:Romashka\r\nEND:VCARD\r\n"
    ),
    "3.0": (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Пётр Иванов\nN:Иванов;Пётр;;;\nitem1.TEL;type=CELL:"
        "+7 916 204-11-83\nTEL:+7 495 123-45-67\nitem1.X-ABLabel:m\nEMAIL:p@b.ru\n"
        "PHOTO;ENCODING=b:AAAA\n BBBB\nORG:Romashka;Sales\nEND:VCARD\n"
    ),
    "4.0": (
        "BEGIN:VCARD\nVERSION:4.0\nN:Иванов;Пётр;;;\nFN:Пётр Ива\n нов\n"
        'TEL;VALUE=uri;TYPE="voice,cell":tel:+7-916-204-11-83\nTEL:+74951234567\n'
        "EMAIL:p@b.ru\nORG:Romashka\nEND:VCARD\n"
    ),
}


@pytest.mark.parametrize("version", sorted(CARDS))
def test_a_card_of_each_version_gives_name_numbers_and_company(
    tmp_path: Path, version: str
) -> None:
    path = tmp_path / "contacts.vcf"
    path.write_bytes(CARDS[version].encode())

    table = open_table(path)
    titles, row = list(table.rows())
    found = dict(zip(titles.cells, row.cells, strict=True))

    assert (titles.number, row.number, table.estimate) == (0, 1, 1)
    assert (found["Last name"], found["First name"]) == ("Иванов", "Пётр")
    assert found["Phone"].replace("-", "").replace(" ", "").endswith(":::+74951234567")
    assert (found["E-mail"], found["Organization"]) == ("p@b.ru", "Romashka")


def test_a_damaged_card_is_one_fault_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "contacts.vcf"
    broken = "BEGIN:VCARD\nVERSION:3.0\nчушь без двоеточия\nEND:VCARD\n"
    path.write_text(CARDS["3.0"] + broken + CARDS["4.0"], "utf-8")

    rows = list(open_table(path).rows())[1:]

    assert [row.fault for row in rows] == ["", "import_broken_card", ""]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("BDAY:1980-03-04", "1980-03-04"),
        ("BDAY:19800304", "1980-03-04"),
        ("item1.BDAY;VALUE=date-and-or-time:--0304", "--03-04"),
        ("BDAY;VALUE=DATE-TIME:1980-03-04T00:00:00Z", "1980-03-04"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-04", "--03-04"),
        ("BDAY;VALUE=text:circa 1800", "circa 1800"),
        ("bday:1980-03-04", "1980-03-04"),
        ("Bday:1980-03-04", "1980-03-04"),
        ("X-OTHER:1", None),
    ],
)
def test_birthday_of_a_card_is_a_day_with_or_without_its_year(
    tmp_path: Path, line: str, day: str | None
) -> None:
    path = tmp_path / "contacts.vcf"
    path.write_text(CARDS["3.0"].replace("ORG:", f"{line}\nORG:"), "utf-8")

    titles, row = list(open_table(path).rows())

    assert dict(zip(titles.cells, row.cells, strict=True)).get("Birthday") == day


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_cards_and_birthdays_are_found_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "contacts.vcf"
    path.write_bytes((CARDS["3.0"].replace("ORG:", "BDAY:1980-03-04\nORG:") * 2).encode(encoding))

    there = open_table(path)
    titles, *rows = there.rows()

    assert (titles.cells[-1], there.estimate) == ("Birthday", 2)
    assert [row.cells[-1] for row in rows] == ["1980-03-04"] * 2


def test_contact_with_a_nickname_only_is_called_by_it(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "contacts.vcf"
    path.write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:\nN:;;;;\nNICKNAME:Дядя Федя,Федя\n"
        "TEL:+79162041183\nEND:VCARD\n",
        "utf-8",
    )
    titles, row = list(open_table(path).rows())

    reading = Reading(columns(titles.cells), desk.settings(), {})
    assert reading.entry(row) == Entry(1, name="Дядя Федя", phones=("+79162041183",))


def test_a_card_in_windows_1251_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.vcf"
    path.write_bytes(CARDS["3.0"].encode("cp1251"))

    assert list(open_table(path).rows())[1].cells[0] == "Пётр Иванов"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import_empty"),
        (b"  \n", "import_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "import_old_excel"),
        (b"PK\x03\x04broken", "import_damaged"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)

    with pytest.raises(Invalid) as refused:
        open_table(path)

    assert refused.value.code == code


def test_a_zip_that_is_no_workbook_is_damaged_and_a_bomb_is_too_large(tmp_path: Path) -> None:
    other, bomb = tmp_path / "other.xlsx", tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "x")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(151 << 20), compresslevel=1)
    found = []
    for path in (other, bomb, tmp_path / "absent.csv"):
        with pytest.raises(Invalid) as refused:
            open_table(path)
        found.append(refused.value.code)

    assert found == ["import_damaged", "import_too_large", "import_no_file"]


def test_an_encoding_given_by_hand_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Телефон;ФИО\n89162041183;Ким\n".encode("cp1251"))

    assert cells(path, encoding="windows-1251")[1] == ("89162041183", "Ким")
    for wrong in ("utf-8", "klingon"):
        with pytest.raises(Invalid) as refused:
            open_table(path, encoding=wrong)
        assert refused.value.code == "import_encoding"


def test_hostile_text_is_written_as_text_and_read_back_whole(tmp_path: Path) -> None:
    hostile = ["=HYPERLINK(1)", "+7916", "-1", "@SUM(A1)", "\tx", "\rx", "'=x", "\x07bell"]
    rows = [[text] for text in hostile]
    csv_table.write(tmp_path / "out.csv", ["Имя"], rows)
    xlsx.write(tmp_path / "out.xlsx", ["Имя"], rows, "Clients")

    raw = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "\n=" not in raw
    assert "\n@" not in raw
    read = [row.cells[0] for row in open_table(tmp_path / "out.csv").rows()][1:]
    assert read == hostile
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Clients"]
    assert {cell.data_type for (cell,) in sheet.iter_rows()} == {"s"}


def test_contacts_are_written_as_cards_that_are_read_back(tmp_path: Path) -> None:
    contact = {
        "name": ["Иванов;\nПётр"],
        "company": ["ООО «Ром,аш;ка»"],
        "phones": ["+79162041183", "+74951234567"],
        "emails": ["p@b.ru"],
        "tags": ["опт, vip", "юг"],
    }
    vcards.write(tmp_path / "out.vcf", [contact])

    row = list(open_table(tmp_path / "out.vcf").rows())[1]

    assert row.cells[0] == "Иванов; Пётр"
    assert row.cells[5:8] == ("ООО «Ром,аш;ка»", "+79162041183 ::: +74951234567", "p@b.ru")
