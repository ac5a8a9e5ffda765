"""`GET /api/health`: is the office keeping up?"""

from dataclasses import asdict

from kartoteka.http import Call, Reply, json_reply
from kartoteka.i18n import LOCALES
from kartoteka.services.health import examine, words
from kartoteka.wiring import App


def health(call: Call, app: App) -> Reply:
    """Return ages and lags in words and in numbers (seconds); 503 when something is stuck.

    `?lang=en` or `?lang=ru` chooses the words, the office's language otherwise.
    """
    found = examine(app.desk)
    asked = call.param("lang")
    locale = asked if asked in LOCALES else app.desk.settings().office.locale
    body = {
        "ok": found.ok,
        "words": words(found, locale),
        "channels": {name: {"newest_age_s": _rounded(age)} for name, age in found.newest_s.items()},
        "consumers": {name: asdict(lag) for name, lag in found.lags.items()},
        "oldest_timer_late_s": _rounded(found.timer_late_s),
        "oldest_task_late_s": _rounded(found.task_late_s),
        "newest_backup_age_s": _rounded(found.backups.newest_s),
        "full_books_percent": found.full_books,
        "late_books_s": {key: _rounded(book.seconds) for key, book in found.late_books.items()},
        "troubled_accounts": [asdict(account) for account in found.accounts],
        "tested_backup_age_s": _rounded(found.backups.tested_s),
    }
    return json_reply(body, 200 if found.ok else 503, ok=found.ok)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
