"""An action chosen in a row is carried out once, and what came of it is said in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import LOG
from sync.actions.offering import Asked, Offer
from sync.actions.offers import OFFERS
from sync.columns import Frame, Tab
from sync.commands import Wish, in_words


def act(desk: Desk, frame: Frame, tab: Tab, wish: Wish) -> str:
    """Return how the action that a person chose ended: done, or why not.

    The cause names this one choice: if the log has a change with it, the action was done by a
    flush that died before it could say so, and is not done again.

    Raises:
        Transient: the store does not answer; the whole flush is repeated.
    """
    now = desk.now()
    try:
        what = _done(desk, frame, tab, wish)
    except (Rejected, Conflict) as exc:
        why = in_words(exc, frame, wish.typed)
        return frame.say("outcome_refused", time=_clock(now, frame), why=why)
    return frame.say("outcome_done", time=_clock(now, frame), what=what)


def _done(desk: Desk, frame: Frame, tab: Tab, wish: Wish) -> str:
    offer, argument = _meant(wish.typed, tab, frame)
    if _was_done(desk, wish.cause):
        return wish.typed.strip(" :")
    name, fields = offer.make(Asked(wish.view, argument, frame, desk.now()))
    try:
        found = execute(COMMANDS, desk, wish.actor, name, given=fields, cause=wish.cause)
    except Rejected as exc:
        if argument or not offer.lacking or exc.code != offer.lacking:
            raise
        more = f"act_{offer.code}_more"
        raise Rejected(str(exc), code=more, **exc.facts) from exc
    return offer.answer(found, frame) if offer.answer is not None else wish.typed.strip(" :")


def _meant(typed: str, tab: Tab, frame: Frame) -> tuple[Offer, str]:
    """Return the action and its argument: the action with the longest name that fits."""
    said = typed.strip()
    named = [(offer.name(frame), offer) for offer in OFFERS[tab.actions]]
    for name, offer in sorted(named, key=lambda pair: -len(pair[0])):
        rest = said[len(name) :]
        if said.casefold().startswith(name.casefold()) and (not rest or rest[0] in " :"):
            argument = rest.strip(" :")
            if not argument and (offer.needs or offer.options is not None):
                raise Invalid("say more", code="action_needs", name=name)
            return offer, argument
    raise Invalid("there is no such action", code="action_unknown")


def _was_done(desk: Desk, cause: str) -> bool:
    query = Query(LOG, (Where("cause", "==", cause),), (Order("at", descending=True),), limit=1)
    return any(True for _ in desk.store.query(query))


def _clock(now: datetime, frame: Frame) -> str:
    return now.astimezone(ZoneInfo(frame.settings.office.work.zone)).strftime("%H:%M")
