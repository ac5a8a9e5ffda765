"""The tables of the tab: each is written at a row and knows which cells it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kartoteka.domain.deal import Deal
from kartoteka.domain.figures import Funnel, Kept, Speed
from kartoteka.ports import CellValue
from kartoteka.services.figures import Figures, Worker
from sync.board.canvas import COLUMNS, Area, Canvas
from sync.columns import Frame, label

FEW = 10  # fewer tell little: the table says so
_KOPECKS = 100
_SOURCES = 5  # with a column of their own; the others are one
_LONGEST = 40  # characters of a source
_STEPS = (5, 15, 30, 60, 240)  # working minutes
_HALF, _MOST = 0.5, 0.9  # of the cases
_EPOCH = 693_594  # 30.12.1899 as an ordinal: day 0 of Sheets


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be written: headers, looks of the columns, rows; `count` is what it is about."""

    title: str
    headers: Sequence[str]
    looks: Sequence[str]
    rows: Sequence[Sequence[CellValue]]
    count: int | None = None

    def write(self, canvas: Canvas, top: int, frame: Frame) -> Area:
        """Write the table; return its cells from the header on."""
        canvas.put(top, 0, [self._heading(frame)])
        canvas.look("heading", Area(top, 0, top + 1, COLUMNS), merged=True)
        canvas.heights[top] = 34
        width = len(self.headers)
        canvas.put(top + 1, 0, list(self.headers))
        canvas.look("header", Area(top + 1, 0, top + 2, width))
        canvas.heights[top + 1] = 36
        area = Area(top + 1, 0, top + 2 + len(self.rows), width)
        for place, name in enumerate(self.looks):
            canvas.look(name, Area(top + 2, place, area.bottom, place + 1))
        for number, row in enumerate(self.rows, top + 2):
            canvas.put(number, 0, list(row))
        return area

    def _heading(self, frame: Frame) -> str:
        if self.count is None:
            return self.title
        few = frame.say("board_few") if self.count < FEW else ""
        return " · ".join(filter(None, (self.title, f"n = {self.count}", few)))


def share(value: float | None) -> CellValue:
    """Return a ratio as a cell, empty when nothing was counted."""
    return "" if value is None else round(value, 4)


def money(minor: int) -> CellValue:
    """Return an amount as a cell, in whole units of the currency."""
    return round(minor / _KOPECKS)


def by_day(found: Figures, frame: Frame) -> Table:
    """Return requests by day and source; the sources that bring most have a column each."""
    named = list(found.leads.items())
    rest = [numbers for _, numbers in named[_SOURCES:]]
    columns = [numbers for _, numbers in named[:_SOURCES]]
    headers = [(name or frame.say("board_no_source"))[:_LONGEST] for name, _ in named[:_SOURCES]]
    if rest:
        columns.append([sum(day) for day in zip(*rest, strict=True)])
        headers.append(frame.say("board_other"))
    per_day = [list(day) for day in zip(*columns, strict=True)] or [[] for _ in found.days]
    rows = [
        [day.toordinal() - _EPOCH, *numbers, sum(numbers)]
        for day, numbers in zip(found.days, per_day, strict=True)
    ]
    return Table(
        title=frame.say("board_by_day"),
        headers=[frame.say("board_day"), *headers, frame.say("board_total")],
        looks=["day", *["count"] * (len(headers) + 1)],
        rows=rows,
        count=sum(sum(numbers) for _, numbers in named),
    )


def funnel(found: Funnel, frame: Frame, *, sums: bool) -> Table:
    """Return a funnel, stage by stage; with sums for deals where they may be seen."""
    line = frame.settings.office.pipeline(found.pipeline)
    name = line.name_en if frame.locale == "en" and line.name_en else line.name
    first = found.steps[0].count
    before = [first, *(step.count for step in found.steps)]
    rows: list[list[CellValue]] = []
    for step, previous in zip(found.steps, before, strict=False):
        row: list[CellValue] = [
            frame.stage(step.stage, found.pipeline),
            step.count,
            share(step.count / previous if previous else None),
            share(step.count / first if first else None),
            step.reached,
            step.advanced,
            share(step.conversion),
            step.lost,
            step.still,
        ]
        rows.append([*row, money(step.amount_minor)] if _has_sums(found, sums=sums) else row)
    codes = ("stage", "came", "step", "of_first", "reached", "advanced", "conv", "lost", "still")
    looks = ["name", "count", "share", "share", "count", "count", "share", "count", "count"]
    extra = ["amount"] if _has_sums(found, sums=sums) else []
    won = share(found.total)
    total = frame.say("board_won_share", share=f"{won:.0%}") if isinstance(won, float) else ""
    title = " · ".join(filter(None, (frame.say("board_funnel", name=name), total)))
    headers = [frame.say(f"board_{code}") for code in (*codes, *extra)]
    return Table(title, headers, [*looks, *["money" for _ in extra]], rows, first)


def _has_sums(found: Funnel, *, sums: bool) -> bool:
    return sums and found.kind == Deal.kind


def speed(found: Speed, frame: Frame) -> Table:
    """Return how many requests were answered how soon, in working minutes."""
    rows: list[list[CellValue]] = []
    after = -1
    for most in (*_STEPS, None):
        inside = (n for m, n in found.answered.items() if m > after and (most is None or m <= most))
        text = "board_within" if most is not None else "board_later"
        rows.append([frame.say(text, minutes=most or after), sum(inside)])
        after = most or after
    rows.append([frame.say("board_unanswered"), found.late])
    headers = [frame.say("board_answer"), frame.say("board_requests")]
    return Table(frame.say("board_speed"), headers, ["name", "count"], rows, found.counted)


def limits(found: Figures, frame: Frame, *, people: bool) -> Table:
    """Return how the limits were kept by all together and, where names may be seen, by each."""
    everybody: dict[str, Speed | Kept] = {"first": found.speed, **found.limits}
    rows = _kept(frame.say("board_everybody"), everybody, frame)
    for worker in found.workers if people else ():
        person = label(worker.person, frame.settings)
        rows += _kept(person, {"first": worker.speed, **worker.limits}, frame)
    codes = ("person", "limit", "cases", "broken", "in_time", "median_short", "most_short")
    headers = [frame.say(f"board_{code}") for code in codes]
    looks = ["name", "name", "count", "count", "share", "count", "count"]
    return Table(frame.say("board_limits"), headers, looks, rows)


def _kept(whose: str, kept: Mapping[str, Speed | Kept], frame: Frame) -> list[list[CellValue]]:
    """Return a line for each limit of which something is known."""
    return [
        [
            whose,
            frame.say(f"board_limit_{what}"),
            one.counted,
            one.breaches,
            share(one.in_time),
            _after(one, _HALF, frame),
            _after(one, _MOST, frame),
        ]
        for what, one in kept.items()
        if one.counted
    ]


def _after(one: Speed | Kept, part: float, frame: Frame) -> CellValue:
    minutes = one.quantile(part)
    return frame.say("board_never") if minutes is None else minutes


def sales(found: Figures, frame: Frame, *, plan: bool) -> Table:
    """Return what was won since the first of the month, day by day, beside the pace of the plan."""
    hours, today = frame.settings.office.work, found.days[-1]
    days = found.month
    running = list(accumulate(found.won_by_day))
    working = list(accumulate(hours.is_working_day(day) for day in days))
    rows: list[list[CellValue]] = []
    for day, won, worked in zip(days, running, working, strict=True):
        row: list[CellValue] = [day.toordinal() - _EPOCH, money(won) if day <= today else ""]
        pace = found.sales.plan_minor * worked // found.sales.days if found.sales.days else 0
        rows.append([*row, money(pace)] if plan else row)
    headers = [frame.say("board_day"), frame.say("board_won_sum")]
    looks = ["day", "money"]
    if plan:
        headers, looks = [*headers, frame.say("board_pace")], [*looks, "money"]
    return Table(frame.say("board_sales"), headers, looks, rows, found.won)


def people(found: Figures, frame: Frame, *, sums: bool, plan: bool) -> Table:
    """Return what each person holds, has to do, answers and sells."""
    codes = ["person", "leads", "deals", "today", "overdue", "unplanned"]
    codes += ["answered", "median_short", "in_time"]
    looks = ["name", *["count"] * 7, "share"]
    if sums:
        codes, looks = [*codes, "won", "won_sum"], [*looks, "count", "money"]
    if plan:
        codes, looks = [*codes, "plan", "done"], [*looks, "money", "share"]
    rows = [_person(it, frame, sums=sums, plan=plan) for it in found.workers]
    headers = [frame.say(f"board_{code}") for code in codes]
    return Table(frame.say("board_people"), headers, looks, rows)


def _person(worker: Worker, frame: Frame, *, sums: bool, plan: bool) -> list[CellValue]:
    median = worker.speed.quantile(_HALF) if worker.speed.counted else None
    row: list[CellValue] = [
        label(worker.person, frame.settings),
        worker.leads,
        worker.deals,
        worker.waits.today,
        worker.waits.overdue,
        worker.waits.unplanned,
        worker.speed.counted,
        "" if median is None else median,
        share(worker.speed.in_time),
    ]
    if sums:
        row += [worker.won, money(worker.sales.fact_minor)]
    if plan:
        aim = worker.sales.plan_minor
        row += [money(aim) if aim else "", share(worker.sales.share)]
    return row
