"""Tabs of the office as a whole: hours, archive, teams, roles, templates, terms of stages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.furnished import law_firm

from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import Settings
from kartoteka.domain.worktime import Delay
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.setup import preset_names, read_preset
from kartoteka.services.template_settings import templates
from sync.columns import Frame
from sync.made_with import speaking
from sync.settings_book import spans
from sync.settings_book.asking import Edited, Page
from sync.settings_book.house import HOUSE, TEAMS, TEMPLATES
from sync.settings_book.pipelines import STAGES
from sync.settings_book.roles import ROLES
from sync.settings_book.shades import SHADES

OLGA = "olga@office.example"


def frame_of(desk: Desk) -> Frame:
    return Frame(read_settings(desk.store))


def types(desk: Desk, page: Page, place: tuple[str, str], cell: str) -> None:
    """Olga types into a cell; the command it means is carried out."""
    frame, (row, column) = frame_of(desk), place
    found = {it.id: it for it in page.rows(frame, desk.store)}[row]
    assert page.change is not None
    name, wish = page.change(Edited(found, column, cell, frame))
    who = actor_by_email(frame.settings, OLGA)
    execute(COMMANDS, desk, who, name, given=wish, cause="test")


def adds(desk: Desk, page: Page, **cells: str) -> str:
    """Olga types a row; return which row it became."""
    frame = frame_of(desk)
    blank = {column.key: "" for column in page.columns}
    assert page.add is not None
    new = page.add({**blank, **cells}, frame)
    who = actor_by_email(frame.settings, OLGA)
    execute(COMMANDS, desk, who, new.command[0], given=new.command[1], cause="test")
    assert new.row in {it.id for it in page.rows(frame_of(desk), desk.store)}
    return new.row


def test_hours_days_and_archive_are_rows_of_the_office(desk: Desk) -> None:
    types(desk, HOUSE, ("house:opens", "value"), "10:30")
    types(desk, HOUSE, ("house:days", "value"), "пн-сб")
    types(desk, HOUSE, ("house:archive_days", "value"), "120")

    office = read_settings(desk.store).office
    assert (office.work.opens.hour, office.work.opens.minute) == (10, 30)
    assert office.work.closes.hour == 18
    assert office.work.days == (0, 1, 2, 3, 4, 5)
    assert office.archive_days == 120


def test_numbers_of_the_office_are_typed_with_commas_and_emptied(desk: Desk) -> None:
    types(desk, HOUSE, ("house:lines", "value"), "8 (495) 100-20-30,\n+7 800 555-35-35")
    frame = frame_of(desk)
    shown = {it.id: it.cells["value"] for it in HOUSE.rows(frame, desk.store)}

    assert frame.settings.office.lines == ("+74951002030", "+78005553535")
    assert shown["house:lines"] == "+74951002030, +78005553535"

    types(desk, HOUSE, ("house:lines", "value"), " ")
    assert frame_of(desk).settings.office.lines == ()


def test_bank_details_and_days_of_papers_are_rows_of_the_office(desk: Desk) -> None:
    types(desk, HOUSE, ("house:requisites", "value"), " ООО «Ромашка»\nр/с 4070 ")
    types(desk, HOUSE, ("house:invoice_days", "value"), "3")
    types(desk, HOUSE, ("house:offer_days", "value"), "14")

    selling = read_settings(desk.store).office.selling
    assert selling.requisites == "ООО «Ромашка»\nр/с 4070"
    assert (selling.invoice_days, selling.offer_days) == (3, 14)


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ("opens", "утром"),
        ("opens", "23:00"),
        ("zone", "Луна"),
        ("archive_days", "1"),
        ("lines", "+7 495 100-20-30, 101"),
        ("invoice_days", "0"),
    ],
)
def test_impossible_value_of_the_office_is_refused(desk: Desk, row: str, cell: str) -> None:
    before = read_settings(desk.store).office

    with pytest.raises(Invalid):
        types(desk, HOUSE, (f"house:{row}", "value"), cell)

    assert read_settings(desk.store).office == before


def test_team_typed_as_a_row_stands_in_the_tree(desk: Desk) -> None:
    adds(desk, TEAMS, team="Юг")
    row = adds(desk, TEAMS, team="Сочи", above="Юг")
    types(desk, TEAMS, (row, "above"), "")

    assert read_settings(desk.store).office.teams["Сочи"] == ""


def test_role_of_the_office_is_made_and_changed_in_words(desk: Desk) -> None:
    row = adds(desk, ROLES, name="Стажёр", origin="менеджер", may_read="свои",
               levels="paid=none, source=none")  # fmt: skip
    types(desk, ROLES, (row, "may_export"), "все")

    (spec,) = read_settings(desk.store).office.roles
    assert (spec.name, spec.base, spec.reach) == (
        "Стажёр", "manager", {"read": "own", "export": "all"},
    )  # fmt: skip
    assert spec.levels == {"paid": "none", "source": "none"}


def test_emptied_difference_of_a_built_in_role_is_taken_back(desk: Desk) -> None:
    types(desk, ROLES, ("role:manager", "may_read"), "все")
    assert read_settings(desk.store).office.roles[0].reach == {"read": "all"}

    types(desk, ROLES, ("role:manager", "may_read"), "")

    assert read_settings(desk.store).office.roles == ()


def test_levels_of_a_role_are_told_in_words_and_read_so_or_by_code(desk: Desk) -> None:
    types(desk, ROLES, ("role:manager", "levels"), "Сумма: видит; paid=none, Счета = меняет")

    (spec,) = read_settings(desk.store).office.roles
    assert spec.levels == {"amount": "read", "paid": "none", "invoices": "edit"}
    (row,) = (it for it in ROLES.rows(frame_of(desk), desk.store) if it.id == "role:manager")
    assert row.cells["levels"] == "сумма: видит, счета: меняет, оплачено: не видит"
    english = speaking(frame_of(desk), "en")
    (row,) = (it for it in ROLES.rows(english, desk.store) if it.id == "role:manager")
    assert row.cells["levels"] == "amount: sees, invoices: changes, paid: does not see"


def test_colour_of_a_stage_is_a_word_or_a_code(desk: Desk) -> None:
    place = ("stage:leads_law:new", "colour")
    told = []
    for cell in ("Тёмно зеленый", "#ABCDEF", ""):
        types(desk, STAGES, place, cell)
        shown = next(it for it in STAGES.rows(frame_of(desk), desk.store) if it.id == place[0])
        kept = read_settings(desk.store).office.leads.stage("new").colour
        told.append((kept, shown.cells["colour"]))

    assert told == [("#93c47d", "тёмно-зелёный"), ("#abcdef", "#abcdef"), ("", "")]


@pytest.mark.parametrize("preset", preset_names())
def test_colours_of_every_preset_have_a_word(preset: str) -> None:
    lines = read_preset(preset).office.pipelines
    colours = {stage.colour for line in lines for stage in line.stages if stage.colour}

    assert colours <= set(SHADES.values())


@pytest.mark.parametrize("cell", ["amount", "сумма=вижу", "деньги: видит", 'amount="read'])
def test_level_that_is_none_is_refused(desk: Desk, cell: str) -> None:
    with pytest.raises(Invalid):
        types(desk, ROLES, ("role:manager", "levels"), cell)


def test_template_is_a_row(desk: Desk) -> None:
    row = adds(desk, TEMPLATES, name="Привет", subject="Для {{имя}}", body="Добрый день, {{имя}}!")
    types(desk, TEMPLATES, (row, "body"), "=1+1")
    with pytest.raises(Invalid):
        types(desk, TEMPLATES, (row, "body"), "{{имя")

    (kept,) = (it for it in templates(desk.store) if f"template:{it.id}" == row)
    assert (kept.medium, kept.subject, kept.body) == ("mail", "Для {{имя}}", "=1+1")


def test_term_of_a_stage_is_typed_in_words(desk: Desk) -> None:
    types(desk, STAGES, ("stage:leads_law:new", "span"), "2 рабочих дня до конца дня")
    with pytest.raises(Invalid):
        types(desk, STAGES, ("stage:leads_law:new", "span"), "скоро")

    stage = read_settings(desk.store).office.leads.stage("new")
    assert stage.due == Delay(work_days=2, to_close=True)


DELAYS = st.builds(
    Delay,
    work_minutes=st.integers(0, 9_999),
    work_days=st.integers(0, 999),
    days=st.integers(0, 999),
    to_close=st.booleans(),
)


@given(DELAYS, st.sampled_from(["ru", "en"]))
def test_delay_shown_reads_back_the_same(delay: Delay, locale: str) -> None:
    preset = law_firm()
    office = preset.office.model_copy(update={"locale": locale})
    frame = Frame(Settings(office=office, staff=preset.staff))

    assert Delay.model_validate(spans.read(spans.shown(delay, frame), frame)) == delay


@given(st.text(max_size=20))
def test_any_text_is_a_delay_or_refused(typed: str) -> None:
    preset = law_firm()
    frame = Frame(Settings(office=preset.office, staff=preset.staff))
    try:
        found = spans.read(typed, frame)
    except Invalid:
        return
    assert found is None or Delay.model_validate(found) is not None
