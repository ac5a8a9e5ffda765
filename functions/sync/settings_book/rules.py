"""The tab of rules: what follows from what, in people's words, a rule a row."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from kartoteka.ports import CellValue, Store
from kartoteka.services.rule_rehearsal import DAYS, Rehearsal
from kartoteka.services.settings_rules import RuleSeen, seen
from sync.actions.offering import Asked, Command, Offer
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
    yes_no,
)
from sync.settings_book.people import people_choices
from sync.settings_book.readers import Readers, filled, one, plain, said, switch, unless_blank
from sync.settings_book.typed import flag

_ANYWAY = "setting_yes_anyway"
_PLAYED = 20_000  # changes of one rehearsal: a flush waits for it
_WORDS = ("name", "when", "condition", "then", "after", "note")


def _rules(frame: Frame, store: Store) -> Iterator[Setting]:
    for row in seen(store, frame.settings):
        yield setting(f"rule:{row.id}", (row.id,), _cells(row, frame), frame.settings.office)


def _cells(row: RuleSeen, frame: Frame) -> dict[str, CellValue]:
    return {
        **{name: getattr(row, name) for name in _WORDS},
        "active": flag(row.on, frame),
        "person": naming.people(frame).shown(row.owner_id),
        "version": row.version,
        "problem": row.problem,
    }


_RULE: Readers = {
    **{name: (name, plain) for name in _WORDS},
    "active": ("on", switch),
    "person": ("owner", unless_blank(one(naming.people))),
}


def _change(edit: Edited) -> Command:
    if edit.column == "active" and edit.typed.strip() == edit.frame.say(_ANYWAY):
        sure: Given = {"on": True, "confirm": True, **edit.expected}
        return "rule.switch", {"rule": edit.setting.key[0], **sure}
    wish = said(_RULE, edit.column, edit.typed, edit.frame)
    return "rule.set", {"rule": edit.setting.key[0], **wish, **edit.expected}


def _add(cells: Mapping[str, str], frame: Frame) -> New:
    wish = filled(_RULE, {**dict.fromkeys(_RULE, ""), **cells}, frame)
    return New(("rule.set", wish), f"rule:{named_id('rl', cells['name'])}")


def _drop(asked: Asked) -> Command:
    row = asked_for(asked)
    return "rule.remove", {"rule": row.key[0], **expected(row)}


def _rehearse(asked: Asked) -> Command:
    return "rule.rehearse", {"rule": asked_for(asked).key[0], "most": _PLAYED}


def _played(found: object, frame: Frame) -> str:
    """Return what a rule would have done, in one line."""
    if not isinstance(found, Rehearsal):
        raise TypeError("a rehearsal is told")
    zone = ZoneInfo(frame.settings.office.work.zone)
    acts = ", ".join(
        frame.say("rehearsed_act", what=frame.say(f"rehearsed_{name}"), count=count)
        for name, count in found.acts.items()
        if count
    )
    said = frame.say("rehearsed", days=DAYS, fired=found.fired)
    about = frame.say(f"rehearsed_of_{found.about}", count=found.touched) if found.about else ""
    would = frame.say("rehearsed_would", acts=acts) if acts else ""
    day = f"{found.until.astimezone(zone):%d.%m}" if found.changes >= _PLAYED else ""
    until = frame.say("rehearsed_until", day=day) if day else ""
    return "; ".join(filter(None, (said, about, would, until)))


def _switches(frame: Frame) -> list[str]:
    return [*yes_no(frame), frame.say(_ANYWAY)]


RULES = Page(
    code="rules",
    columns=(
        typed("name", 200, header="title", kind=Kind.LINES),
        typed("when", 260, header="rule_when", kind=Kind.LINES),
        typed("condition", 300, header="rule_condition", kind=Kind.LINES),
        typed("then", 360, header="rule_then", kind=Kind.LINES),
        typed("after", 110, header="rule_after"),
        typed("active", 90, choices=_switches),
        typed("person", 150, header="owner", choices=people_choices),
        shown("version", 70, header="rule_version", kind=Kind.NUMBER),
        typed("note", 240, header="rule_note", kind=Kind.LINES),
        shown("problem", 240, header="rule_problem", kind=Kind.LINES),
    ),
    rows=_rules,
    change=_change,
    add=_add,
    drop=_drop,
    offers=(Offer("rehearse", _rehearse, answer=_played),),
)
