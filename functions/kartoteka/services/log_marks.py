"""Where each day of the change log begins, so that a look at one month does not read years."""

from datetime import timedelta

from kartoteka.ports import Query, Store, Tx
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG

_COLLECTION = "log_marks"
_KEPT = timedelta(days=40)


def mark(desk: Desk) -> None:
    """Note where the log ends now, once a day; forget what nobody looks back to."""
    head = desk.store.log_head(LOG)
    today, oldest = f"{desk.now():%Y-%m-%d}", f"{desk.now() - _KEPT:%Y-%m-%d}"
    old = [hit.id for hit in desk.store.query(Query(_COLLECTION)) if hit.id < oldest]

    def work(tx: Tx) -> None:
        if head is not None:
            tx.put(_COLLECTION, today, {"position": head})
        for name in old:
            tx.delete(_COLLECTION, name)

    desk.store.run(work)


def behind(store: Store, day: str) -> str | None:
    """Return a position of the log that is not behind the beginning of a day (ISO, UTC).

    None where no night of so long ago made a mark, or it was made in a store of the other kind
    (the office was restored elsewhere): the log is read from its beginning.
    """
    numbered = (store.log_head(LOG) or "").isdigit()
    known = (hit for hit in store.query(Query(_COLLECTION)) if hit.id < day)
    newest = max(known, key=lambda hit: hit.id, default=None)
    position = "" if newest is None else str(newest.doc["position"])
    return position if position and position.isdigit() == numbered else None
