"""Tabs that several books have, and the two columns in which a row is told what to do."""

from collections.abc import Callable
from functools import partial

from kartoteka.ports import CellValue
from sync.actions.offers import labels
from sync.columns import ACTION, OUTCOME, Column, Frame, Kind, Tab, View
from sync.merge import Winner
from sync.shelf import errands, people, requests, sales
from sync.shelf.attached import FILES
from sync.shelf.team import JOURNAL

_DEALS, _FREE, _CLIENTS, _PAIRS, _INBOX, _STAFF = 1004, 1005, 1006, 1007, 1008, 1009


def _blank(_view: View, _frame: Frame) -> CellValue:
    return ""


def acting(kind: str) -> tuple[Column, Column]:
    """Return the column in which an action is chosen, and the one that says how it ended."""
    choices: Callable[[Frame], list[str]] = partial(labels, kind)
    chosen = Column(
        ACTION, "action", 165, _blank, Kind.CHOICE,
        editable=True, winner=Winner.SHEET, choices=choices,
    )  # fmt: skip
    return chosen, Column(OUTCOME, "outcome", 220, _blank)


MY_REQUESTS = Tab(
    key="leads",
    title="tab_requests",
    sheet_id=1001,
    columns=(
        requests.STARS,
        requests.NAME,
        requests.PHONE,
        requests.STAGE,
        requests.NEXT,
        requests.DUE,
        *acting("lead"),
        requests.NOTE,
    ),
    entity="lead",
    holds=requests.is_mine,
    adds="lead.add",
    counted="next",
    actions="lead",
)

REQUESTS = Tab(
    key="leads",
    title="tab_requests",
    sheet_id=1001,
    columns=(
        requests.STARS,
        requests.NAME,
        requests.PHONE,
        requests.STAGE,
        requests.OWNER,
        requests.NEXT,
        requests.DUE,
        requests.SOURCE,
        *acting("lead"),
        requests.NOTE,
    ),
    entity="lead",
    holds=requests.is_open_here,
    adds="lead.add",
    actions="lead",
)

NEW_REQUESTS = Tab(
    key="leads",
    title="tab_requests",
    sheet_id=1001,
    columns=(
        requests.NAME,
        requests.PHONE,
        requests.STAGE,
        requests.OWNER,
        requests.SOURCE,
        requests.CREATED,
        *acting("lead"),
    ),
    entity="lead",
    holds=requests.is_new,
    adds="lead.add",
    actions="lead",
)

FREE = Tab(
    key="free",
    title="tab_free",
    sheet_id=_FREE,
    columns=(
        requests.CREATED,
        requests.NAME,
        requests.STAGE,
        requests.SOURCE,
        requests.DUE,
        FILES,
        *acting("free"),
    ),
    entity="lead",
    holds=requests.is_free,
    actions="free",
)

MY_DEALS = Tab(
    key="deals",
    title="tab_deals",
    sheet_id=_DEALS,
    columns=(
        sales.NAME,
        sales.CLIENT,
        sales.STAGE,
        sales.AMOUNT,
        sales.NEXT,
        sales.DUE,
        *acting("deal"),
        sales.NOTE,
        sales.COLD,
    ),
    entity="deal",
    holds=sales.is_mine,
    actions="deal",
)

DEALS = Tab(
    key="deals",
    title="tab_deals",
    sheet_id=_DEALS,
    columns=(
        sales.NAME,
        sales.CLIENT,
        sales.STAGE,
        sales.OWNER,
        sales.AMOUNT,
        sales.PAID,
        sales.NEXT,
        sales.DUE,
        sales.CONTRACTOR,
        *acting("deal"),
        sales.NOTE,
        sales.COLD,
    ),
    entity="deal",
    holds=sales.is_open_here,
    actions="deal",
)

MY_TASKS = Tab(
    key="tasks",
    title="tab_tasks",
    sheet_id=1002,
    columns=(
        errands.WHAT,
        errands.CLIENT,
        errands.PHONE,
        errands.DUE,
        errands.STATE,
        *acting("task"),
    ),
    entity="task",
    holds=errands.is_mine,
    adds="task.create",
    actions="task",
)

TASKS = Tab(
    key="tasks",
    title="tab_tasks",
    sheet_id=1002,
    columns=(
        errands.WHAT,
        errands.CLIENT,
        errands.PHONE,
        errands.WHO,
        errands.DUE,
        errands.STATE,
        *acting("task"),
    ),
    entity="task",
    holds=errands.is_to_do,
    adds="task.create",
    actions="task",
)

MY_CLIENTS = Tab(
    key="clients",
    title="tab_clients",
    sheet_id=_CLIENTS,
    columns=(
        people.NAME,
        people.PHONE,
        people.EMAIL,
        people.COMPANY,
        people.SEGMENT,
        people.TOUCH,
        FILES,
        *acting("client"),
    ),
    entity="client",
    holds=people.is_mine,
    adds="client.add",
    actions="client",
)

CLIENTS = Tab(
    key="clients",
    title="tab_clients",
    sheet_id=_CLIENTS,
    columns=MY_CLIENTS.columns,
    entity="client",
    holds=people.is_known,
    adds="client.add",
    actions="client",
)

PAIRS = Tab(
    key="pairs",
    title="tab_pairs",
    sheet_id=_PAIRS,
    columns=(
        people.ASKED_AT,
        people.LEFT,
        people.LEFT_REACH,
        people.RIGHT,
        people.RIGHT_REACH,
        people.WHY,
        *acting("pair"),
    ),
    entity="pair",
    holds=people.is_asked,
    actions="pair",
)

INBOX = Tab(
    key="inbox",
    title="tab_inbox",
    sheet_id=_INBOX,
    columns=(
        people.RECEIVED_AT,
        people.CHANNEL,
        people.SENDER,
        people.TEXT,
        people.UNCLEAR,
        *acting("inbound"),
    ),
    entity="inbound",
    actions="inbound",
    holds=people.is_unclear,
)

HISTORY = Tab(
    key=JOURNAL.key,
    title="tab_history",
    sheet_id=JOURNAL.sheet_id,
    columns=JOURNAL.columns,
    two_way=False,
    entity=JOURNAL.entity,
)

COLLEAGUES = Tab(
    key="staff",
    title="tab_colleagues",
    sheet_id=_STAFF,
    columns=(people.COLLEAGUE, *people.COUNTS),
    entity="staff",
    holds=people.counts,
)
