"""The team's book: requests, tasks and the journal, for those who may see all of them."""

from sync.columns import Column, Entry, Kind, Tab, View
from sync.shelf import errands, requests
from sync.shelf.lately import lately

LEADS = Tab(
    key="leads",
    title="tab_leads",
    sheet_id=1001,
    columns=(
        requests.NAME,
        requests.PHONE,
        requests.STAGE,
        requests.OWNER,
        requests.NEXT,
        requests.DUE,
        requests.SOURCE,
        requests.NOTE,
        requests.CREATED,
    ),
    entity="lead",
    adds="lead.add",
    closed=lately,
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
    ),
    entity="task",
    adds="task.create",
    closed=lately,
)


def _entry(view: View) -> Entry:
    if view.entry is None:
        raise TypeError("a row of the journal is made of an entry")
    return view.entry


JOURNAL = Tab(
    key="journal",
    title="tab_journal",
    sheet_id=1003,
    columns=(
        Column("at", "at", 125, lambda view, frame: frame.date(_entry(view).at), Kind.DATE),
        Column("by", "by", 150, lambda view, _: _entry(view).who),
        Column("did", "did", 190, lambda view, _: _entry(view).what),
        Column("about", "about", 190, lambda view, _: _entry(view).about),
        Column("change", "change", 420, lambda view, _: _entry(view).change),
    ),
    two_way=False,
    entity="entry",
)

TWO_WAY: tuple[Tab, ...] = (LEADS, TASKS)
TABS: tuple[Tab, ...] = (*TWO_WAY, JOURNAL)
