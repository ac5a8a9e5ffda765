"""The regular look: finds edits that nobody reported, and wakes consumers that lag.

When nothing changed it costs one Drive call. Drive's version of the file also moves by our own
writes; the look that follows then finds everything right, which is how a write is verified.
"""

import math

from kartoteka.domain.errors import NotFound
from kartoteka.services.consume import lags
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books
from sync.sheets_mirror import look_soon

_SPAN_S = 30  # a look that was queued for a version is not queued again for so long


def reconcile(app: App) -> dict[str, object]:
    """Return what was asked for: drains of the consumers that lag, a look at the workbook.

    Raises:
        RateLimited, ProviderDown: Google does not answer; the next tick asks again.
    """
    late = [consumer for consumer in CONSUMERS.values() if lags(app.store, consumer.name)]
    for consumer in late:
        app.desk.waker.ask(consumer)
    version = _version(app)
    memory = books.recall(app.store)
    is_due = memory is None or not memory.spreadsheet_id or version != memory.looked
    if is_due:
        span = math.floor(app.clock.now().timestamp() / _SPAN_S)
        look_soon(app, "version", version, str(span), version=version)
    return {"late": [consumer.name for consumer in late], "look": is_due}


def _version(app: App) -> str:
    """Return Drive's version of the workbook, empty when there is none (any more)."""
    memory = books.recall(app.store)
    if memory is None or not memory.spreadsheet_id:
        return ""
    try:
        version = app.sheets.version(memory.spreadsheet_id)
    except NotFound:
        version = ""
    if not version:
        books.forget(app.store)
    return version
