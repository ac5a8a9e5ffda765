"""Columns of requests (leads), by key."""

from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Pipeline
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, View, name_of, people
from sync.merge import Winner
from sync.shelf.attached import files_of, marked
from sync.shelf.cards import card_of

_STAR = "★"


def reach_of(view: View, _frame: Frame) -> CellValue:
    """Return how the client is reached: telephone numbers, or else addresses."""
    if view.task is not None and view.task.phone:
        return view.task.phone
    if view.client is None:
        return ""
    return ", ".join(view.client.phones or view.client.emails)


def _stage(view: View, frame: Frame) -> CellValue:
    return frame.stage(view.lead.stage) if view.lead is not None else ""


def _owner(view: View, frame: Frame) -> CellValue:
    return frame.person(view.lead.owner_id) if view.lead is not None else ""


def _next_step(view: View, frame: Frame) -> CellValue:
    action = view.lead.next_action if view.lead is not None else None
    return marked(frame.say(f"task_{action.what}") if action is not None else "", view, frame)


def _next_due(view: View, frame: Frame) -> CellValue:
    return frame.date(view.lead.next_at if view.lead is not None else None)


def _source(view: View, _frame: Frame) -> CellValue:
    return view.lead.first_touch.name if view.lead is not None else ""


def _note(view: View, _frame: Frame) -> CellValue:
    return view.lead.note if view.lead is not None else ""


def _created(view: View, frame: Frame) -> CellValue:
    return frame.date(view.lead.created_at if view.lead is not None else None)


def _stars(view: View, _frame: Frame) -> CellValue:
    return _STAR * view.lead.priority if view.lead is not None else ""


def stages(frame: Frame) -> list[str]:
    """Return the names of the stages of requests in their order."""
    return [frame.named(stage) for stage in pipeline_of(frame.settings).stages]


def pipeline_of(settings: Settings) -> Pipeline:
    """Return the pipeline of requests."""
    return settings.office.leads


def stars(_frame: Frame) -> list[str]:
    """Return what may be chosen as priority."""
    return [_STAR * count for count in range(1, 4)]


def is_open_here(view: View, _frame: Frame) -> bool:
    """Return whether somebody still has to act on the request."""
    return view.lead is not None and is_open(view.lead)


def is_mine(view: View, frame: Frame) -> bool:
    """Return whether it is an open request of the reader or of who works in a pair with them."""
    lead = view.lead
    return lead is not None and is_open(lead) and lead.owner_id in frame.circle


def is_free(view: View, _frame: Frame) -> bool:
    """Return whether it is an open request that nobody has."""
    lead = view.lead
    return lead is not None and is_open(lead) and lead.owner_id is None


def is_new(view: View, _frame: Frame) -> bool:
    """Return whether nobody has acted on the request yet."""
    lead = view.lead
    return lead is not None and is_open(lead) and lead.touched_at is None


STARS = Column(
    "priority", "priority", 46, _stars, Kind.CHOICE,
    editable=True, winner=Winner.SHEET, choices=stars, reads=("lead.priority",),
)  # fmt: skip
NAME = Column(
    "name", "name", 190, name_of,
    editable=True, winner=Winner.SHEET, reads=("lead.name",), link=card_of,
)  # fmt: skip
PHONE = Column("phone", "phone", 130, reach_of, reads=("client.phones", "client.emails"))
STAGE = Column(
    "stage", "stage", 205, _stage, Kind.CHOICE,
    editable=True, choices=stages, reads=("lead.stage",),
)  # fmt: skip
OWNER = Column(
    "owner", "owner", 150, _owner, Kind.CHOICE,
    editable=True, winner=Winner.SHEET, choices=people, reads=("lead.owner_id",),
)  # fmt: skip
NEXT = Column("next", "next", 190, _next_step, reads=("lead.next_action",), link=files_of)
DUE = Column("due", "due", 125, _next_due, Kind.DATE, reads=("lead.next_at",))
SOURCE = Column("source", "source", 110, _source, reads=("lead.first_touch",))
NOTE = Column("note", "note", 260, _note, editable=True, winner=Winner.SHEET, reads=("lead.note",))
CREATED = Column("created", "created", 125, _created, Kind.DATE, reads=("lead.created_at",))
