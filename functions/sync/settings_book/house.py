"""Tabs of the office as a whole: its hours and terms, its teams, the texts that it sends."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.template import MEDIA
from kartoteka.i18n import LOCALES, text
from kartoteka.ports import CellValue, Store
from kartoteka.services.template_settings import templates
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Kind, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    Given,
    New,
    Page,
    asked_for,
    expected,
    named_id,
    setting,
    shown,
    typed,
)
from sync.settings_book.people import team_choices
from sync.settings_book.readers import Readers, filled, one, plain, said, unless_blank
from sync.settings_book.typed import week, weekdays, whole

_CLOCK = "%H:%M"
_BETWEEN = re.compile(r"[,;\n]+")
_PAPERS = ("requisites", "invoice_days", "offer_days")
_media = partial(naming.words, "medium", MEDIA)
_languages = partial(naming.words, "language", LOCALES)


def _house(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    work = office.work
    values: Mapping[str, CellValue] = {
        "opens": work.opens.strftime(_CLOCK),
        "closes": work.closes.strftime(_CLOCK),
        "days": weekdays(work.days, frame),
        "zone": work.zone,
        "country": work.country.country or frame.say("setting_country_none"),
        "lines": ", ".join(office.lines),
        "archive_days": office.archive_days,
        **{name: getattr(office.selling, name) for name in _PAPERS},
        "language": _languages(frame).shown(office.locale),
    }
    for name, value in values.items():
        cells = {"what": frame.say(f"setting_house_{name}"), "value": value}
        yield setting(f"house:{name}", (name,), cells, office)


def _change_house(edit: Edited) -> Command:
    name = edit.setting.key[0]
    if name == "archive_days":
        return "archive.set", {"days": whole(edit.typed), **edit.expected}
    if name == "lines":
        return "lines.set", {"numbers": [*_BETWEEN.split(edit.typed)], **edit.expected}
    if name in _PAPERS:
        value: JsonValue = edit.typed.strip() if name == "requisites" else whole(edit.typed)
        return "paper.set", {name: value, **edit.expected}
    if name == "language":
        return "language.set", {"language": _language(edit), **edit.expected}
    if name == "country":
        return "country.set", {"country": _country(edit), **edit.expected}
    work = edit.frame.settings.office.work
    hours: dict[str, JsonValue] = {
        "opens": work.opens.isoformat(),
        "closes": work.closes.isoformat(),
    }
    value = edit.typed.strip()
    if name == "days":
        value = [*week(edit.typed, edit.frame)]
    return "hours.set", {**hours, name: value, **edit.expected}


def _language(edit: Edited) -> str:
    """Return the language that is named in this language, in its own one or by its code."""
    said = edit.typed.strip().casefold()
    own = {text(f"setting_language_{code}", code).casefold(): code for code in LOCALES}
    return own.get(said) or _languages(edit.frame).read(said)


def _country(edit: Edited) -> str:
    """Return the two letters of a country, empty for none."""
    said = edit.typed.strip()
    return "" if said.casefold() == edit.frame.say("setting_country_none").casefold() else said


HOUSE = Page(
    code="house",
    columns=(shown("what", 280, header="setting"), typed("value", 260, header="setting_value")),
    rows=_house,
    change=_change_house,
)


def _teams(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    for team, above in sorted(office.teams.items()):
        cells: dict[str, CellValue] = {"team": team, "above": above}
        yield setting(named_id("team", team), (team,), cells, office)


def _change_team(edit: Edited) -> Command:
    return "team.set", {
        "team": edit.setting.key[0],
        "above": edit.typed.strip(),
        **edit.expected,
    }


def _add_team(cells: Mapping[str, str], _frame: Frame) -> New:
    given: Given = {"team": cells["team"], "above": cells["above"]}
    return New(("team.set", given), named_id("team", cells["team"]))


def _drop_team(asked: Asked) -> Command:
    row = asked_for(asked)
    return "team.remove", {"team": row.key[0], **expected(row)}


TEAMS = Page(
    code="teams",
    columns=(shown("team", 220), typed("above", 220, header="team_above", choices=team_choices)),
    rows=_teams,
    change=_change_team,
    add=_add_team,
    drop=_drop_team,
)


def _templates(frame: Frame, store: Store) -> Iterator[Setting]:
    for template in templates(store):
        cells: dict[str, CellValue] = {
            "name": template.name,
            "medium": _media(frame).shown(template.medium),
            "subject": template.subject,
            "body": template.body,
        }
        yield setting(f"template:{template.id}", (template.id,), cells, template)


_TEMPLATE: Readers = {
    "name": ("name", plain),
    "medium": ("medium", unless_blank(one(_media), "mail")),
    "subject": ("subject", plain),
    "body": ("body", plain),
}


def _change_template(edit: Edited) -> Command:
    wish = said(_TEMPLATE, edit.column, edit.typed, edit.frame)
    return "template.set", {"template": edit.setting.key[0], **wish, **edit.expected}


def _add_template(cells: Mapping[str, str], frame: Frame) -> New:
    if not cells["name"]:
        raise Invalid("a template has a name", code="template_empty")
    name = named_id("t", cells["name"])
    given: Given = {"template": name, **filled(_TEMPLATE, cells, frame)}
    return New(("template.set", given), f"template:{name}")


def _drop_template(asked: Asked) -> Command:
    row = asked_for(asked)
    return "template.remove", {"template": row.key[0], **expected(row)}


def _media_choices(frame: Frame) -> list[str]:
    return list(_media(frame).by_id.values())


TEMPLATES = Page(
    code="templates",
    columns=(
        typed("name", 200, header="title"),
        typed("medium", 110, choices=_media_choices),
        typed("subject", 240),
        typed("body", 520, header="template_body", kind=Kind.LINES),
    ),
    rows=_templates,
    change=_change_template,
    add=_add_template,
    drop=_drop_template,
)
