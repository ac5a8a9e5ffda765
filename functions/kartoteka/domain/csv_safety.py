"""Text in a CSV file that no spreadsheet takes for a formula.

Rule: a cell that starts with = + - @ tab, carriage return or line feed (or the wide forms of these
signs) gets an apostrophe in front, as does one that already starts with apostrophes before such a
sign. No exception for telephone numbers: they too stay as they are in Excel. `plain` takes exactly
this apostrophe away again, so our own import reads back what our export wrote. XLSX needs no
rule: there a cell says itself that it is text.

Source: OWASP, «CSV Injection».
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def safe(text: str) -> str:
    """Return the text as a CSV cell that stays text."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def plain(cell: str) -> str:
    """Return the text behind a CSV cell that `safe` made; any other cell as it is."""
    return cell[1:] if _GUARDED.match(cell) else cell
