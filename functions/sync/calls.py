"""What the queues and the scheduler ask of the mirrors, by its path."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from kartoteka.domain.errors import NotFound
from kartoteka.http import Call
from kartoteka.services import segments, statistics
from kartoteka.wiring import App
from sync import aging, calendar_mirror, contacts_mirror, reconcile, sheets_mirror

_Done = dict[str, object]


def do(call: Call, app: App) -> dict[str, object]:
    """Return what was done.

    Raises:
        NotFound: there is nothing of this name.
    """
    if call.path not in _CALLS:
        raise NotFound(f"there is nothing to sync at {'/'.join(call.path)}")
    return _CALLS[call.path](call, app)


def _sheets(call: Call, app: App) -> _Done:
    wish = call.json() if call.body else {}
    return aging.age(app) if aging.WISH in wish else asdict(sheets_mirror.answer(app, wish))


def _contacts(_: Call, app: App) -> _Done:
    return asdict(contacts_mirror.drain(app))


def _calendar(_: Call, app: App) -> _Done:
    return asdict(calendar_mirror.drain(app))


def _stats(_: Call, app: App) -> _Done:
    return asdict(statistics.drain(app.desk))


def _segments(_: Call, app: App) -> _Done:
    return asdict(segments.drain(app.desk))


def _reconcile(_: Call, app: App) -> _Done:
    return reconcile.reconcile(app)


_CALLS: Mapping[tuple[str, ...], Callable[[Call, App], _Done]] = {
    ("drain", "calendar"): _calendar,
    ("drain", "contacts"): _contacts,
    ("drain", "segments"): _segments,
    ("drain", "sheets"): _sheets,
    ("drain", "stats"): _stats,
    ("look", "calendar"): lambda _, app: calendar_mirror.look(app),
    ("look", "contacts"): lambda _, app: contacts_mirror.look(app),
    ("reconcile",): _reconcile,
}
