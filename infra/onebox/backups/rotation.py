"""Which of the dated backups of a folder are kept: 7 days, 4 weeks, 12 months."""

import re
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime
from pathlib import Path

DAYS, WEEKS, MONTHS = 7, 4, 12
_NAME = "office-%Y-%m-%dT%H%M%SZ.backup"
_NAMED = re.compile(r"office-\d{4}-\d\d-\d\dT\d{6}Z\.backup")


def file_name(moment: datetime) -> str:
    """Return the name of a backup made at this moment; names sort by age."""
    return moment.astimezone(UTC).strftime(_NAME)


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Return the newest of each of the last 7 days, 4 weeks and 12 months that have any.

    Days, weeks and months are those of UTC.
    """
    newest_first = sorted({moment.astimezone(UTC) for moment in moments}, reverse=True)
    return {
        *_newest_of_each(newest_first, lambda m: m.date(), DAYS),
        *_newest_of_each(newest_first, lambda m: m.isocalendar()[:2], WEEKS),
        *_newest_of_each(newest_first, lambda m: (m.year, m.month), MONTHS),
    }


def outdated(folder: Path) -> list[Path]:
    """Return the backups of the folder that need not be kept; files named otherwise are not."""
    found = {_moment(path): path for path in folder.iterdir() if _NAMED.fullmatch(path.name)}
    return [found[moment] for moment in sorted(found.keys() - kept(found))]


def newest(folder: Path) -> Path | None:
    """Return the newest backup of the folder, None when there is none."""
    found = [path for path in folder.glob("*") if _NAMED.fullmatch(path.name)]
    return max(found, default=None, key=lambda path: path.name)


def _newest_of_each(
    newest_first: list[datetime], span: Callable[[datetime], Hashable], most: int
) -> list[datetime]:
    first: dict[Hashable, datetime] = {}
    for moment in newest_first:
        first.setdefault(span(moment), moment)
    return list(first.values())[:most]


def _moment(path: Path) -> datetime:
    return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)
