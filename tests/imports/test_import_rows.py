"""What cells mean: headers, numbers in any spelling, and what is wrong with a row."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kartoteka.domain import identity
from kartoteka.domain.csv_safety import plain, safe
from kartoteka.domain.errors import Invalid
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.headers import columns, header_row, meaning
from kartoteka.domain.table import Entry, Reading, Row
from kartoteka.domain.table_phones import emails, is_rounded, phone, phones
from kartoteka.services.office import Desk

GOOGLE = (
    *("First Name", "Middle Name", "Last Name", "Phonetic First Name", "Phonetic Middle Name"),
    *("Phonetic Last Name", "Name Prefix", "Name Suffix", "Nickname", "File As"),
    *("Organization Name", "Organization Title", "Organization Department", "Birthday", "Notes"),
    *("Photo", "Labels", "E-mail 1 - Label", "E-mail 1 - Value", "Phone 1 - Label"),
    *("Phone 1 - Value", "Phone 2 - Label", "Phone 2 - Value"),
)
SPELLINGS = (
    *("+7 916 204-11-83", "8 (916) 204-11-83", "89162041183", "79162041183", "9162041183"),
    *("8-916-204-11-83", "8.916.204.11.83", "+7(916)2041183", "007 916 204 11 83", "8 9162041183"),
    *("tel:+7-916-204-11-83", "+7 916 204-11-83 доб. 12", "8 (916) 204-11-83, доб. 5"),
    *("+7\u00a0916\u00a0204\u201111\u201183", "тел. 8 916 204 11 83", "8 916 204 11 83 (Анна)"),
    *("+7(916)2041183 вн. 12", "٨٩١٦٢٠٤١١٨٣", "+7\u200b9162041183", "tel:+79162041183;ext=5"),
    *(" 8 916 204 11 83 ", "8 (916) 2041183"),
)


@pytest.fixture
def reading(desk: Desk):
    def of(*titles: str, given: dict[str, str] | None = None) -> Reading:
        return Reading(columns(titles, (), given), desk.settings(), {"новый": "new"})

    return of


def codes(found) -> list[str]:
    assert isinstance(found, list), found
    return [fault.code for fault in found]


@pytest.mark.parametrize("cell", SPELLINGS)
def test_a_number_in_any_spelling_is_the_same_client(cell: str) -> None:
    assert phones(cell, "RU") == (("+79162041183",), "")


@pytest.mark.parametrize(
    "cell",
    [
        "+79162041183 ::: +49 30 123456",
        "89162041183; +4930123456",
        "8 916 204-11-83, +49 30 123456",
        "8 916 204-11-83 / +49 30 123456",
        "8 916 204-11-83\n+49 30 123456",
        "89162041183 (моб), +4930123456 (офис), 8 916 204 11 83",
    ],
)
def test_several_numbers_in_one_cell_are_all_read(cell: str) -> None:
    assert phones(cell, "RU") == (("+79162041183", "+4930123456"), "")


def test_the_first_piece_that_is_no_number_is_named() -> None:
    assert phones("89162041183; нет", "RU") == ((), "нет")
    assert emails("a@b.ru, c@d.ru") == (("a@b.ru", "c@d.ru"), "")
    assert emails("a@b.ru; вопрос") == ((), "вопрос")


_USUAL = st.from_regex(
    r"(\+7|7|8)[ ]?(\(\d{3}\)|\d{3})[ -]?\d{3}[ -]?\d\d[ -]?\d\d[ ]?\d?", fullmatch=True
)


@given(
    st.one_of(_USUAL, st.text("0123456789+-() x\u0660", max_size=20)),
    st.sampled_from(["RU", "KZ", "DE"]),
)
@example("8 (916) 204-11-83", "RU")
@example("79\u066016204118", "RU")
def test_the_quick_reading_of_a_number_is_that_of_libphonenumber(text: str, region: str) -> None:
    assert phone(text, region) == identity.phone(text, region)


def test_every_area_of_mobile_numbers_is_read_like_libphonenumber_does() -> None:
    for area in range(900, 1000):
        for prefix in ("+7", "7", "8"):
            text = f"{prefix}{area}2041183"
            assert phone(text, "RU") == identity.phone(text, "RU") == f"+7{area}2041183"


@given(st.text(max_size=30))
@example("=1+1")
@example("'=1")
@example("''+7")
def test_what_is_guarded_in_csv_comes_back_and_starts_harmlessly(text: str) -> None:
    assert plain(safe(text)) == text
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_could_be_a_formula_gets_an_apostrophe(sign: str) -> None:
    assert safe(f"{sign}HYPERLINK(1)") == f"'{sign}HYPERLINK(1)"


@pytest.mark.parametrize(
    ("title", "field"),
    [
        *(("ФИО", "name"), ("Ф.И.О.", "name"), ("Имя", "first_name"), ("имя клиента*", "name")),
        *(("Телефон 2", "phone"), ("Рабочий телефон", "phone"), ("Phone 3 - Value", "phone")),
        *(("E-mail", "email"), ("E-mail 1 - Value", "email"), ("Эл. почта", "email")),
        *(("Organization Name", "company"), ("Organization 1 - Name", "company"), ("ИНН", "inn")),
        *(("Ответственный", "owner"), ("Labels", "tags"), ("Заявка", "request"), ("№", None)),
    ],
)
def test_a_header_in_either_language_has_its_meaning(title: str, field: str | None) -> None:
    assert meaning(title) == field


def test_the_headers_of_google_contacts_are_known_and_none_is_reported_without_need() -> None:
    found = columns(GOOGLE)

    fields = [column.field for column in found.read]
    assert fields == [
        *("first_name", "middle_name", "last_name", "nickname", "company", "note", "tags"),
        *("email", "phone", "phone"),
    ]
    assert found.ignored == ("Organization Title", "Organization Department", "Birthday")


@pytest.mark.parametrize("title", ["Birthday", "Дата рождения", "BDAY", "ДР"])
def test_birthday_is_the_offices_own_field_whatever_it_is_called(title: str) -> None:
    spec = FieldSpec(id="born", entity="client", name="День рождения", type="date")

    assert columns(("Телефон", title), (spec,)).fields == {"phone", "fields.born"}
    assert columns(("Телефон", title)).ignored == (title,)


def test_a_title_above_the_headers_is_passed_over() -> None:
    assert header_row([["Список клиентов"], ["на 1 мая"], ["ФИО", "Телефон"], ["А", "8"]]) == 2


def test_a_column_may_be_named_by_hand_or_left_out() -> None:
    found = columns(["Куда звонить", "Почта"], given={"куда звонить": "phone", "Почта": "-"})

    assert [(column.title, column.field) for column in found.read] == [("Куда звонить", "phone")]


@pytest.mark.parametrize(
    ("given", "nearest"), [({"Телефн": "phone"}, "Телефон"), ({"Телефон": "phon"}, "phone")]
)
def test_a_wrong_mapping_names_the_nearest(given: dict[str, str], nearest: str) -> None:
    with pytest.raises(Invalid) as refused:
        columns(["Телефон"], given=given)

    assert refused.value.code == "import_map_unknown"
    assert refused.value.facts["nearest"] == nearest


def test_a_table_without_contacts_says_which_columns_it_has() -> None:
    with pytest.raises(Invalid, match="Цвет") as refused:
        columns(["ФИО", "Цвет"])

    assert refused.value.code == "import_no_contacts"


def test_a_row_becomes_a_client_with_all_that_it_says(reading) -> None:
    titles = ("Фамилия", "Имя", "Отчество", "Компания", "ИНН", "Тел 1", "Тел 2", "Почта", "Теги")
    row = Row(
        2,
        (
            *("Петров", "Иван", "Ильич", "ООО  Ромашка", "7707083893"),
            "89162041183",
            "8 495 123-45-67",
            "I@B.ru",
            "опт, * vip ::: * myContacts",
        ),
    )

    entry = reading(*titles).entry(row)

    assert isinstance(entry, Entry)
    assert (entry.name, entry.company, entry.inn) == (
        "Петров Иван Ильич",
        "ООО Ромашка",
        "7707083893",
    )
    assert (entry.phones, entry.emails) == (("+79162041183", "+74951234567"), ("i@b.ru",))
    assert entry.tags == ("опт", "vip")


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("да", ""),
        ("1", ""),
        ("TRUE", ""),
        ("нет", None),
        ("", None),
        ("Нужен договор", "Нужен договор"),
    ],
)
def test_the_column_of_requests_says_yes_no_or_what_is_asked(reading, cell, wanted) -> None:
    entry = reading("Телефон", "Заявка").entry(Row(2, ("89162041183", cell)))

    assert entry.request == wanted


def test_everything_wrong_with_a_row_is_told_at_once_with_its_column(reading) -> None:
    found = reading("Моб. тел", "Почта", "ИНН", "Ответственный", "Тип клиента").entry(
        Row(7, ("7,91612E+10", "не почта", "123", "Никто", "важный"))
    )

    assert codes(found) == [
        *("inn_invalid", "import_rounded", "import_email", "import_owner", "import_segment")
    ]
    assert [fault.column for fault in found] == [
        *("ИНН", "Моб. тел", "Почта", "Ответственный", "Тип клиента")
    ]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("Анна", "", ""), "import_no_identity"),
        (("Анна", "89162041183", "a@b.ru", "лишнее"), "import_shifted"),
        (("А" * 501, "89162041183", ""), "import_too_long"),
        (("Анна", ";".join(f"+7916204{n:04}" for n in range(51)), ""), "import_too_many"),
    ],
)
def test_a_row_that_cannot_be_imported_says_why(reading, cells, code) -> None:
    assert codes(reading("ФИО", "Телефон", "Почта").entry(Row(3, cells))) == [code]


def test_a_number_of_the_office_is_no_clients(reading, desk: Desk) -> None:
    own = min(desk.settings().own_numbers(), key=lambda number: not number.startswith("+"))

    assert codes(reading("Телефон").entry(Row(2, (own,)))) == ["import_own_number"]


@pytest.mark.parametrize("text", ["7,91612E+10", "7.9E+10", "7E+10"])
def test_a_number_rounded_by_excel_is_recognised(text: str) -> None:
    assert is_rounded(text)
    assert not is_rounded("79162041183")


@given(st.lists(st.text(max_size=40), max_size=6))
def test_no_cells_whatever_break_the_reading(cells: list[str]) -> None:
    settings = OFFICE[0]
    reading = Reading(columns(("ФИО", "Телефон", "Почта", "Теги")), settings, {})

    found = reading.entry(Row(2, tuple(cells)))

    assert isinstance(found, Entry) or codes(found)


OFFICE: list = []


@pytest.fixture(autouse=True)
def _office(desk: Desk) -> None:
    OFFICE[:] = [desk.settings()]
