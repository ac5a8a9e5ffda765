"""Series walk by the tick: whose step is due gets a recipient, and waits for the next one."""

from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import ClientId
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import Recipient, Series, SeriesMember, recipient_id
from kartoteka.log import log
from kartoteka.ports import Query, Where
from kartoteka.services.campaign_running import hand_over_one
from kartoteka.services.office import Desk
from kartoteka.services.postings import ACTOR, LEASE
from kartoteka.services.series import SHOWN
from kartoteka.services.unit import Unit, transact

_MOST = 500  # steps a tick; the next tick goes on
_MOST_LOST = 100  # recipients of one series asked for again


def walk(desk: Desk) -> int:
    """Return how many steps were taken; each is one transaction, and a repeat takes it no twice."""
    where = (Where("state", "==", "active"), Where("due_at", "<=", spell(desk.now())))
    query = Query(SeriesMember.collection, where, limit=_MOST)
    due = [hit.id for hit in desk.store.query(query)]
    for name in due:
        _step(desk, name)
    return len(due) + _ask_again(desk)


def _step(desk: Desk, name: str) -> None:
    def work(unit: Unit) -> Recipient | None:
        member = unit.need(SeriesMember, name)
        if member.state != "active" or member.due_at > unit.now:
            return None
        series = unit.find(Series, member.series_id)
        if series is None or not series.on or member.step >= len(series.steps):
            _ended(unit, member, "left" if series is None or not series.on else "done")
            return None
        return _taken(unit, desk, series, member)

    recipient = transact(desk.store, ACTOR, f"series:{name}", desk.now(), work=work)
    if recipient is not None:
        _ask(desk, recipient)


def _taken(unit: Unit, desk: Desk, series: Series, member: SeriesMember) -> Recipient:
    """Return the recipient of this step; the next one is planned, or the series is through."""
    recipient = Recipient(
        id=recipient_id(series.secret, member.client_id, member.run, member.step),
        source="series",
        campaign_id=series.id,
        run=member.run,
        step=member.step,
        client_id=ClientId(member.client_id),
        medium=series.steps[member.step].words.medium,
        due_at=unit.now,
    )
    known = unit.find(Recipient, recipient.id)
    if known is None:
        unit.keep(recipient)
    following = member.step + 1
    if following >= len(series.steps):
        _ended(unit, member.model_copy(update={"step": following}), "done")
    else:
        after = series.steps[following].after
        due = desk.settings().office.work.add(unit.now, after)
        unit.keep(member.model_copy(update={"step": following, "due_at": due}))
    return known or recipient


def _ended(unit: Unit, member: SeriesMember, state: str) -> None:
    unit.subject = member.client_id
    why = "series_off" if state == "left" else ""
    unit.keep(member.ended(state, why, unit.now), shown=SHOWN)


def _ask(desk: Desk, recipient: Recipient, *, again: str = "") -> None:
    try:
        hand_over_one(desk, recipient.id, recipient.due_at, again=again)
    except Transient:
        log("warning", event="series_waits", recipient=recipient.id)


def _ask_again(desk: Desk) -> int:
    """Ask again for steps whose task was lost; returns how many."""
    before, count = spell(desk.now() - LEASE), 0
    for series in desk.store.query(Query(Series.collection)):
        where = (
            Where("campaign_id", "==", series.id),
            Where("state", "==", "planned"),
            Where("due_at", "<=", before),
        )
        query = Query(Recipient.collection, where, limit=_MOST_LOST)
        for hit in list(desk.store.query(query)):
            _ask(desk, Recipient.model_validate(hit.doc), again=f"{desk.now():%Y-%m-%d %H}")
            count += 1
    return count
