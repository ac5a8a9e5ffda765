"""A visit of somebody we know: where they came from, which pages they looked at; A10."""

from pydantic import Field

from kartoteka.domain.model import Value


class Came(Value):
    """Where a visitor came from; every text is as the browser gave it."""

    page: str = ""
    referrer: str = ""
    tags: dict[str, str] = Field(default_factory=dict)  # utm_*, *clid, _ym_uid


class Page(Value):
    """One page that was looked at."""

    page: str
    title: str = ""


class Trail(Value):
    """One visit, and how the visitor first came to the site."""

    visit: str  # the browser's name of the visit: 16 hexadecimal digits
    first: Came = Came()
    last: Came = Came()
    pages: tuple[Page, ...] = ()  # the oldest first


def told(pages: tuple[Page, ...]) -> str:
    """Return the pages as lines, each once in the order of the first look."""
    lines = (f"{it.title} {it.page}".strip() for it in pages)
    return "\n".join(dict.fromkeys(filter(None, lines)))
