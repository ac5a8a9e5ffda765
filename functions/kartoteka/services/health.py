"""How far the office is behind: channels, consumers of the log, timers, tasks, backups."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kartoteka.domain.inbound import Inbound
from kartoteka.domain.instant import read
from kartoteka.domain.model import Task, Timer
from kartoteka.domain.phone_rules import PhoneRules
from kartoteka.i18n import channel, text
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services import backups, book_sizes, stuck_accounts
from kartoteka.services.consume import checkpoint
from kartoteka.services.late_books import LateBook, late, told
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG
from kartoteka.services.wake import CONSUMERS

LATE = timedelta(minutes=10)
MOST_COUNTED = 1000
_BOOKS = "sheets"  # the consumer that some books may be behind


@dataclass(frozen=True, slots=True)
class Lag:
    """What a consumer has not read yet: changes (counted up to 1,000) and the oldest one's age."""

    changes: int
    seconds: float

    @property
    def is_late(self) -> bool:
        """Return whether an operator must look."""
        return self.seconds > LATE.total_seconds()


@dataclass(frozen=True, slots=True)
class Health:
    """Ages in seconds; None when there is nothing to be old."""

    newest_s: dict[str, float | None]  # per channel: since its last event was processed
    lags: dict[str, Lag]  # per consumer
    timer_late_s: float  # how long the oldest timer is overdue
    task_late_s: float  # how long the oldest open task of a person is overdue
    backups: backups.Backups
    full_books: dict[str, int] = field(default_factory=dict)  # per cent of cells, by key
    late_books: dict[str, LateBook] = field(default_factory=dict)  # by key
    accounts: tuple[stuck_accounts.Account, ...] = ()  # phones and calendars in trouble
    phone_rules: PhoneRules = field(default_factory=PhoneRules)
    zone: str = "UTC"  # of the office: in it moments are told

    @property
    def ok(self) -> bool:
        """Return whether the machinery keeps up; people's own tasks are not its fault."""
        behind = any(lag.is_late for lag in self.lags.values())
        behind |= any(book.seconds > LATE.total_seconds() for book in self.late_books.values())
        unsafe = self.backups.is_late or self.backups.failed
        return not behind and not unsafe and self.timer_late_s <= LATE.total_seconds()


def examine(desk: Desk) -> Health:
    """Return how far the office is behind now."""
    now = desk.now()
    settings = desk.settings()
    channels = {account.channel for account in settings.accounts if account.active}
    channels |= {"form"} if settings.forms else set()
    return Health(
        newest_s={name: _newest(desk.store, name, now) for name in sorted(channels)},
        lags={name: lag(desk.store, name, now) for name in CONSUMERS},
        timer_late_s=_overdue(desk.store, Timer.collection, "pending", now),
        task_late_s=_overdue(desk.store, Task.collection, "open", now),
        backups=backups.examine(desk.store, now),
        full_books=book_sizes.filled(desk.store),
        late_books=late(desk.store, now),
        accounts=stuck_accounts.troubled(desk.store),
        phone_rules=settings.office.phones,
        zone=settings.office.work.zone,
    )


def lag(store: Store, consumer: str, now: datetime) -> Lag:
    """Return what the consumer has not read yet."""
    waiting = store.read_log(LOG, checkpoint(store, consumer), MOST_COUNTED)
    if not waiting:
        return Lag(0, 0.0)
    oldest = read(str(waiting[0].doc["at"]))
    return Lag(len(waiting), max(0.0, (now - oldest).total_seconds()))


def words(health: Health, locale: str) -> list[str]:
    """Return the same in sentences."""
    said = [
        text("health_silent", locale, channel=channel(name, locale))
        if age is None
        else text("health_channel", locale, channel=channel(name, locale), age=_span(age, locale))
        for name, age in health.newest_s.items()
    ]
    said += [_of_consumer(health, name, locale) for name in health.lags]
    for code, overdue in (("timer", health.timer_late_s), ("task", health.task_late_s)):
        if overdue:
            said.append(text(f"health_{code}", locale, age=_span(overdue, locale)))
    said += [
        text("health_book_full", locale, book=book, share=share)
        for book, share in health.full_books.items()
    ]
    said += [told(book, health.zone, locale) for book in health.late_books.values()]
    said += [stuck_accounts.told(it, health.phone_rules, locale) for it in health.accounts]
    return said + _words_of(health.backups, locale)


def _of_consumer(health: Health, name: str, locale: str) -> str:
    """Return how far one who follows the log is; books that wait are behind though it is not."""
    who, it = text(f"health_who_{name}", locale), health.lags[name]
    if it.changes:
        age = _span(it.seconds, locale)
        return text("health_behind", locale, who=who, count=it.changes, age=age)
    if name == _BOOKS and health.late_books:
        return text("health_some_late", locale, who=who, count=len(health.late_books))
    return text("health_level", locale, who=who)


def _words_of(kept: backups.Backups, locale: str) -> list[str]:
    """Return how old the newest backup is, and what is wrong with the backups."""
    if kept.newest_s is None:
        said = [text("health_no_backup", locale)]
    else:
        code = "health_backup_late" if kept.is_late else "health_backup"
        said = [text(code, locale, age=_span(kept.newest_s, locale))]
    if kept.failed:
        said.append(text("health_backup_failed", locale))
    elif kept.is_untested:
        said.append(text("health_backup_untested", locale))
    return said


def _newest(store: Store, channel: str, now: datetime) -> float | None:
    where = (Where("channel", "==", channel),)
    order = (Order("received_at", descending=True),)
    for found in store.query(Query(Inbound.collection, where, order, limit=1)):
        return max(0.0, (now - read(str(found.doc["received_at"]))).total_seconds())
    return None


def _overdue(store: Store, collection: str, state: str, now: datetime) -> float:
    query = Query(collection, (Where("state", "==", state),), (Order("due_at"),), limit=1)
    for found in store.query(query):
        return max(0.0, (now - read(str(found.doc["due_at"]))).total_seconds())
    return 0.0


def _span(seconds: float, locale: str) -> str:
    """Return a span as people say it: its largest unit, rounded down."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return text(f"span_{unit}", locale, count=int(seconds // length))
    return text("span_second", locale, count=int(seconds))
