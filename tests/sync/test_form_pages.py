"""Forms, their questions, fields of others' forms and exchanges as rows of the settings book."""

from datetime import timedelta

import pytest

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Invalid, Rejected
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.office import Form
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.registry import COMMANDS
from sync.actions.offering import Asked, Command
from sync.cells import normal
from sync.columns import Frame, Setting, View
from sync.settings_book.asking import Edited, Page
from sync.settings_book.exchanges import EXCHANGES
from sync.settings_book.form_pages import MAPPING, QUESTIONS
from sync.settings_book.intake import FORMS

OLGA = Actor(kind=ActorKind.STAFF, id="st_olga", role="director")
ANNA = Actor(kind=ActorKind.STAFF, id="st_anna", role="manager")


def frame(desk: Desk, reader: Actor = OLGA) -> Frame:
    return Frame(read_settings(desk.store), reader=reader, now=desk.now())


def do(desk: Desk, command: Command) -> None:
    name, given = command
    execute(COMMANDS, desk, OLGA, name, given=given, cause="test")


def rows(desk: Desk, page: Page) -> list[Setting]:
    return list(page.rows(frame(desk), desk.store))


def add(desk: Desk, page: Page, **cells: str) -> str:
    assert page.add is not None
    blank = {column.key: "" for column in page.columns}
    new = page.add({**blank, **cells}, frame(desk))
    do(desk, new.command)
    assert new.row in {row.id for row in rows(desk, page)}
    return new.row


def edit(desk: Desk, page: Page, row: str, **typed: str) -> None:
    assert page.change is not None
    setting = next(it for it in rows(desk, page) if it.id == row)
    for column, text in typed.items():
        do(desk, page.change(Edited(setting, column, text, frame(desk))))


def drop(desk: Desk, page: Page, row: str) -> None:
    assert page.drop is not None
    setting = next(it for it in rows(desk, page) if it.id == row)
    view = View(row, setting=setting)
    do(desk, page.drop(Asked(view, "", frame(desk), desk.now())))


def form(desk: Desk) -> Form:
    return read_settings(desk.store).forms[0]


def test_question_typed_as_a_row_stands_at_its_place_and_is_changed_and_removed(desk: Desk) -> None:
    before = [it.id for it in form(desk).fields]

    row = add(desk, QUESTIONS, form=form(desk).title, order="1", name="Город?",
              kind="выбор", required="да", choices="Москва, Тверь")  # fmt: skip
    first = form(desk).fields[0]
    edit(desk, QUESTIONS, row, required="нет")
    edit(desk, QUESTIONS, row, order=str(len(before) + 1))
    last = form(desk).fields[-1]
    drop(desk, QUESTIONS, row)

    assert (first.label, first.type, first.required) == ("Город?", "select", True)
    assert first.options == ("Москва", "Тверь")
    assert (last.id, last.required) == (first.id, False)
    assert [it.id for it in form(desk).fields] == before


@pytest.mark.parametrize("cells", [{"name": ""}, {"form": "нет такой"}, {"kind": "загадка"}])
def test_question_that_says_too_little_is_refused_in_words(
    desk: Desk, cells: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        add(desk, QUESTIONS, **{"form": form(desk).title, "name": "Город?", **cells})

    assert refused.value.code in {"setting_question", "settings_unknown"}


def test_two_questions_of_a_form_without_a_phone_are_not_taken_off(desk: Desk) -> None:
    contacts = [it for it in rows(desk, QUESTIONS) if it.key[1] in {"phone", "email"}]

    with pytest.raises(Rejected):
        [drop(desk, QUESTIONS, row.id) for row in contacts]


def test_field_of_a_site_is_mapped_changed_and_forgotten_by_its_row(desk: Desk) -> None:
    row = add(desk, MAPPING, place=form(desk).title, field="your-phone", target="phone")
    edit(desk, MAPPING, row, target="email")
    mapped = form(desk).mapping
    drop(desk, MAPPING, row)

    assert mapped == {"your-phone": "email"}
    assert form(desk).mapping == {}


def test_account_is_named_without_its_secret_address(desk: Desk) -> None:
    column = MAPPING.columns[0]
    assert column.choices is not None
    told = column.choices(frame(desk))
    accounts = read_settings(desk.store).accounts

    assert len(told) == len(accounts) + len(read_settings(desk.store).forms)
    assert not [it.id for it in accounts if any(it.id in name for name in told)]


@pytest.mark.parametrize(
    ("column", "typed", "field", "value"),
    [
        ("consent", "Согласен на обработку", "consent", "Согласен на обработку"),
        ("consent_version", "2", "consent_version", "2"),
        ("creates", "сделку", "creates", "deal"),
        ("invoice", "да", "create_invoice", True),
        ("failure", "Позвоните нам", "failure", "Позвоните нам"),
        ("accent", "#1f5f5b", "accent", "#1f5f5b"),
    ],
)
def test_cell_of_a_form_is_the_forms_setting(
    desk: Desk, column: str, typed: str, *, field: str, value: object
) -> None:
    if column == "invoice":
        edit(desk, FORMS, f"form:{form(desk).id}", creates="сделку")

    edit(desk, FORMS, f"form:{form(desk).id}", **{column: typed})

    assert getattr(form(desk), field) == value


def exchange(desk: Desk, name: str, **update: object) -> None:
    told = {"id": name, "channel": "commerceml", "account": "x", "what": "orders",
            "at": desk.now(), **update}  # fmt: skip
    made = Exchange.model_validate(told).model_dump(mode="json")
    desk.store.run(lambda tx: tx.put("exchanges", name, made))


def test_exchanges_say_when_what_came_and_why_it_failed(desk: Desk) -> None:
    exchange(desk, "ex_1", received=3, created=2, errors=1, faults=("17: no_identity",),
             done_at=desk.now() + timedelta(seconds=12), state="done")  # fmt: skip
    exchange(desk, "ex_2", what="catalogue", state="failed", why="zip_broken", errors=1)
    exchange(desk, "ex_3", state="failed", why="exchange_no_file")

    shown = {row.id: row.cells for row in rows(desk, EXCHANGES)}

    assert (shown["ex_1"]["received"], shown["ex_1"]["created"], shown["ex_1"]["took"]) == (
        3,
        2,
        12,
    )
    assert normal(shown["ex_1"]["why"]).startswith("17: ")
    assert "Архив" in normal(shown["ex_2"]["why"])
    assert shown["ex_3"]["why"] == "exchange_no_file"
    assert shown["ex_2"]["what"] == "товары"


def test_exchanges_are_not_shown_to_who_may_not_read_them(desk: Desk) -> None:
    exchange(desk, "ex_1")

    assert list(EXCHANGES.rows(frame(desk, ANNA), desk.store)) == []
