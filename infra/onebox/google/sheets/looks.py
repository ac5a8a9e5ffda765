"""What a cell looks like besides its own format: bands below it, conditional formats above it."""

from typing import Any

from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.calc import Calculator, Result
from onebox.google.sheets.conditions import Case, Judge
from onebox.google.sheets.scales import Scale
from onebox.google.sheets.schema import resolve
from onebox.google.sheets.sheet import Sheet

Format = dict[str, Any]


class Looks:
    """The bands and conditional formats of one sheet of one version of a workbook."""

    def __init__(self, looking: Calculator, sheet: Sheet) -> None:
        self._judge = Judge(looking)
        self._sheet = sheet
        self._bands = [(one, box_of(one["range"])) for one in sheet.items("bandedRanges")]
        rules = [
            (rule, [box_of(one) for one in rule.get("ranges", [])])
            for rule in sheet.items("conditionalFormats")
        ]
        # The last rule first, so that an earlier one is laid over it.
        self._rules = [
            (rule, boxes, self._scale(looking, rule, boxes)) for rule, boxes in reversed(rules)
        ]

    def _scale(self, looking: Calculator, rule: Format, boxes: list[Box]) -> Scale | None:
        gradient = rule.get("gradientRule")
        return Scale(looking, self._sheet, gradient, boxes) if gradient else None

    @property
    def plain(self) -> bool:
        """Whether the sheet has neither bands nor rules."""
        return not self._bands and not self._rules

    def below(self, row: int, column: int) -> Format:
        """Return the background that banding gives a cell, empty without one."""
        for band, box in self._bands:
            if _inside(box, row, column):
                if "rowProperties" in band:
                    last = box.bottom is not None and row == box.bottom - 1
                    return _band(band["rowProperties"], row - box.top, last=last)
                last = box.right is not None and column == box.right - 1
                return _band(band.get("columnProperties", {}), column - box.left, last=last)
        return {}

    def above(self, place: tuple[int, int], value: Result, text: str) -> Format:
        """Return what conditional formats lay over a cell; the first rule wins where two meet.

        Args:
            place: row and column of the cell.
            value: what it comes to.
            text: what it shows.
        """
        found: Format = {}
        for rule, boxes, scale in self._rules:
            if any(_inside(box, *place) for box in boxes):
                case = Case(value, text, self._sheet, place)
                fresh = scale.color(value) if scale else self._boolean(rule, boxes[0], case)
                found = laid_over(found, fresh)
        return found

    def _boolean(self, rule: Format, base: Box, case: Case) -> Format:
        boolean = rule["booleanRule"]
        holds = self._judge.holds(boolean.get("condition", {}), case, (base.top, base.left))
        found: Format = boolean.get("format", {}) if holds else {}
        return found


def laid_over(below: Format, above: Format) -> Format:
    """Return one CellFormat laid over another, their text formats field by field."""
    found = {**below, **above}
    if "textFormat" in below and "textFormat" in above:
        found["textFormat"] = {**below["textFormat"], **above["textFormat"]}
    return found


def _band(colors: Format, index: int, *, last: bool) -> Format:
    """Return the background of a row of a band by its place in it."""
    header = "headerColorStyle" in colors
    name = ("firstBandColorStyle", "secondBandColorStyle")[(index - header) % 2]
    if header and not index:
        name = "headerColorStyle"
    elif last and "footerColorStyle" in colors:
        name = "footerColorStyle"
    style = colors.get(name)
    return {"backgroundColor": resolve(style), "backgroundColorStyle": style} if style else {}


def _inside(box: Box, row: int, column: int) -> bool:
    return box.covers(Box(row, column, row + 1, column + 1))
