"""«Карточка звонка»: fields and their order on a phone, for all and by role."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.access import Sight
from kartoteka.domain.card_layout import PLACES, filled
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ClientId, LeadId, StaffId
from kartoteka.domain.model import Client, Lead, NextAction, Source, Touch
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.people import actor, actor_by_email
from kartoteka.services.registry import COMMANDS
from sync.card import card
from sync.columns import Frame
from sync.settings_book import cards
from sync.settings_book.asking import Edited

OLGA = "olga@office.example"


def rows(desk: Desk):
    frame = Frame(read_settings(desk.store))
    return {row.id: row for row in cards.CARDS.rows(frame, desk.store)}


def do(desk: Desk, command: str, wish) -> None:
    who = actor_by_email(desk.settings(), OLGA)
    execute(COMMANDS, desk, who, command, given=wish, cause="test")


def types(desk: Desk, row: str, column: str, cell: str) -> str:
    """Olga types into a cell; return how the card looks then."""
    frame = Frame(read_settings(desk.store))
    assert cards.CARDS.change is not None
    do(desk, *cards.CARDS.change(Edited(rows(desk)[row], column, cell, frame)))
    return str(rows(desk)[row].cells["preview"])


def adds(desk: Desk, **cells: str) -> None:
    frame = Frame(read_settings(desk.store))
    blank = {column.key: "" for column in cards.CARDS.columns}
    assert cards.CARDS.add is not None
    do(desk, *cards.CARDS.add({**blank, **cells}, frame).command)


def test_office_without_layouts_sees_the_usual_card(desk: Desk) -> None:
    (row,) = rows(desk).values()

    assert str(row.cells["preview"]).splitlines() == [
        "Мария Соколова · клиент★★",
        "Новая заявка до 14.05 · ООО «Пример»",
        "Новая заявка до 14.05: +79160000000",
        "Посл.: 12.05 14:20 звонок вх, Анна",
        "Дальше: Позвонить ещё раз до 14.05 14:20 (Анна)",
    ]


def test_order_and_places_change_the_card(desk: Desk) -> None:
    types(desk, "card:", "label", "{Срок} · {стадия}")
    types(desk, "card:", "suffix", "{звёзды}")
    seen = types(desk, "card:", "note", "следующий шаг, почта").splitlines()

    assert seen[0] == "Мария Соколова ★★"
    assert seen[2] == "14.05 · Новая заявка: +79160000000"
    assert [line.partition(":")[0] for line in seen[3:]] == ["Дальше", "maria@office.example"]


def test_role_has_a_card_of_its_own_and_the_others_the_common_one(desk: Desk) -> None:
    adds(desk, role="руководитель", title="{ответственный}: {шаг}")
    settings = read_settings(desk.store)
    at = desk.now()

    def seen(staff: str) -> str:
        """Return the title of a client's card on the phone of whose client it is."""
        person = settings.person(staff)
        assert person is not None
        owner, client = StaffId(staff), ClientId("cl_a")
        source = Source(channel="", name="")
        known = Client(id=client, name="Мария", owner_id=owner, created_at=at, updated_at=at)
        lead = Lead(
            id=LeadId("ld_a"), client_id=client, name="Мария", pipeline=settings.office.leads.id,
            stage=settings.office.leads.first.id, stage_entered_at=at, owner_id=owner,
            next_action=NextAction(what="call", due_at=at), next_at=at,
            first_touch=source, last_touch=source, created_at=at, updated_at=at,
        )  # fmt: skip
        eyes = Sight(actor(person, settings), settings)
        return card(known, lead, settings, sight=eyes).title

    assert seen("st_viktor") == "Виктор: Позвонить ещё раз"
    assert seen("st_anna") == "Новая заявка до 23.11"


@pytest.mark.parametrize(
    ("column", "cell"),
    [("title", "{сумма}"), ("title", "{стадия"), ("note", "сумма"), ("suffix", "x" * 201),
     ("note", "почта, почта"), ("label", "a\nb")],
)  # fmt: skip
def test_what_is_not_on_a_card_is_refused(desk: Desk, column: str, cell: str) -> None:
    before = rows(desk)

    with pytest.raises(Invalid):
        types(desk, "card:", column, cell)

    assert rows(desk) == before


def test_emptied_layout_is_the_usual_one_again(desk: Desk) -> None:
    usual = rows(desk)["card:"].cells["preview"]
    types(desk, "card:", "label", "{срок}")

    assert types(desk, "card:", "label", "") == usual
    assert read_settings(desk.store).office.phones.cards == ()


@given(
    st.text("{}· абв|,", max_size=30),
    st.dictionaries(st.sampled_from(PLACES), st.text("аб·", max_size=5)),
)
def test_filled_line_has_no_place_left_and_no_separator_at_its_end(pattern, values) -> None:
    said = filled(pattern + "{stage}", values)

    assert "{stage}" not in said
    assert said == said.rstrip(" ·|,")


def test_call_passed_on_names_both_in_the_note(desk: Desk) -> None:
    talk = Touch(at=desk.now(), kind="call", direction="in", staff_id=StaffId("st_anna"))
    passed = talk.model_copy(update={"passed_to": StaffId("st_boris")})
    at, settings = desk.now(), read_settings(desk.store)
    client = Client(
        id=ClientId("cl_a"), name="Мария", last_touch=passed, created_at=at, updated_at=at
    )

    assert card(client, None, settings).note.startswith("Посл.: ")
    assert "Анна, затем Борис" in card(client, None, settings).note
