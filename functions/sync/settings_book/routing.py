"""The table of who gets a new request, row by row: each change is one of the whole table."""

from collections.abc import Iterator, Mapping
from functools import partial

from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.ports import CellValue, Store
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
    typed,
    yes_no,
)
from sync.settings_book.people import team_choices
from sync.settings_book.pipelines import line_choices, moved, stage_choices
from sync.settings_book.readers import (
    Readers,
    filled,
    many,
    number,
    one,
    plain,
    said,
    several,
    sum_of,
    switch,
    unless_blank,
)
from sync.settings_book.typed import amount, flag, joined, whole

_TEXTS = ("client_type", "region", "source", "channel", "category")


def _rules(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    for place, rule in enumerate(office.routing, start=1):
        cells = {"order": place, **_cells_of(rule, frame)}
        yield setting(f"rule:{rule.id}", (rule.id,), cells, office)


def _cells_of(rule: RoutingRule, frame: Frame) -> dict[str, CellValue]:
    return {
        "name": rule.name,
        **{name: joined(getattr(rule, name)) for name in _TEXTS},
        "amount_from": amount(rule.amount_from_minor),
        "returning": flag(rule.returning, frame),
        "hours": naming.words("hours", naming.HOURS, frame).shown(rule.hours or None),
        "line": naming.pipelines(frame).shown(rule.pipeline or None),
        "place": naming.stages(frame).shown(rule.stage or None),
        "assign_to": naming.people(frame).listed(str(name) for name in rule.assign_to),
        "team": rule.team,
        "pool": flag(rule.pool or None, frame),
        "rank": "" if rule.priority is None else rule.priority,
    }


_RULE: Readers = {
    "name": ("name", plain),
    **{name: (name, several) for name in _TEXTS},
    "amount_from": ("amount_from_minor", unless_blank(sum_of, None)),
    "returning": ("returning", unless_blank(switch, None)),
    "hours": ("hours", unless_blank(one(partial(naming.words, "hours", naming.HOURS)))),
    "line": ("pipeline", unless_blank(one(naming.pipelines))),
    "place": ("stage", unless_blank(one(naming.stages))),
    "assign_to": ("assign_to", many(naming.people)),
    "team": ("team", plain),
    "pool": ("pool", switch),
    "rank": ("priority", unless_blank(number, None)),
}


def _table(frame: Frame) -> dict[str, Given]:
    """Return the rules in force by id, as the command takes them."""
    rules = frame.settings.office.routing
    return {rule.id: rule.model_dump(mode="json") for rule in rules}


def _set(rules: list[Given], version: Given) -> Command:
    return "routing.set", {"rules": [dict(rule) for rule in rules], **version}


def _change_rule(edit: Edited) -> Command:
    table, name = _table(edit.frame), edit.setting.key[0]
    if edit.column == "order":
        order = moved(list(table), name, whole(edit.typed))
        return _set([table[one] for one in order], edit.expected)
    table[name] = {**table[name], **said(_RULE, edit.column, edit.typed, edit.frame)}
    return _set(list(table.values()), edit.expected)


def _add_rule(cells: Mapping[str, str], frame: Frame) -> New:
    """Return the table with one row more, at its place or at the end."""
    table = _table(frame)
    asked = [cell for column, cell in sorted(cells.items()) if column != "order"]
    name = named_id("r", *asked)
    table[name] = {"id": name, **filled(_RULE, cells, frame)}
    place = whole(cells["order"]) or len(table)
    at = frame.settings.office.updated_at
    version: Given = {"expected": at.isoformat()} if at is not None else {}
    rules = [table[one] for one in moved(list(table), name, place)]
    return New(_set(rules, version), f"rule:{name}")


def _drop_rule(asked: Asked) -> Command:
    row, table = asked_for(asked), _table(asked.frame)
    left = [rule for name, rule in table.items() if name != row.key[0]]
    return _set(left, expected(row))


def _hours(frame: Frame) -> list[str]:
    return list(naming.words("hours", naming.HOURS, frame).by_id.values())


ROUTING = Page(
    code="routing",
    columns=(
        typed("order", 50, kind=Kind.NUMBER),
        typed("name", 160, header="title"),
        typed("client_type", 120),
        typed("region", 140),
        typed("source", 140),
        typed("channel", 110),
        typed("category", 130),
        typed("amount_from", 110, kind=Kind.MONEY),
        typed("returning", 100, choices=yes_no),
        typed("hours", 110, choices=_hours),
        typed("line", 140, choices=line_choices),
        typed("place", 160, header="stage", choices=stage_choices),
        typed("assign_to", 180),
        typed("team", 120, choices=team_choices),
        typed("pool", 100, choices=yes_no),
        typed("rank", 70),
    ),
    rows=_rules,
    change=_change_rule,
    add=_add_rule,
    drop=_drop_rule,
)
