"""Formulas: what is computed is right, what is not says #NAME? and stays."""

import pytest
from tests.onebox.google.sheets.sheets_desk import Workbook


@pytest.fixture
def numbers(book):
    book.put("A1:A4", [[1], [2], ["three"], [4.5]])
    return book


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3", 7),
        ("=(1+2)*3", 9),
        ("=-2^2", 4),
        ("=50%", 0.5),
        ("=SUM(A1:A4)", 7.5),
        ("=SUM(A:A)", 7.5),
        ("=AVERAGE(A1:A2)", 1.5),
        ("=COUNT(A1:A10)", 3),
        ("=COUNTA(A1:A10)", 4),
        ('=COUNTIF(A1:A4,">1")', 2),
        ('=COUNTIF(A1:A4,"THREE")', 1),
        ('=COUNTIF(A1:A4,"t*e")', 1),
        ("=MIN(A1:A4)", 1),
        ("=MAX(A1:A4)", 4.5),
        ('=IF(A1<A2,"да","нет")', "да"),
        ("=IF(A1>A2,1)", False),
        ('=CONCATENATE("a",A1,"b")', "a1b"),
        ('="№ "&A4', "№ 4.5"),
        ('="b">"A"', True),
        ("=A1=A2", False),
        ('=HYPERLINK("https://ya.ru","сюда")', "сюда"),
        ("=TODAY()", 46349),
        ("=NOW()", 46349.5),
        ("=Sheet1!A2*2", 4),
    ],
)
def test_formula_comes_to(numbers, formula, value):
    numbers.put("C1", [[formula]], "USER_ENTERED")

    assert numbers.get("C1") == [[value]]


@pytest.mark.parametrize(
    ("formula", "kind", "text", "reason"),
    [
        ("=1/0", "DIVIDE_BY_ZERO", "#DIV/0!", "Function DIVIDE parameter 2 cannot be zero."),
        ("=Foo(1)", "NAME", "#NAME?", "Unknown function: 'Foo'."),
        ("=1+", "ERROR", "#ERROR!", "Formula parse error."),
        (
            '="a"+1',
            "VALUE",
            "#VALUE!",
            (
                "Function ADD parameter 1 expects number values. "
                "But 'a' is a text and cannot be coerced to a number."
            ),
        ),
        ("=1E308*10", "NUM", "#NUM!", "The result is not a number that can be shown."),
        ("=C1", "REF", "#REF!", "Circular dependency detected."),
        (
            "=SUM(A1,1/0)",
            "DIVIDE_BY_ZERO",
            "#DIV/0!",
            "Function DIVIDE parameter 2 cannot be zero.",
        ),
    ],
)
def test_error_keeps_the_formula_and_says_why(numbers, formula, kind, *, text, reason):
    numbers.put("C1", [[formula]], "USER_ENTERED")
    cell = numbers.cell("C1")

    assert cell["userEnteredValue"] == {"formulaValue": formula}
    assert cell["effectiveValue"] == {"errorValue": {"type": kind, "message": reason}}
    assert (cell["formattedValue"], numbers.get("C1")) == (text, [[f"{text} ({reason})"]])


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=SUM(B1:B3)", "$120.50"),
        ("=MAX(C1:C3)", "3/14/2026"),
        ("=AVERAGE(B2:B3)", "$60.25"),
        ("=B2*2", "$41.00"),
        ("=2*B2", "$41.00"),
        ("=41/B2", "2"),
        ("=B2/B3", "0.205"),
        ("=COUNT(B1:B3)", "2"),
        ("=SUM(A1:A3)", "0"),
    ],
)
def test_totals_are_shown_like_what_they_are_totals_of(book, formula, shown):
    rows = [["Услуга", "Цена", "Дата"], ["иск", "$20.50", "3/1/2026"]]
    book.put("A1:C3", [*rows, ["отзыв", "$100.00", "3/14/2026"]], "USER_ENTERED")
    book.put("D1", [[formula]], "USER_ENTERED")
    assert book.get("D1", "FORMATTED_VALUE") == [[shown]]


def test_dates_of_formulas_are_shown_as_dates_and_pass_on(book):
    book.put("A1", [["=NOW()", "=A1", "=TODAY()+1", "=B1-A1"]], "USER_ENTERED")

    shown = ["11/23/2026 12:00:00", "11/23/2026 12:00:00", "11/24/2026", "0"]
    assert book.get("A1:D1", "FORMATTED_VALUE") == [shown]
    assert book.cell("A1")["effectiveFormat"]["numberFormat"] == {"type": "DATE_TIME"}


def test_clock_moves_what_now_comes_to(book):
    book.put("A1", [["=TODAY()"]], "USER_ENTERED")
    before = book.get("A1")
    book.desk.now = book.desk.now.replace(day=24)

    assert (before, book.get("A1")) == ([[46349]], [[46350]])


def test_formula_that_comes_to_empty_text_has_no_effective_value(book):
    book.put("A1", [['=""']], "USER_ENTERED")
    cell = book.cell("A1")

    assert "effectiveValue" not in cell
    assert "formattedValue" not in cell


def test_changed_cell_changes_what_depends_on_it(book):
    book.put("A1", [[1, "=A1+1", "=B1+1"]], "USER_ENTERED")
    before = book.get("A1:C1")
    book.put("A1", [[10]])

    assert (before, book.get("A1:C1")) == ([[1, 2, 3]], [[10, 11, 12]])


def test_long_chain_of_formulas_is_computed_or_refused_but_never_breaks(book):
    book.put("A1", [[1], *[[f"=A{row}+1"] for row in range(1, 400)]], "USER_ENTERED")

    assert book.get("A400") in ([[400]], [["#REF! (Circular dependency detected.)"]])


def test_russian_locale_writes_decimals_with_commas(desk):
    book = Workbook(desk, locale="ru_RU")
    book.put("A1", [["=1,5+2", "=SUM(1,5;2)"]], "USER_ENTERED")

    assert book.get("A1:B1") == [[3.5, 3.5]]
    assert book.get("A1:B1", "FORMATTED_VALUE") == [["3,5", "3,5"]]


def test_comma_between_arguments_is_an_error_where_it_is_the_decimal_mark(desk):
    book = Workbook(desk, locale="ru_RU")
    book.put("A1", [["=SUM(A2,A3)", "=SUM(A2;A3)"]], "USER_ENTERED")

    assert book.get("A1:B1", "FORMATTED_VALUE") == [["#ERROR!", "0"]]


def test_renamed_sheet_is_renamed_in_formulas(book):
    book.batch({"addSheet": {"properties": {"title": "Данные", "sheetId": 3}}})
    book.put("A1", [["=Данные!B2"]], "USER_ENTERED")
    sent = {"properties": {"sheetId": 3, "title": "Новые данные"}, "fields": "title"}
    book.batch({"updateSheetProperties": sent})

    assert book.get("A1", "FORMULA") == [["='Новые данные'!B2"]]
