"""Closed requests, deals and tasks: those of the last months, and the archive's, a book a year."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from kartoteka.domain.closing import closed_at
from kartoteka.domain.model import Role
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, Span, Tab, View
from sync.shelf import errands, requests, sales
from sync.shelf.editions import Book
from sync.shelf.lately import aged_by, lately

ARCHIVE = "archive"


def _closed(view: View, frame: Frame) -> CellValue:
    record = view.deal or view.lead
    return frame.date(closed_at(record) if record is not None else None)


def _reason(view: View, _frame: Frame) -> CellValue:
    record = view.deal or view.lead
    return record.reason if record is not None else ""


def _done(view: View, frame: Frame) -> CellValue:
    return frame.date(view.task.done_at if view.task is not None else None)


def _result(view: View, _frame: Frame) -> CellValue:
    return view.task.result if view.task is not None else ""


def _aged(span: Span, frame: Frame) -> Span:
    return replace(span, until=min(span.until, aged_by(frame)))


def _read(column: Column) -> Column:
    """Return a column that people read only."""
    kind = Kind.TEXT if column.kind is Kind.CHOICE else column.kind
    return replace(column, editable=False, choices=None, kind=kind)


_DEALS = (
    sales.NAME,
    sales.CLIENT,
    sales.STAGE,
    sales.OWNER,
    sales.AMOUNT,
    sales.PAID,
    Column("closed", "closed", 125, _closed, Kind.DATE, reads=("deal.stage_entered_at",)),
    Column("reason", "reason", 180, _reason, reads=("deal.reason",)),
    sales.NOTE,
)
_REQUESTS = (
    requests.NAME,
    requests.PHONE,
    requests.STAGE,
    requests.OWNER,
    requests.SOURCE,
    Column("closed", "closed", 125, _closed, Kind.DATE, reads=("lead.stage_entered_at",)),
    Column("reason", "reason", 180, _reason, reads=("lead.reason",)),
    requests.NOTE,
)
_TASKS = (
    errands.WHAT,
    errands.CLIENT,
    errands.WHO,
    errands.STATE,
    Column("closed", "closed", 125, _done, Kind.DATE, reads=("task.done_at",)),
    Column("result", "result", 260, _result, reads=("task.result",)),
)

CLOSED_DEALS = Tab(
    key="closed",
    title="tab_closed",
    sheet_id=1012,
    columns=tuple(map(_read, _DEALS)),
    entity="deal",
    closed=lately,
    opens=False,
)


def archive(span: Span) -> Book:
    """Return the book of the archive for what was closed in a span."""
    window: Callable[[Frame], Span] = partial(_aged, span)
    kinds = (
        ("leads", "tab_requests", "lead", _REQUESTS),
        ("deals", "tab_deals", "deal", _DEALS),
        ("tasks", "tab_tasks", "task", _TASKS),
    )
    return Book(
        key=f"{ARCHIVE}-{span.name}",
        title="book_archive",
        roles=frozenset({Role.HEAD, Role.DIRECTOR}),
        tabs=tuple(
            Tab(
                key=key,
                title=title,
                sheet_id=1201 + place,
                columns=tuple(map(_read, columns)),
                entity=entity,
                closed=window,
                opens=False,
            )
            for place, (key, title, entity, columns) in enumerate(kinds)
        ),
        part=span.name,
        only_read=True,
    )
