"""Series: texts one after another to one client, until they answer, buy or want no more; J8."""

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ClientId, StaffId, unguessable
from kartoteka.domain.mailing import BY_HAND, Series, SeriesMember, Step, series_member_id
from kartoteka.domain.model import Value
from kartoteka.ports import Query
from kartoteka.services.campaign_forms import ClientInSeries, ListSeries, SetSeries
from kartoteka.services.campaigns import check_mailing
from kartoteka.services.mailing_words import words_of
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

SHOWN = ("series_id", "client_id", "state", "why")


class SeriesShown(Value):
    """A series as people see it."""

    id: str
    name: str
    on: bool
    steps: tuple[Step, ...]
    leave_on_reply: bool
    leave_on_won: bool


class AllSeries(Value):
    """Every series of the office."""

    series: tuple[SeriesShown, ...]


def set_series(desk: Desk, actor: Actor, form: SetSeries, cause: str) -> SeriesShown:
    """Return the series as it is from now on; who is on the way gets the steps as they are then.

    Raises:
        NotAllowed: the actor does not write to many.
        Invalid: a step cannot be sent; see `mailing_words.words_of`.
    """
    settings, secret = desk.settings(), unguessable("cs")

    def work(unit: Unit) -> Series:
        check_mailing(actor, settings)
        known = unit.find(Series, form.series)
        steps = (Step(after=it.after, words=words_of(unit, settings, it)) for it in form.steps)
        unit.subject = form.series
        series = Series(
            id=form.series,
            name=form.name,
            steps=tuple(steps),
            on=form.on,
            leave_on_reply=form.leave_on_reply,
            leave_on_won=form.leave_on_won,
            author_id=StaffId(actor.id),
            secret=known.secret if known is not None else secret,
            updated_at=unit.now,
        )
        unit.keep(series, shown=("name", "on", "author_id"))
        return series

    return shown(transact(desk.store, actor, cause, desk.now(), work=work))


def listed(desk: Desk, actor: Actor, form: ListSeries, cause: str) -> AllSeries:
    """Return every series of the office.

    Raises:
        NotAllowed: the actor does not write to many.
    """
    del form, cause  # nothing to choose, nothing is written
    check_mailing(actor, desk.settings())
    found = desk.store.query(Query(Series.collection))
    return AllSeries(series=tuple(shown(Series.model_validate(hit.doc)) for hit in found))


def start(desk: Desk, actor: Actor, form: ClientInSeries, cause: str) -> SeriesMember:
    """Return the client's place in the series; the same cause, or one on the way, changes nothing.

    Raises:
        NotAllowed: the client is somebody else's. NotFound: there is no such series or client.
        Invalid: the series is switched off.
    """
    settings = desk.settings()

    def work(unit: Unit) -> SeriesMember:
        client = follow(unit, form.client)
        check(unit.actor, Operation.CHANGE, client, within=settings)
        series = unit.need(Series, form.series)
        if not series.on:
            raise Invalid("it is off", fields={"series": "series_off"}, code="series_off")
        known = unit.find(SeriesMember, series_member_id(series.id, client.id))
        if known is not None and (known.state == "active" or known.cause == cause):
            return known
        member = SeriesMember(
            id=series_member_id(series.id, client.id),
            series_id=series.id,
            client_id=ClientId(client.id),
            run=known.run + 1 if known is not None else 1,
            due_at=settings.office.work.add(unit.now, series.steps[0].after),
            started_at=unit.now,
            cause=cause,
        )
        return _kept(unit, member)

    return transact(desk.store, actor, cause, desk.now(), work=work)


def stop(desk: Desk, actor: Actor, form: ClientInSeries, cause: str) -> SeriesMember:
    """Return the client's place, left: nothing of the series is sent any more.

    Raises:
        NotAllowed: the client is somebody else's. NotFound: the client is not in the series.
    """
    settings = desk.settings()

    def work(unit: Unit) -> SeriesMember:
        client = follow(unit, form.client)
        check(unit.actor, Operation.CHANGE, client, within=settings)
        member = unit.need(SeriesMember, series_member_id(form.series, client.id))
        if member.state == "left":
            return member
        return _kept(unit, member.ended("left", BY_HAND, unit.now))

    return transact(desk.store, actor, cause, desk.now(), work=work)


def shown(series: Series) -> SeriesShown:
    """Return the series without what keeps its unsubscribe addresses unguessable."""
    return SeriesShown.model_validate(series.model_dump(include=set(SeriesShown.model_fields)))


def _kept(unit: Unit, member: SeriesMember) -> SeriesMember:
    unit.subject = member.client_id
    unit.keep(member, shown=SHOWN)
    return member
