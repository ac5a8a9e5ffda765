"""The books of the archive: one for each year in which something was closed, two when one fills."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.instant import read, spell
from kartoteka.ports import Json, Store
from sync.columns import Span

COLLECTION, _ID = "archives", "archive"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the archive is.

    Attributes:
        day: the office's day on which it was brought up to date last.
        reached: what was closed before this moment was looked at.
        cursors: where the list of each kind and state goes on, as long as a day is not done.
        again: everything is looked at once more, because the office keeps closed records longer.
        starts: when each book begins, by its name: a year, or a year and a number.
    """

    day: str = ""
    reached: str = ""
    again: bool = False
    cursors: Mapping[str, str] = field(default_factory=dict)
    starts: Mapping[str, str] = field(default_factory=dict)

    def spans(self, zone: str) -> tuple[Span, ...]:
        """Return the time of each book, oldest first; each ends with its year, or at the next."""
        named = sorted((read(start), name) for name, start in self.starts.items())
        years = [read(_begins(int(name.partition("-")[0]) + 1, zone)) for _, name in named]
        ends = [*(start for start, _ in named[1:]), *years[-1:]]
        return tuple(
            Span(start, min(end, year), name)
            for (start, name), end, year in zip(named, ends, years, strict=True)
        )

    def with_years(self, moments: Iterable[datetime], zone: str) -> "Progress":
        """Return the progress with a book for every year in which one of these moments lies."""
        years = {moment.astimezone(ZoneInfo(zone)).year for moment in moments}
        lacking = {str(year): _begins(year, zone) for year in years if str(year) not in self.starts}
        return replace(self, starts={**self.starts, **lacking})

    def split(self, name: str, at: datetime) -> "Progress":
        """Return the progress with a further book behind a full one: `2026` and then `2026-2`."""
        year, _, part = name.partition("-")
        further = f"{year}-{int(part or 1) + 1}"
        return replace(self, starts={**self.starts, further: spell(at)})


def _begins(year: int, zone: str) -> str:
    return spell(datetime(year, 1, 1, tzinfo=ZoneInfo(zone)))


def progress(store: Store) -> Progress:
    """Return how far the archive is; at the beginning when it never was looked at."""
    doc = store.get(COLLECTION, _ID) or {}
    return Progress(
        day=str(doc.get("day", "")),
        reached=str(doc.get("reached", "")),
        again=bool(doc.get("again")),
        cursors=_words(doc.get("cursors")),
        starts=_words(doc.get("starts")),
    )


def keep(store: Store, now: Progress) -> None:
    """Keep how far the archive is."""
    doc = asdict(now)
    store.run(lambda tx: tx.put(COLLECTION, _ID, doc))


def _words(value: Json) -> dict[str, str]:
    return {key: str(item) for key, item in value.items()} if isinstance(value, Mapping) else {}
