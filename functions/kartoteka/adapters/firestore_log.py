"""A log in the order of its commits, with no entry skipped.

Firestore cannot order by commit time, and the server timestamp that an entry stores
(`committed_at`) is taken when the commit request arrives, in milliseconds: an entry that becomes
visible later can carry an earlier one. What orders commits exactly is the record's creation time,
which is the commit's own timestamp and which every answer carries. So `committed_at` only narrows
the search, and creation time with the id decides:

- A position is the creation time and id of the entry last returned.
- The search starts `SETTLING` before the position, longer than any commit takes, and drops what
  is not behind the position. A late entry lies inside this span, whatever its `committed_at`.
- It ends when no unread entry can be older than the last one to be returned.
- All shards are read by one query, and nothing committed after the first answer was made is
  returned, so a second answer cannot overtake an entry that the first could not see yet. Reads
  are strong: whatever is not visible in the first answer will be created later than it.

While one process reads page by page, it remembers how far back undelivered entries can lie, so
that a long log is not read again and again from `SETTLING` before each page.

A database restored from an export has new creation times; there `committed_at` itself is used.
An entry that came from a backup of ours has a made-up one, long past, which tells its number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.cloud.firestore import FieldFilter, Query

from kartoteka.adapters.firestore_client import NO_RETRY, Client, Effort, patiently
from kartoteka.adapters.firestore_documents import Snapshot, plain, record_id
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import read, spell
from kartoteka.ports import LogEntry

SETTLING = timedelta(seconds=60)
_CLOCK_SKEW = timedelta(seconds=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_RESTORED_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
_APART = timedelta(seconds=2)  # more than the skew, so that one batch tells the order of a page
_SMALLEST_BATCH = 100
_LARGEST_BATCH = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point in the order of commits."""

    moment: datetime
    id: str

    @property
    def text(self) -> str:
        return f"{spell(self.moment)} {self.id}"


@dataclass(frozen=True, slots=True)
class _Seen:
    place: Place
    arrived: datetime
    snapshot: Snapshot

    @property
    def entry(self) -> LogEntry:
        return LogEntry(self.place.id, plain(self.snapshot), self.place.text)


def restored_at(number: int) -> datetime:
    """Return the `committed_at` of the entry that had this number in a backup, from 1 on."""
    moment = _BEGINNING + number * _APART
    if moment >= _RESTORED_BEFORE:
        raise Invalid(f"a log cannot have an entry with the number {number}")
    return moment


def restored_position(number: int, entry_id: str) -> str:
    """Return the position of an entry that came from a backup."""
    return Place(restored_at(number), entry_id).text


def number_of(position: str) -> int | None:
    """Return the number that the entry at this position had in a backup, None for a new one."""
    moment = _place(position).moment
    return (moment - _BEGINNING) // _APART if moment < _RESTORED_BEFORE else None


class LogReader:
    """Reads the logs of one database."""

    def __init__(self, client: Client, *, log_shards: int, patience_s: float) -> None:
        self._client = client
        self._shards = list(range(log_shards))
        self._patience_s = patience_s
        self._floors: dict[str, tuple[Place, datetime]] = {}

    def entries(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        """Return up to `limit` entries behind the position, in commit order."""
        if limit < 1:
            raise Invalid(f"limit {limit}: use a positive number")
        place = Place(_BEGINNING, "") if after is None else _place(after)
        since = self._since(log, place)
        fresh, horizon, reached = self._gathered(log, since, place, limit)
        chosen = [seen for seen in fresh[:limit] if seen.place.moment <= horizon]
        if chosen:
            left = [seen.arrived for seen in fresh[len(chosen) :]]
            floor = min([*left, reached, horizon - SETTLING])
            self._floors[log] = (chosen[-1].place, floor)
        return [seen.entry for seen in chosen]

    def head(self, log: str) -> str | None:
        """Return the position of the newest entry.

        The entry that arrived last is near the newest; all that can be newer arrived within
        `SETTLING` before its creation.
        """
        latest = self._read(self._query(log, Query.DESCENDING).limit(1))
        if not latest:
            return None
        since = _seen(latest[0]).place.moment - SETTLING
        return max(_seen(snapshot).place for snapshot in self._all(log, since)).text

    def _since(self, log: str, place: Place) -> datetime:
        known, floor = self._floors.get(log, (None, _BEGINNING))
        if known == place:
            return floor
        return max(_BEGINNING, place.moment - SETTLING)

    def _gathered(
        self, log: str, since: datetime, place: Place, limit: int
    ) -> tuple[list[_Seen], datetime, datetime]:
        """Return the entries behind the place in commit order, enough to know the first ones.

        Also the moment of the first answer, and how far the search has read (by arrival).
        """
        fresh: list[_Seen] = []
        horizon = reached = since
        for number, batch in enumerate(self._batches(log, since, limit)):
            seen = [_seen(snapshot) for snapshot in batch]
            horizon = _micros(batch[0].read_time) if number == 0 else horizon
            reached = seen[-1].arrived
            fresh = sorted([*fresh, *(s for s in seen if s.place > place)], key=lambda s: s.place)
            if len(fresh) >= limit and fresh[limit - 1].place.moment + _CLOCK_SKEW < reached:
                break
        return fresh, horizon, reached

    def _all(self, log: str, since: datetime) -> Iterator[Snapshot]:
        for batch in self._batches(log, since, _LARGEST_BATCH):
            yield from batch

    def _batches(self, log: str, since: datetime, limit: int) -> Iterator[list[Snapshot]]:
        """Yield the entries that arrived since, in order of arrival, none of the lists empty."""
        size = min(max(limit + 1, _SMALLEST_BATCH), _LARGEST_BATCH)
        asked = self._query(log, Query.ASCENDING).limit(size)
        batch = self._read(asked.where(filter=FieldFilter("committed_at", ">=", since)))
        while batch:
            yield batch
            if len(batch) < size:
                return
            batch = self._read(asked.start_after(batch[-1]))

    def _query(self, log: str, way: str) -> Query:
        shards = FieldFilter("shard", "in", self._shards)
        asked = Query(self._client.collection(log)).where(filter=shards)
        return asked.order_by("committed_at", direction=way).order_by("__name__", direction=way)

    def _read(self, asked: Query) -> list[Snapshot]:
        return patiently(
            lambda call_s: list(asked.stream(retry=NO_RETRY, timeout=call_s)),
            Effort(self._patience_s),
        )


def _seen(snapshot: Snapshot) -> _Seen:
    arrived, created = _micros(snapshot.get("committed_at")), _micros(snapshot.create_time)
    moment = created if created - arrived <= SETTLING else arrived
    return _Seen(Place(moment, record_id(snapshot.id)), arrived, snapshot)


def _micros(moment: datetime) -> datetime:
    """Return the instant without the nanoseconds that the vendor's class carries beside it."""
    return datetime.fromtimestamp(0, UTC) + (moment - datetime.fromtimestamp(0, UTC))


def _place(position: str) -> Place:
    moment, _, name = position.partition(" ")
    try:
        return Place(read(moment), name)
    except ValueError as exc:
        raise Invalid("the log position is damaged: use one that read_log returned") from exc
