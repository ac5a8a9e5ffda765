"""What clients do after a text to many: they answer, say stop, buy; read from the change log."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kartoteka.domain.change import Change, Part
from kartoteka.domain.instant import read
from kartoteka.domain.mail_merge import header
from kartoteka.domain.mailing import UNSUBSCRIBED, Recipient, Series, SeriesMember
from kartoteka.ports import Query, Where
from kartoteka.services import posting_ends
from kartoteka.services.office import Desk
from kartoteka.services.postings import ACTOR
from kartoteka.services.series import SHOWN
from kartoteka.services.unit import Unit, transact

WITHIN = timedelta(days=30)  # an answer or a deal later than this has another reason
_IDS = 30  # a query takes so many values
_STOP = frozenset({"стоп", "stop", "отписка", "отписаться", "unsubscribe"})
_LONGEST_STOP = 40


@dataclass
class _News:
    """What is new of each client: the first words, whether they want no more, deals, a win."""

    heard: dict[str, datetime] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    deals: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    won: set[str] = field(default_factory=set)

    @property
    def clients(self) -> list[str]:
        return sorted({*self.heard, *self.stopped, *self.deals, *self.won})


def follow(desk: Desk, changes: Iterable[Change]) -> int:
    """Return of how many clients something was kept; reading a change again changes nothing."""
    news = _News()
    for change in changes:
        for part in change.parts:
            _read(news, part, change)
    ids, count = news.clients, 0
    for at in range(0, len(ids), _IDS):
        portion = tuple(ids[at : at + _IDS])
        for recipient in _written_to(desk, portion):
            if _after(recipient, news) != recipient or _refuses(recipient, news):
                count += _note(desk, recipient.id, news)
        for member_id in _on_the_way(desk, portion):
            count += _leave(desk, member_id, news)
    return count


def _read(news: _News, part: Part, change: Change) -> None:
    after = part.after or {}
    if part.entity == "activity" and part.before is None and after.get("direction") == "in":
        _hear(news, after)
    elif part.entity == "deal" and part.before is None and after.get("client_id"):
        client = str(after["client_id"])
        news.deals.setdefault(client, (part.id, change.at))
    if part.entity == "deal" and after.get("state") == "won":
        news.won.add(str(after.get("client_id") or change.subject))


def _hear(news: _News, after: Mapping[str, object]) -> None:
    client, at = after.get("client_id"), after.get("at")
    if not isinstance(client, str) or not isinstance(at, str):
        return
    news.heard.setdefault(client, read(at))
    words = str(after.get("text") or "")
    if len(words) < _LONGEST_STOP and header(words).casefold().strip(".! ") in _STOP:
        news.stopped.add(client)


def _written_to(desk: Desk, clients: Sequence[str]) -> Iterator[Recipient]:
    where = (Where("client_id", "in", tuple(clients)), Where("state", "==", "sent"))
    found = list(desk.store.query(Query(Recipient.collection, where)))
    return (Recipient.model_validate(hit.doc) for hit in found)


def _on_the_way(desk: Desk, clients: Sequence[str]) -> Iterator[str]:
    where = (Where("client_id", "in", tuple(clients)), Where("state", "==", "active"))
    return (hit.id for hit in list(desk.store.query(Query(SeriesMember.collection, where))))


def _note(desk: Desk, recipient_id: str, news: _News) -> bool:
    """Keep that somebody who was written to answered, said stop or bought."""

    def work(unit: Unit) -> bool:
        recipient = unit.need(Recipient, recipient_id)
        changed = _after(recipient, news)
        if changed != recipient:
            unit.keep(changed)
        if _refuses(recipient, news):
            posting_ends.unsubscribed(unit, changed, UNSUBSCRIBED, unit.now)
        return changed != recipient

    return transact(desk.store, ACTOR, "answers", desk.now(), work=work)


def _refuses(recipient: Recipient, news: _News) -> bool:
    """Return whether a stop word is news for this recipient; letters have a button for it."""
    said = recipient.client_id in news.stopped and recipient.medium != "mail"
    return said and recipient.unsubscribed_at is None


def _after(recipient: Recipient, news: _News) -> Recipient:
    sent = recipient.sent_at
    heard = news.heard.get(recipient.client_id)
    deal, made = news.deals.get(recipient.client_id, ("", None))
    update: dict[str, object] = {}
    if recipient.answered_at is None and _within(sent, heard):
        update["answered_at"] = heard
    if recipient.deal_id is None and _within(sent, made):
        update["deal_id"] = deal
    return recipient.model_copy(update=update)


def _within(sent: datetime | None, moment: datetime | None) -> bool:
    return sent is not None and moment is not None and sent <= moment <= sent + WITHIN


def _leave(desk: Desk, member_id: str, news: _News) -> bool:
    """Take a client out of a series who answered or bought, if the series wants it so."""

    def work(unit: Unit) -> bool:
        member = unit.need(SeriesMember, member_id)
        series = unit.find(Series, member.series_id)
        why = _reason(member, series, news)
        if member.state != "active" or not why:
            return False
        unit.subject = member.client_id
        unit.keep(member.ended("left", why, unit.now), shown=SHOWN)
        return True

    return transact(desk.store, ACTOR, "answers", desk.now(), work=work)


def _reason(member: SeriesMember, series: Series | None, news: _News) -> str:
    if series is None:
        return "series_off"
    heard = news.heard.get(member.client_id)
    if member.client_id in news.stopped:
        return UNSUBSCRIBED
    if series.leave_on_reply and heard is not None and heard >= member.started_at:
        return "reply"
    return "won" if series.leave_on_won and member.client_id in news.won else ""
