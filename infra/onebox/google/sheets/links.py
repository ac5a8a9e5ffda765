"""Where a cell leads: the link of its format, or the address inside a HYPERLINK formula."""

import re
from typing import Any

from onebox.google.sheets.cells import Cell, formula

_HYPERLINK = re.compile(r'=\s*HYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)


def linked(cell: Cell, style: dict[str, Any]) -> str:
    """Return the address that a cell links to as a whole, or an empty text."""
    found = _HYPERLINK.match(formula(cell) or "")
    if found:
        return found[1].replace('""', '"')
    return str(style.get("textFormat", {}).get("link", {}).get("uri", ""))
