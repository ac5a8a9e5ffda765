"""A row that a person typed becomes a record, by the same command as everywhere else."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kartoteka.domain.change import Actor, Change
from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.domain.model import Entity
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import LOG
from sync.cells import moment_of, normal
from sync.columns import Frame, Tab, label
from sync.commands import in_words
from sync.plan import Row
from sync.settings_book.changing import added


@dataclass(frozen=True, slots=True)
class Welcome:
    """The record that a row became, or what has to be changed before it can be one."""

    record: str = ""
    why: str = ""


def welcome(
    desk: Desk, frame: Frame, place: tuple[Tab, Container[str]], row: Row, *, who: tuple[Actor, str]
) -> Welcome:
    """Return the record that the row became, or why it did not.

    Args:
        desk: what services work with.
        frame: the office.
        place: where it was typed (`adds` names the command), and the records that have a row there.
        row: as typed.
        who: the person, and the cause to give.

    Raises:
        Transient: the store does not answer; the whole flush is repeated.
    """
    tab = place[0]
    cells = {key: normal(cell).strip() for key, cell in row.cells.items()}
    try:
        if tab.lists is not None:
            return Welcome(added(desk, frame, place, row, who=who))
        given = _FORMS[tab.adds](cells, row, (desk, frame))
        record = execute(COMMANDS, desk, who[0], tab.adds, given=given, cause=who[1])
    except (Rejected, Conflict) as exc:
        return Welcome(why=in_words(exc, frame, ""))
    return Welcome(record.id if isinstance(record, Entity) else "")


def made_by(store: Store, tab: Tab, cause: str) -> str:
    """Return the record of a tab's kind that was made for this cause; empty when none was."""
    where, order = (Where("cause", "==", cause),), (Order("at", descending=True),)
    for hit in store.query(Query(LOG, where, order, limit=1)):
        parts = Change.model_validate(hit.doc).parts
        return next((it.id for it in parts if it.entity == tab.entity and it.before is None), "")
    return ""


_Cells = Mapping[str, str]
_Place = tuple[Desk, Frame]
_Given = dict[str, JsonValue]


def _person(cells: _Cells) -> _Given:
    """Return name, telephone number and address; either may stand in the one column there is."""
    reach = cells.get("phone", "")
    email = cells.get("email", "") or (reach if "@" in reach else "")
    given: _Given = {"name": cells.get("name", ""), "phone": "" if "@" in reach else reach}
    return {**given, "email": email}


def _lead(cells: _Cells, _row: Row, place: _Place) -> _Given:
    given = _person(cells) | {"note": cells.get("note", ""), "source": cells.get("source", "")}
    owner = cells.get("owner", "").casefold()
    settings = place[1].settings
    named = {label(p, settings).casefold(): str(p.id) for p in settings.staff if p.active}
    return given | {"owner": named.get(owner, owner)}


def _client(cells: _Cells, _row: Row, _place: _Place) -> _Given:
    return _person(cells) | {"company": cells.get("company", "")}


def _task(cells: _Cells, row: Row, place: _Place) -> _Given:
    """Return a task of one's own; without a date it is due at the end of the next day.

    Raises:
        Invalid: it is for a colleague or about a client: that is said in the client's row.
    """
    desk, frame = place
    if cells.get("client") or cells.get("who", "").casefold() not in {"", _called(frame)}:
        raise Invalid("a task about a client, or for a colleague", code="task_row_own")
    zone = frame.settings.office.work.zone
    due = moment_of(row.cells.get("due", ""), zone)
    tomorrow = (desk.now() + timedelta(days=1)).astimezone(ZoneInfo(zone)).date()
    said = due.isoformat() if due is not None else tomorrow.isoformat()
    return {"title": cells.get("what", ""), "due": said, "personal": True}


def _called(frame: Frame) -> str:
    """Return how the reader of the book is called in its cells."""
    reader = frame.settings.person(frame.reader.id)
    return label(reader, frame.settings).casefold() if reader is not None else ""


_FORMS: Mapping[str, Callable[[_Cells, Row, _Place], _Given]] = {
    "client.add": _client,
    "lead.add": _lead,
    "task.create": _task,
}
