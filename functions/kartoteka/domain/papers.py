"""Technical papers by category of goods: what a rule attaches to a deal; J6."""

from urllib.parse import urlsplit

from pydantic import Field

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value

_MOST = 20
_LONGEST = 500


class Paper(Value):
    """One paper: a file of ours by its key, or an https address such as of a file in Drive."""

    name: str = Field(min_length=1, max_length=200)
    ref: str = Field(min_length=1, max_length=_LONGEST, examples=["https://drive.google.com/…"])


class CategoryPapers(Value):
    """The papers that belong to a category of goods, however its name is spelled."""

    category: str = Field(min_length=1, max_length=_LONGEST)
    papers: tuple[Paper, ...] = Field(max_length=_MOST)


def papers_of(table: tuple[CategoryPapers, ...], category: str) -> tuple[Paper, ...]:
    """Return the papers of a category, none when the table has no such row."""
    wanted = category.strip().casefold()
    found = (it.papers for it in table if it.category.strip().casefold() == wanted)
    return next(found, ())


def check_papers(table: tuple[CategoryPapers, ...]) -> None:
    """Refuse papers that cannot be opened.

    Raises:
        Invalid: an address is not https, or a category stands twice; names the place.
    """
    known = [it.category.strip().casefold() for it in table]
    for at, row in enumerate(table):
        if known.index(known[at]) != at:
            raise _unfit(f"papers.{at}.category", row.category)
        for paper in row.papers:
            parts = urlsplit(paper.ref)
            if "://" in paper.ref and (parts.scheme != "https" or not parts.hostname):
                raise _unfit(f"papers.{at}.ref", paper.ref)


def _unfit(where: str, what: str) -> Invalid:
    return Invalid(
        f"{where}: {what!r}", fields={where: "papers_unfit"}, code="papers_unfit", what=what
    )
