"""Tables inside a page of HTML, as rows of texts."""

from html.parser import HTMLParser

_BLOCKS = {"p", "div", "li", "h1", "h2", "h3", "h4"}
_WIDEST = 100


def rows_of_page(text: str) -> list[list[str]]:
    """Return the rows of every table of a page; without tables, each block is a row of one cell.

    Args:
        text: HTML, however broken.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.rows()


class _Reader(HTMLParser):
    """Gathers cells; text outside tables is kept apart, by blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._rows: list[list[str]] = []
        self._blocks: list[str] = [""]
        self._in_cell = False
        self._span = 1

    def rows(self) -> list[list[str]]:
        tables = [[" ".join(cell.split()) for cell in row] for row in self._rows if row]
        blocks = [" ".join(block.split()) for block in self._blocks]
        return tables or [[block] for block in blocks if block]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._open_cell(dict(attrs).get("colspan") or "1")
        elif tag == "br":
            self.handle_data(" ")
        elif tag in _BLOCKS and not self._in_cell:
            self._blocks.append("")

    def _open_cell(self, span: str) -> None:
        if not self._rows:
            self._rows.append([])
        wide = int(span) if span.isdecimal() and int(span) < _WIDEST else 1
        self._span = max(wide, 1)
        self._rows[-1] += [""] * self._span
        self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self._rows[-1][-self._span] += data
        else:
            self._blocks[-1] += data
