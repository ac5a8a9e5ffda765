"""Notices that did not get out: shown with the reason, and sent again when a person asks."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Notice, Staff, Value
from kartoteka.domain.notice_rules import NoticePost
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.notice_delivery import LOST, STALE, hand_over, post_id
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

_MOST = 200
_WAYS = ("telegram", "chat", "mail")


class ShowFailed(Value):
    """Show the notices that did not get out in the last days: yours; all if you set up people."""

    days: int = Field(default=7, ge=1, le=90)


class RepeatNotice(Value):
    """Send a notice again that did not get out; it may be two days old."""

    notice: Id


class LeaveNotice(RepeatNotice):
    """Leave a notice that did not get out: it goes out of the failures."""


class FailedNotice(Value):
    """A notice on a way on which it did not get out."""

    notice: str
    person: str
    way: str
    state: str
    why: str
    at: AwareDatetime


class FailedNotices(Value):
    """Notices that did not get out, the newest first."""

    notices: tuple[FailedNotice, ...]


def failed(desk: Desk, actor: Actor, form: ShowFailed, _cause: str) -> FailedNotices:
    """Return the notices that did not get out, of the actor or of everybody, at most 200."""
    posts = lost(desk.store, desk.now() - timedelta(days=form.days))
    every = _sets_up(desk, actor)
    told = (_shown(post) for post in posts if every or post.staff_id == actor.id)
    return FailedNotices(notices=tuple(told))


def lost(store: Store, since: datetime) -> Iterator[NoticePost]:
    """Yield the posts of notices that did not get out since a moment, the newest first."""
    where = (Where("state", "in", tuple(sorted(LOST))), Where("at", ">=", spell(since)))
    query = Query(NoticePost.collection, where, (Order("at", descending=True),), _MOST)
    return (NoticePost.model_validate(hit.doc) for hit in store.query(query))


def repeat(desk: Desk, actor: Actor, form: RepeatNotice, cause: str) -> Notice:
    """Return the notice, on its way again; ways that took it are left out.

    Raises:
        NotFound: there is none. NotAllowed: it is somebody else's and you set up no people.
        Invalid: it is more than two days old, or it was seen.
    """

    def work(unit: Unit) -> Notice:
        notice = unit.need(Notice, form.notice)
        if notice.staff_id != actor.id and not _sets_up(desk, actor):
            raise NotAllowed("the notice is for somebody else", code="notice_foreign")
        if notice.seen_at is not None or desk.now() - notice.at > STALE:
            raise Invalid("it is seen or too old", fields={"notice": "over"}, code="notice_over")
        _put(unit, notice, "tried")
        return notice

    notice = transact(desk.store, actor, cause, desk.now(), work=work)
    hand_over(desk, notice, again=spell(desk.now()))
    return notice


def leave(desk: Desk, actor: Actor, form: LeaveNotice, cause: str) -> Notice:
    """Return the notice; it is not sent again and shown no more as failed.

    Raises:
        NotFound: there is none. NotAllowed: it is somebody else's and you set up no people.
    """

    def work(unit: Unit) -> Notice:
        notice = unit.need(Notice, form.notice)
        if notice.staff_id != actor.id and not _sets_up(desk, actor):
            raise NotAllowed("the notice is for somebody else", code="notice_foreign")
        _put(unit, notice, "left")
        return notice

    return transact(desk.store, actor, cause, desk.now(), work=work)


def _put(unit: Unit, notice: Notice, state: str) -> None:
    """Take the notice out of the failures on every way."""
    posts = unit.find_many(NoticePost, [post_id(notice.id, way) for way in _WAYS])
    for post in posts.values():
        if post.state in LOST:
            unit.keep(post.model_copy(update={"state": state, "why": ""}), shown=("state",))


def _shown(post: NoticePost) -> FailedNotice:
    return FailedNotice(
        notice=post.notice_id,
        person=post.staff_id,
        way=post.way,
        state=post.state,
        why=post.why,
        at=post.at,
    )


def _sets_up(desk: Desk, actor: Actor) -> bool:
    return can(actor, Operation.CHANGE, Staff, field="name", within=desk.settings())


NOTICE_PARKING: Registry = {
    "notice.failed": Command("show notices that did not get out", ShowFailed, failed),
    "notice.leave": Command("leave a notice that did not get out", LeaveNotice, leave),
    "notice.repeat": Command("send a notice again that did not get out", RepeatNotice, repeat),
}
