"""Every night in the cloud: Google exports the whole database into the office's bucket.

The export is a long operation of Google's, of the database as it was at one minute. This asks for
it and looks every few minutes whether it is done. Where it is put decides how long the bucket
keeps it: the first backup of a month goes to `monthly/`, another first of a week to `weekly/`, the
others to `daily/`, and each of these is emptied by age (`KEPT_DAYS`, the bucket's own rules).
"""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kartoteka.domain.errors import ConfigError, Rejected
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read, spell
from kartoteka.log import log
from kartoteka.ports import Doc, Exports, QueuedTask
from kartoteka.services.backups import COLLECTION, NEWEST, note_made
from kartoteka.services.office import Desk
from kartoteka.wiring import App

KEPT_DAYS = {"daily": 7, "weekly": 28, "monthly": 366}
_RUNNING = "running"
_LOOK = timedelta(minutes=5)
_GIVEN_UP = timedelta(hours=20)  # before the next night; Google keeps on, we ask anew
_Shelf = Literal["daily", "weekly", "monthly"]


def run(app: App) -> dict[str, object]:
    """Ask for the night's export, or look what became of it, and say so.

    Raises:
        ConfigError: no bucket is set, or Google refuses the installation.
        Transient: Google does not answer; the caller repeats.
    """
    desk, bucket = app.desk, app.settings.backup_bucket
    if not bucket:
        raise ConfigError("KARTOTEKA_BACKUP_BUCKET is missing: name the bucket of the backups")
    running = desk.store.get(COLLECTION, _RUNNING)
    if running is None or desk.now() - read(str(running["at"])) > _GIVEN_UP:
        return _begin(desk, app.exports, bucket)
    return _look(desk, app.exports, running)


def shelf(day: datetime, newest: Doc | None) -> _Shelf:
    """Return where the backup of this day belongs, by the note of the newest one."""
    month, week = _spans(day)
    if newest is None or newest.get("month") != month:
        return "monthly"
    return "daily" if newest.get("week") == week else "weekly"


def _begin(desk: Desk, exports: Exports, bucket: str) -> dict[str, object]:
    now = desk.now()
    # The minute before: Google exports whole minutes of the past.
    moment = (now - timedelta(minutes=1)).replace(second=0, microsecond=0)
    day = now.astimezone(ZoneInfo(desk.settings().office.work.zone))
    where = shelf(day, desk.store.get(COLLECTION, NEWEST))
    place = f"gs://{bucket}/{where}/{moment:%Y-%m-%dT%H%MZ}"
    month, week = _spans(day)
    note: Doc = {
        "at": spell(moment),
        "place": place,
        "month": month,
        "week": week,
        "operation": exports.begin(place, moment),
    }
    desk.store.run(lambda tx: tx.put(COLLECTION, _RUNNING, note))
    _look_again(desk)
    log("info", event="backup_begun", place=place)
    return {"running": place}


def _look(desk: Desk, exports: Exports, running: Doc) -> dict[str, object]:
    place = str(running["place"])
    try:
        done = exports.is_done(str(running["operation"]))
    except Rejected as exc:
        _forget(desk)
        log("error", event="backup_failed", place=place, detail=str(exc))
        return {"failed": place}
    if not done:
        _look_again(desk)
        return {"running": place}
    spans = {name: str(running[name]) for name in ("month", "week")}
    note_made(desk.store, read(str(running["at"])), place, **spans)
    _forget(desk)
    log("info", event="backup_made", place=place)
    return {"made": place}


def _forget(desk: Desk) -> None:
    desk.store.run(lambda tx: tx.delete(COLLECTION, _RUNNING))


def _look_again(desk: Desk) -> None:
    due = desk.now() + _LOOK
    name = derived("backup", f"{due:%Y-%m-%dT%H:%M}")
    desk.tasks.enqueue(QueuedTask("automation", name, "/automation/backup", {}, due))


def _spans(day: datetime) -> tuple[str, str]:
    year, week, _ = day.isocalendar()
    return f"{day:%Y-%m}", f"{year}-W{week:02}"
