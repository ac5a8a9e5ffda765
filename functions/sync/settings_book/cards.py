"""«Карточка звонка»: what a phone shows of a client at a call, for all and by role; F11.

Colour, font and size are the dialler's own: no contact can carry them, and the header says so.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from kartoteka.domain.card_layout import LINES, PARTS, PLACES, CardLayout, unknown
from kartoteka.domain.ids import ClientId, LeadId, StaffId
from kartoteka.domain.model import Client, Lead, NextAction, Source, Touch
from kartoteka.ports import CellValue, ContactCard, Store
from sync.actions.offering import Asked, Command
from sync.card import card
from sync.columns import Frame, Kind, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    Given,
    New,
    Page,
    asked_for,
    expected,
    setting,
    shown,
    typed,
)
from sync.settings_book.people import role_choices
from sync.settings_book.typed import Names

_PLACE = re.compile(r"\{([^{}]*)\}")
_ROW = "card:"
_places = partial(naming.words, "place", PLACES)
_parts = partial(naming.words, "part", PARTS)


def _cards(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    laid = {"": CardLayout(), **{layout.role: layout for layout in office.phones.cards}}
    for role, layout in laid.items():
        cells: dict[str, CellValue] = {
            "role": _whose(role, frame),
            **{name: _spoken(str(getattr(layout, name)), frame) for name in LINES},
            "note": _parts(frame).listed(layout.note),
            "preview": preview(layout, frame),
        }
        yield setting(f"{_ROW}{role}", (role,), cells, office)


def _whose(role: str, frame: Frame) -> str:
    return naming.roles(frame).shown(role) if role else frame.say("setting_card_all")


def _spoken(pattern: str, frame: Frame) -> str:
    """Return a line with its places by the words of the office's language."""
    return _PLACE.sub(lambda found: f"{{{_places(frame).shown(found[1])}}}", pattern)


def _read(cell: str, field: str, frame: Frame) -> str:
    """Return a typed line with its places by their names.

    Raises:
        Invalid: there is no such place; names the nearest.
    """
    return _PLACE.sub(lambda found: f"{{{_named(found[1], field, _places(frame))}}}", cell.strip())


def _named(word: str, field: str, known: Names[str]) -> str:
    found = {name.casefold(): code for code, name in known.by_id.items()}
    code = found.get(word.strip().casefold(), word.strip())
    if code not in known.by_id:
        raise unknown(word.strip(), known.by_id.values(), field)
    return code


def _field(column: str, cell: str, frame: Frame) -> Given:
    if column != "note":
        return {column: _read(cell, column, frame)}
    words = [word.strip() for word in re.split(r"[,;\n]", cell) if word.strip()]
    return {"note": [_named(word, "note", _parts(frame)) for word in words]}


def _change_card(edit: Edited) -> Command:
    role = edit.setting.key[0]
    cards = edit.frame.settings.office.phones.cards
    layout = next((it for it in cards if it.role == role), CardLayout(role=role))
    given = {**layout.model_dump(mode="json"), **_field(edit.column, edit.typed, edit.frame)}
    if given == CardLayout().model_dump(mode="json"):
        return "phones.card_remove", {"role": "", **edit.expected}
    return "phones.card", {**given, **edit.expected}


def _add_card(cells: Mapping[str, str], frame: Frame) -> New:
    role = naming.roles(frame).read(cells["role"])
    given: dict[str, object] = {}
    for column in (*LINES, "note"):
        given |= _field(column, cells[column], frame)
    laid = CardLayout.model_validate({"role": role, **given})
    return New(("phones.card", laid.model_dump(mode="json")), f"{_ROW}{role}")


def _drop_card(asked: Asked) -> Command:
    row = asked_for(asked)
    return "phones.card_remove", {"role": row.key[0], **expected(row)}


def preview(layout: CardLayout, frame: Frame) -> str:
    """Return what a phone would show of a client who is made up."""
    seen = _sample(layout, frame)
    number, label = next(iter(seen.phones))
    head = (
        f"{seen.given_name} {seen.suffix}",
        " · ".join(filter(None, (seen.title, seen.company))),
    )
    return "\n".join(filter(None, (*head, f"{label}: {number}", seen.note)))


def _sample(layout: CardLayout, frame: Frame) -> ContactCard:
    settings = frame.settings
    at = datetime(2026, 5, 12, 11, 20, tzinfo=UTC)
    due = at + timedelta(days=2)
    who = next((StaffId(str(it.id)) for it in settings.staff if it.active), None)
    source = Source(channel="", name="")
    stage = settings.office.leads.first
    client = Client(
        id=ClientId("cl_sample"),
        name=frame.say("setting_card_name"),
        company=frame.say("setting_card_company"),
        phones=("+79160000000",),
        emails=("maria@office.example",),
        segment="client",
        last_touch=Touch(at=at, kind="call", direction="in", staff_id=who),
        created_at=at,
        updated_at=at,
    )
    lead = Lead(
        id=LeadId("ld_sample"),
        client_id=client.id,
        name=client.name,
        pipeline=settings.office.leads.id,
        stage=stage.id,
        stage_entered_at=at,
        owner_id=who,
        priority=2,
        next_action=NextAction(what="call", due_at=due),
        next_at=due,
        first_touch=source,
        last_touch=source,
        created_at=at,
        updated_at=at,
    )
    return card(client, lead, settings, layout=layout)


CARDS = Page(
    code="cards",
    columns=(
        shown("role", 130, choices=role_choices),
        shown("preview", 330, header="card_preview", kind=Kind.LINES),
        typed("suffix", 190, header="card_suffix"),
        typed("title", 220, header="card_title_line"),
        typed("label", 190, header="card_label"),
        typed("company", 170, header="card_company"),
        typed("note", 300, header="card_note"),
    ),
    rows=_cards,
    change=_change_card,
    add=_add_card,
    drop=_drop_card,
)
