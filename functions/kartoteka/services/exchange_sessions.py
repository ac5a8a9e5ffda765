"""Sessions of 1C: begun with a password, kept in the store, so that any instance goes on; A11."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.exchange import MOST_FAULTS, Exchange, ExchangeSession, FileState
from kartoteka.domain.ids import derived, fresh
from kartoteka.ports import Query
from kartoteka.services.exchange_files import discard
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

ACTOR = Actor(kind=ActorKind.CHANNEL, id="commerceml")
CAUSE = "exchange"
LASTS = timedelta(hours=24)  # since its last call
_COOKIE_BYTES = 24


def throw_away_old(desk: Desk) -> int:
    """Return how many sessions rested for a day and are gone with their files."""
    now = desk.now()
    hits = desk.store.query(Query(ExchangeSession.collection))
    found = [ExchangeSession.model_validate(hit.doc) for hit in hits]
    old = [session for session in found if now - session.touched_at > LASTS]
    for session in old:
        forget(desk, session)
    return len(old)


def begin(desk: Desk, account: str, what: str) -> str:
    """Return the value that 1C shows with every call of its new session."""
    now = desk.now()
    cookie = secrets.token_urlsafe(_COOKIE_BYTES)
    made = ExchangeSession(
        id=_id(account, cookie), account=account, what=what, at=now, touched_at=now
    )
    keep(desk, made)
    return cookie


def find(desk: Desk, account: str, cookie: str) -> ExchangeSession | None:
    """Return the session behind a value; None when there is none or it rested for a day."""
    doc = desk.store.get(ExchangeSession.collection, _id(account, cookie)) if cookie else None
    session = None if doc is None else ExchangeSession.model_validate(doc)
    if session is None or desk.now() - session.touched_at > LASTS:
        return None
    return session


def keep(desk: Desk, session: ExchangeSession) -> ExchangeSession:
    """Return the session as it is kept now."""
    turned = session.model_copy(update={"touched_at": desk.now()})
    transact(desk.store, ACTOR, CAUSE, desk.now(), work=lambda unit: unit.keep(turned))
    return turned


def change(
    desk: Desk, session_id: str, work: Callable[[Unit, ExchangeSession], ExchangeSession]
) -> ExchangeSession:
    """Return the session as `work` leaves it, with all that `work` keeps, in one transaction."""

    def act(unit: Unit) -> ExchangeSession:
        session = unit.need(ExchangeSession, session_id)
        turned = work(unit, session).model_copy(update={"touched_at": unit.now})
        unit.keep(turned)
        return turned

    return transact(desk.store, ACTOR, CAUSE, desk.now(), work=act)


def emptied(desk: Desk, session: ExchangeSession, version: str) -> ExchangeSession:
    """Return the session without the files that came before: 1C begins anew."""
    for file in session.files.values():
        discard(desk.store, session.id, file)
    update = {"files": {}, "version": version, "whole": False, "swept": False}
    return keep(desk, session.model_copy(update=update))


def forget(desk: Desk, session: ExchangeSession) -> None:
    """Delete a session with its files; repeating it is harmless."""
    for file in session.files.values():
        discard(desk.store, session.id, file)
    desk.store.run(lambda tx: tx.delete(ExchangeSession.collection, session.id))


def with_file(session: ExchangeSession, file: FileState) -> ExchangeSession:
    """Return the session with this file in place of the one of its name."""
    return session.model_copy(update={"files": {**session.files, file.name: file}})


def begun_exchange(unit: Unit, account: str, what: str, file: str) -> Exchange:
    """Return a new line of «Обмены»; nothing is saved."""
    return Exchange(
        id=fresh("xc"), channel=ACTOR.id, account=account, what=what, file=file, at=unit.now
    )


def counted(exchange: Exchange, counts: Mapping[str, int], faults: Sequence[str]) -> Exchange:
    """Return the line with what came further."""
    names = ("received", "created", "updated", "unchanged", "errors")
    update: dict[str, object] = {
        name: getattr(exchange, name) + counts.get(name, 0) for name in names
    }
    update["faults"] = (*exchange.faults, *faults)[:MOST_FAULTS]
    return exchange.model_copy(update=update)


def _id(account: str, cookie: str) -> str:
    return derived("xs", account, cookie)
