"""What a row says by its colours: late, due today, gone cold, nothing planned, done, refused.

Formulas hold no separators, for those differ from language to language. What depends on the time
is computed by the sheet itself, so a row turns red without anybody writing to it.
"""

import re
from collections.abc import Mapping, Sequence

from kartoteka.domain.model import Lead
from kartoteka.ports import Doc, Json
from sync.columns import ACTION, FILED, OUTCOME, Column, Frame, Tab
from sync.settings_book import shades
from sync.wire import colour, column_range, letter_of, request

TINT = "#eef4ff"  # what people may type into
_RED, _AMBER, _GREEN, _GREY, _BLUE = "#c5221f", "#b06000", "#188038", "#5f6b7a", "#1f3a5f"
_GOLD = "#e8a600"
_ROSE, _SAND, _ICE = "#fce8e6", "#fef7e0", "#e1f0fa"
_UNDATED, _STAGE, _SHADE = "next", "stage", "colour"
_BY_WORD = re.compile(r'=\$[A-Z]+2="(?:[^"]|"")*"')


def ink_of(column: Column) -> Doc:
    """Return how the letters of a column look, where they are not plain."""
    looks: Mapping[str, Doc] = {
        "priority": {"foregroundColor": colour(_GOLD), "bold": True},
        ACTION: {"foregroundColor": colour(_BLUE), "bold": True},
        OUTCOME: {"foregroundColor": colour(_GREY), "fontSize": 9},
    }
    return looks.get(column.key, {})


def colour_requests(tab: Tab, frame: Frame) -> list[Doc]:
    """Return the rules of a tab; of two that fit a cell the one added later is above."""
    rules = _word_rules(tab, frame)
    due = tab.column("due")
    if due is not None:
        rules += [_today(tab, due, frame), _overdue(tab, due, frame)] if tab.acts else []
        rules += [] if tab.acts else [_overdue(tab, due, frame)]
    if tab.acts:
        rules += [*_unplanned(tab), *_cold(tab), *_outcomes(tab)]
    return rules


def _overdue(tab: Tab, column: Column, frame: Frame) -> Doc:
    letter = letter_of(tab.keys.index(column.key))
    look: dict[str, Json] = {"textFormat": {"bold": True, "foregroundColor": colour(_RED)}}
    if tab.acts:
        look["backgroundColor"] = colour(_ROSE)
    late = f'=(${letter}2<>"")*(${letter}2<NOW())'
    if tab.column("state") is not None and not tab.acts:
        place = letter_of(tab.keys.index("state"))
        late += f'*(${place}2="{frame.say("state_open")}")'
    return _rule([column_range(tab, column, 1)], late, look)


def _today(tab: Tab, column: Column, _frame: Frame) -> Doc:
    letter = letter_of(tab.keys.index(column.key))
    look: Doc = {
        "textFormat": {"bold": True, "foregroundColor": colour(_AMBER)},
        "backgroundColor": colour(_SAND),
    }
    today = f"=(${letter}2>=NOW())*(${letter}2<TODAY()+1)"
    return _rule([column_range(tab, column, 1)], today, look)


def _unplanned(tab: Tab) -> list[Doc]:
    """An open row without a next step."""
    column = tab.column(_UNDATED)
    if column is None:
        return []
    letter, known = letter_of(tab.keys.index(column.key)), letter_of(0)
    look: Doc = {"backgroundColor": colour(_ROSE)}
    formula = f'=(${known}2<>"")*((${letter}2="")+(${letter}2="{FILED}"))'
    return [_rule([column_range(tab, column, 1)], formula, look)]


def _cold(tab: Tab) -> list[Doc]:
    """A deal that nobody touched for longer than its stage allows."""
    column, name = tab.column("cold"), tab.column("name")
    if column is None or name is None:
        return []
    letter = letter_of(tab.keys.index(column.key))
    look: Doc = {
        "backgroundColor": colour(_ICE),
        "textFormat": {"italic": True, "foregroundColor": colour(_BLUE)},
    }
    formula = f'=(${letter}2<>"")*(${letter}2<NOW())'
    return [_rule([column_range(tab, name, 1)], formula, look)]


def _outcomes(tab: Tab) -> list[Doc]:
    column = tab.column(OUTCOME)
    if column is None:
        return []
    places: list[Json] = [column_range(tab, column, 1)]
    return [
        _containing(places, mark, {"textFormat": {"foregroundColor": colour(code)}})
        for mark, code in (("✓", _GREEN), ("✗", _RED))
    ]


def coloured(tab: Tab, frame: Frame) -> dict[str, dict[str, str]]:
    """Return the colour of each word, by the column in which it stands."""
    found: dict[str, dict[str, str]] = {}
    if tab.column(_STAGE) is not None:
        found[_STAGE] = _stage_colours(tab, frame)
    if tab.column(_SHADE) is not None:
        words = shades.words(frame).by_id
        found[_SHADE] = {words[name]: code for name, code in shades.SHADES.items()}
    return found


def repainted(tab: Tab, frame: Frame, there: Sequence[str]) -> list[Doc]:
    """Return the requests that give the words of a tab the colours of today.

    `there` are the formulas of the tab's rules in their order; those of people stay as they are.
    """
    ours = [place for place, formula in enumerate(there) if _BY_WORD.fullmatch(formula)]
    gone = [
        request("deleteConditionalFormatRule", sheetId=tab.sheet_id, index=place)
        for place in reversed(ours)
    ]
    at = ours[0] if ours else len(there)
    return [*gone, *_word_rules(tab, frame, at)]


def _word_rules(tab: Tab, frame: Frame, at: int = 0) -> list[Doc]:
    """A row has the colour of its stage; where actions are taken, only the stage itself."""
    rules = []
    for key, words in coloured(tab, frame).items():
        letter = letter_of(tab.keys.index(key))
        places: list[Json] = [column_range(tab, column, 1) for column in _painted(tab, key)]
        for word, code in words.items():
            quoted = word.replace('"', '""')
            look: Doc = {"backgroundColor": colour(code)}
            rules.append(_rule(places, f'=${letter}2="{quoted}"', look, at))
    return rules


def _painted(tab: Tab, key: str) -> list[Column]:
    if key != _STAGE:
        return [column for column in tab.columns if column.key == key]
    return [c for c in tab.columns if c.key == key or not (c.editable or tab.acts)]


def _stage_colours(tab: Tab, frame: Frame) -> dict[str, str]:
    """Return the colour of every stage that rows of this tab may be on, by its name."""
    office = frame.settings.office
    lines = [office.leads] if tab.entity == Lead.kind else office.pipelines
    stages = (stage for line in lines if line.active for stage in line.stages)
    return {frame.named(stage): stage.colour for stage in stages if stage.colour}


def _rule(places: list[Json], formula: str, look: Json, at: int = 0) -> Doc:
    condition: Doc = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    return _when(places, condition, look, at)


def _containing(places: list[Json], word: str, look: Json) -> Doc:
    condition: Doc = {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": word}]}
    return _when(places, condition, look)


def _when(places: list[Json], condition: Doc, look: Json, at: int = 0) -> Doc:
    rule: Doc = {"ranges": places, "booleanRule": {"condition": condition, "format": look}}
    return request("addConditionalFormatRule", rule=rule, index=at)
