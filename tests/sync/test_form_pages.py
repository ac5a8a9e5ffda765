"""Forms, their questions, fields of others' forms and exchanges as rows of the settings book."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kartoteka.domain.catalogue import Product
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


@pytest.mark.parametrize(
    ("typed", "target", "shown"),
    [
        ("Телефон", "phone", "телефон"),
        ("phone", "phone", "телефон"),
        ("utm_source", "utm_source", "utm_source"),
        ("Город", "Город", "Город"),
    ],
)
def test_field_of_a_site_becomes_ours_by_our_word_or_keeps_a_name_of_its_own(
    desk: Desk, typed: str, *, target: str, shown: str
) -> None:
    row = add(desk, MAPPING, place=form(desk).title, field="k7", target=typed)

    assert form(desk).mapping == {"k7": target}
    assert cells(desk, MAPPING, row)["target"] == shown


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
        ("radius", "4", "radius", 4),
        ("hosts", "https://A.example/o, b.example", "hosts", ("a.example", "b.example")),
        ("radius", "", "radius", 16),
        ("least_s", "3", "least_s", 3),
        ("lead_en", "We call back", "lead_en", "We call back"),
        ("send_en", "Send", "send_en", "Send"),
        ("thanks_en", "Thank you", "thanks_en", "Thank you"),
        ("failure_en", "Call us", "failure_en", "Call us"),
        ("consent_en", "I agree", "consent_en", "I agree"),
        ("name_en", "Order", "title_en", "Order"),
    ],
)
def test_cell_of_a_form_is_the_forms_setting(
    desk: Desk, column: str, typed: str, *, field: str, value: object
) -> None:
    if column == "invoice":
        edit(desk, FORMS, f"form:{form(desk).id}", creates="сделку")

    edit(desk, FORMS, f"form:{form(desk).id}", **{column: typed})

    assert getattr(form(desk), field) == value


def product(desk: Desk, sku: str, name: str) -> str:
    given: dict[str, Any] = {"sku": sku, "name": name, "price_minor": 100}
    made = execute(COMMANDS, desk, OLGA, "product.add", given=given, cause="test")
    assert isinstance(made, Product)
    return made.id


def cells(desk: Desk, page: Page, row: str) -> Mapping[str, object]:
    return next(it.cells for it in rows(desk, page) if it.id == row)


def test_goods_of_a_form_are_typed_by_name_or_sku_and_shown_by_name(desk: Desk) -> None:
    claim, appeal = product(desk, "Иск-1", "Иск, срочный"), product(desk, "Ж-2", "Жалоба")
    row = f"form:{form(desk).id}"
    edit(desk, FORMS, row, creates="сделку")

    edit(desk, FORMS, row, products='"иск, срочный"; Ж-2')

    assert form(desk).products == (claim, appeal)
    assert cells(desk, FORMS, row)["products"] == '"Иск, срочный", Жалоба'


def test_product_of_a_form_that_is_sold_no_more_stays_beside_a_new_one(desk: Desk) -> None:
    claim, appeal = product(desk, "Иск-1", "Иск"), product(desk, "Ж-2", "Жалоба")
    row = f"form:{form(desk).id}"
    edit(desk, FORMS, row, creates="сделку", products="Иск")
    do(desk, ("product.edit", {"product": claim, "active": False}))

    edit(desk, FORMS, row, products="Иск, Жалоба")

    assert form(desk).products == (claim, appeal)


@pytest.mark.parametrize(
    ("typed", "code"), [("Нет такого", "formset_product"), ("Иск", "formset_products")]
)
def test_product_of_a_form_that_cannot_be_told_is_refused(
    desk: Desk, typed: str, code: str
) -> None:
    for sku in ("1", "2"):
        product(desk, sku, "Иск")
    edit(desk, FORMS, f"form:{form(desk).id}", creates="сделку")

    with pytest.raises(Invalid) as refused:
        edit(desk, FORMS, f"form:{form(desk).id}", products=typed)

    assert (refused.value.code, refused.value.facts["what"]) == (code, typed)


def test_english_words_of_a_list_follow_their_russian_ones(desk: Desk) -> None:
    row = add(desk, QUESTIONS, form=form(desk).title, name="Город?", kind="выбор",
              choices="Москва, Тверь")  # fmt: skip
    edit(desk, QUESTIONS, row, choices_en="Moscow, Tver")

    edit(desk, QUESTIONS, row, choices="Тверь, Тула, Москва")

    assert form(desk).fields[-1].options_en == ("Tver", "Тула", "Moscow")
    with pytest.raises(Invalid) as refused:
        edit(desk, QUESTIONS, row, choices_en="Tver")
    assert refused.value.code == "formset_options_en"


def test_row_of_a_form_has_its_address_and_the_code_for_a_site(desk: Desk) -> None:
    around = replace(frame(desk), intake_url="https://crm.example/")

    [row] = FORMS.rows(around, desk.store)

    assert row.cells["page"] == row.link == "https://crm.example/ingest/form/consult"
    assert row.cells["embed"] == f'<script src="{row.link}/embed.js"></script>'


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
