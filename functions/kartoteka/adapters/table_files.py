"""Files of rows that people bring: what each is by its content, never by its name alone."""

import hashlib
from pathlib import Path

from kartoteka.adapters import csv_table, vcards, xlsx
from kartoteka.domain.errors import Invalid
from kartoteka.domain.table import Table

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_HEAD = 4096


def open_table(path: Path, *, encoding: str = "") -> Table:
    """Return the rows of a CSV, XLSX or vCard file.

    Args:
        path: the file.
        encoding: of a text file, when the one found would be wrong.

    Raises:
        Invalid: the file is empty, damaged, too large or of another kind; says what to do.
    """
    head = _head(path)
    if head.startswith(_OLD_EXCEL):
        raise refused("import_old_excel", path, "save it in Excel as «.xlsx» and import that file")
    if head.startswith(_ZIP):
        estimate, rows = xlsx.reader(path)
    elif vcards.is_vcard(head):
        estimate, rows = vcards.reader(path, encoding)
    else:
        estimate, rows = csv_table.reader(path, encoding)
    return Table(path.name, _fingerprint(path), estimate, rows)


def refused(code: str, path: Path, advice: str) -> Invalid:
    """Return the error that says why this file is not read and what to do."""
    return Invalid(f"{path.name}: {advice}", fields={"file": code}, code=code, file=path.name)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as exc:
        raise refused("import_no_file", path, f"cannot be read: {exc.strerror}") from exc
    if not head.strip():
        raise refused("import_empty", path, "is empty: export the list again")
    return head


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
