"""Draw the figures into the owner's book: the whole tab when its shape changes, else its values.

A flush of the book writes them with everything else it has to write. While nothing changed,
nothing is written; while only numbers changed, one write of values is all.
"""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from kartoteka.domain.amount_words import sign
from kartoteka.domain.figures import Speed
from kartoteka.ports import CellValue
from kartoteka.services.figures import Figures
from sync.board import charts, tables
from sync.board.canvas import COLUMNS, Area, Canvas
from sync.board.charts import AIM, ALARM, Chart
from sync.board.tables import Table
from sync.columns import Frame, Tab
from sync.outbox import Outbox

_APART = "|"
_MEDIAN, _MOST = 0.5, 0.9
_CARDS, _CHARTS = 2, 6  # rows at which they begin
_CARD = 2  # columns of a card
_ENOUGH = 0.8  # of the pace: below it the plan is in danger
_LEADS, _DEALS, _OVERDUE, _UNPLANNED, _WON_SUM, _PLAN = (
    1,
    2,
    4,
    5,
    10,
    11,
)  # columns of the table of people
_Card = tuple[str, CellValue, str]  # name, value, what to know about it


def draw(found: Figures, tab: Tab, frame: Frame) -> Canvas:
    """Return the tab as it shall be; only the blocks that its reader may see are in it."""
    canvas = Canvas(tab.sheet_id)
    blocks = {column.key for column in tab.columns}
    _head(canvas, found, frame)
    _cards(canvas, _about(found, frame, blocks))
    placed = _tables(found, frame, blocks)
    hung = _charts(placed, frame, blocks)
    below = _CHARTS + charts.height(hung) + 1
    areas = {}
    for name, table in placed.items():
        areas[name] = table.write(canvas, below, frame)
        below = areas[name].bottom + 1
    charts.hang(canvas, hung, areas, _CHARTS)
    return canvas


def update(outbox: Outbox, canvas: Canvas, known: str, *, title: str, owner: str) -> str:
    """Put into the outbox what differs from what is `known`; return what is known then."""
    shape, _, values = known.partition(_APART)
    if shape != canvas.shape:
        outbox.requests += canvas.requests(title, owner)
    elif values == canvas.values:
        return known
    for number, line in canvas.lines().items():
        outbox.put(title, number, line)
    return f"{canvas.shape}{_APART}{canvas.values}"


def _head(canvas: Canvas, found: Figures, frame: Frame) -> None:
    local = found.at.astimezone(ZoneInfo(frame.settings.office.work.zone))
    canvas.put(0, 0, [frame.say("board_title", office=frame.settings.office.name)])
    canvas.put(0, 9, [frame.say("board_as_of", at=f"{local:%d.%m.%Y %H:%M}")])
    canvas.look("title", Area(0, 0, 1, 9), merged=True)
    canvas.look("aside", Area(0, 9, 1, COLUMNS), merged=True)
    canvas.heights |= {0: 40, 1: 8, 3: 40}
    canvas.volatile.add(0)


def _cards(canvas: Canvas, cards: Sequence[_Card]) -> None:
    for place, card in enumerate(cards):
        left = place * _CARD
        right = COLUMNS if left + 2 * _CARD > COLUMNS else left + _CARD
        for row, (look, value) in enumerate(
            zip(("card_name", "card_value", "card_note"), card, strict=True), _CARDS
        ):
            canvas.put(row, left, [value])
            canvas.look(look, Area(row, left, row + 1, right), merged=True)


def _about(found: Figures, frame: Frame, blocks: set[str]) -> list[_Card]:
    cards: list[_Card] = []
    if "leads" in blocks:
        total = sum(sum(numbers) for numbers in found.leads.values())
        note = frame.say("board_in_period", count=total, days=len(found.days))
        cards.append((frame.say("board_new_today"), found.new_today, note))
    if "speed" in blocks:
        cards += _speed_cards(found.speed, frame)
    if "people" in blocks:
        waits = found.waits
        note = frame.say("board_unplanned_too", count=waits.unplanned, today=waits.today)
        cards.append((frame.say("board_overdue_all"), waits.overdue, note))
    if "sales" in blocks:
        note = frame.say("board_deals_won", count=found.won, today=found.won_today)
        sold = _grouped(found.sales.fact_minor)
        currency = sign(frame.settings.office.currency)
        cards.append((frame.say("board_won_month", currency=currency), sold, note))
    if "plan" in blocks:
        cards.append((frame.say("board_plan_done"), *_plan(found, frame)))
    return cards


def _speed_cards(found: Speed, frame: Frame) -> list[_Card]:
    median = found.quantile(_MEDIAN)
    half = "—" if median is None else frame.say("board_minutes", minutes=median)
    share = found.in_time
    shown = "—" if share is None else f"{share:.0%}"
    few = frame.say("board_few") if found.counted < tables.FEW else ""
    note = " · ".join(filter(None, (f"n = {found.counted}", few)))
    return [
        (frame.say("board_median"), half, _slowest(found, frame)),
        (frame.say("board_within_limit", minutes=found.limit), shown, note),
    ]


def _slowest(found: Speed, frame: Frame) -> str:
    """Return how long nine of ten waited at most, or that so many have no answer yet."""
    if not found.counted:
        return ""
    minutes = found.quantile(_MOST)
    if minutes is None:
        return frame.say("board_slow")
    return frame.say("board_most", minutes=minutes)


def _plan(found: Figures, frame: Frame) -> tuple[CellValue, str]:
    sales = found.sales
    if sales.share is None:
        return "—", frame.say("board_no_plan")
    is_fine, is_near = (
        sales.fact_minor >= sales.pace_minor,
        sales.fact_minor >= _ENOUGH * sales.pace_minor,
    )
    code = "board_on_pace" if is_fine else ("board_near_pace" if is_near else "board_off_pace")
    return f"{sales.share:.0%}", frame.say(code, plan=_grouped(sales.plan_minor))


def _grouped(minor: int) -> str:
    return f"{round(minor / 100):,}".replace(",", "\u00a0")


def _tables(found: Figures, frame: Frame, blocks: set[str]) -> dict[str, Table]:
    """Return the tables in the order in which they stand."""
    sums = "sales" in blocks
    plan = sums and "plan" in blocks
    placed: dict[str, Table] = {}
    if "people" in blocks:
        placed["people"] = tables.people(found, frame, sums=sums, plan=plan)
    if "funnel" in blocks:
        placed |= {
            f"funnel_{line.kind}_{line.pipeline}": tables.funnel(line, frame, sums=sums)
            for line in found.funnels
        }
    if "speed" in blocks:
        placed["speed"] = tables.speed(found.speed, frame)
    if "limits" in blocks:
        placed["limits"] = tables.limits(found, frame, people="people" in blocks)
    if "sales" in blocks:
        placed["sales"] = tables.sales(found, frame, plan=plan)
    if "leads" in blocks:
        placed["leads"] = tables.by_day(found, frame)
    return placed


def _charts(placed: Mapping[str, Table], frame: Frame, blocks: set[str]) -> list[Chart]:
    """Return the charts in the order in which they hang, two in a row."""
    hung: list[Chart] = []
    if "leads" in placed:
        last = len(placed["leads"].headers) - 1
        sources = list(range(1, last)) or [last]
        hung.append(_chart(placed, "leads", "COLUMN", sources, stacked=True))
    funnels = [name for name in placed if name.startswith("funnel_")]
    hung += [_chart(placed, name, "BAR", [1]) for name in _first_of_each(funnels)]
    if "sales" in placed:
        series = list(range(1, len(placed["sales"].headers)))
        hung.append(_chart(placed, "sales", "LINE", series, inks=AIM))
    if "people" in placed and placed["people"].rows:
        late = frame.say("board_chart_late")
        hung.append(Chart("people", late, "BAR", (_OVERDUE, _UNPLANNED), stacked=True, inks=ALARM))
        if {"plan", "sales"} <= blocks:
            done = frame.say("board_chart_plan")
            both = (_WON_SUM, _PLAN)
            hung.append(Chart("people", done, "COMBO", both, lines=(_PLAN,), inks=AIM))
    if "speed" in placed:
        hung.append(_chart(placed, "speed", "COLUMN", [1]))
    if "people" in placed and placed["people"].rows:
        held = frame.say("board_chart_held")
        hung.append(Chart("people", held, "COLUMN", (_LEADS, _DEALS), stacked=True))
    return hung


def _chart(
    placed: Mapping[str, Table],
    name: str,
    kind: str,
    series: Sequence[int],
    *,
    stacked: bool = False,
    inks: Sequence[str] = charts.PALETTE,
) -> Chart:
    """Return a chart that is called like its table."""
    return Chart(name, placed[name].title, kind, series, stacked=stacked, inks=inks)


def _first_of_each(funnels: Sequence[str]) -> list[str]:
    """Return one funnel of requests and one of deals."""
    first: dict[str, str] = {}
    for name in funnels:
        first.setdefault(name.split("_")[1], name)
    return list(first.values())
