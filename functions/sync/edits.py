"""Reports of the sheet's add-on: who edited what; the mirror looks at once.

One report is one edit event, whatever its size. It is kept until the mirror has handled it, so
that the command is made in the name of the person who typed; the look itself goes through the
queue, for a workbook has one writer.
"""

from kartoteka.domain.errors import NotAllowed, NotFound
from kartoteka.domain.ids import fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Role
from kartoteka.http import Call
from kartoteka.ports import Doc, Json
from kartoteka.wiring import App
from sync import books, trail
from sync.rounds.waiting import look_soon
from sync.trail import read_report

# Whose installed trigger is believed when it names another person as the editor.
_INSTALLERS = {Role.ADMIN, Role.DIRECTOR, Role.HEAD}


def receive(call: Call, app: App) -> dict[str, object]:
    """Keep a report and ask for a look.

    Raises:
        NotAuthentic: the token is not valid here. NotAllowed: its holder is not of this office.
        NotFound: the workbook is not ours. Malformed: the report has another shape.
    """
    holder = _holder(call, app)
    body = call.json()
    book = _book(app, body.get("workbook"))
    name = fresh("ed")
    if body.get("sheet_id") is not None:
        _keep(app, name, book, {**body, "user": _editor(app, holder, body)})
    look_soon(app, book, name)
    return {"accepted": name}


def _book(app: App, workbook: Json) -> str:
    known = books.known(app.store).values()
    found = (it.key for it in known if it.spreadsheet_id and it.spreadsheet_id == workbook)
    key = next(found, "")
    if not key:
        raise NotFound("this workbook is not ours", code="book_unknown")
    return key


def _keep(app: App, name: str, book: str, body: Doc) -> None:
    report = read_report(name, {**body, "at": spell(app.clock.now())})
    doc = report.doc(book)
    app.store.run(lambda tx: tx.put(trail.COLLECTION, name, doc))


def _holder(call: Call, app: App) -> str:
    """Return the address of who reports: active staff, or one of the installation's accounts."""
    holder = app.verifier.email(call.bearer()).strip().lower()
    if holder in _accounts(app) or app.desk.settings().by_email(holder) is not None:
        return holder
    raise NotAllowed("the holder of the token is not of this office", code="sheet_stranger")


def _accounts(app: App) -> set[str]:
    """Return the accounts of the installation: of the box's own hook, and the books' owner."""
    settings = app.settings
    return {settings.tasks_email.strip().lower(), settings.google_account.strip().lower()}


def _editor(app: App, holder: str, body: Doc) -> str:
    """Return who edited: the installation's accounts and a head's trigger may name another."""
    named = str(body.get("user") or "").strip().lower()
    if holder in _accounts(app):
        return named
    person = app.desk.settings().by_email(holder)
    return named if person is not None and person.role in _INSTALLERS else holder
