"""Spreadsheets as files and back: files.export, and uploads of text that become spreadsheets.

Source: drive.v3, files.export, and "Export MIME types for Google Workspace documents"; what CSV
looks like was seen in the traffic of the service.
"""

import csv
import io
import re

from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.file import SPREADSHEET
from onebox.google.drive.ports import Spreadsheets
from onebox.google.drive.refusals import DriveError
from onebox.google.drive.upload import Media
from onebox.google.drive.workbook import XLSX, workbook
from onebox.google.errors import canonical
from onebox.google.methods import Call

CSV = "text/csv"
TSV = "text/tab-separated-values"
_MAX_EXPORT = 10 * 1024 * 1024
_ENDS_A_FIELD = re.compile(r"[\t\r\n]+")
_QUOTED = re.compile(r'[",\r\n]')
# What Google makes of a spreadsheet and the stand-in does not.
_OTHERS = {
    "application/pdf",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/x-vnd.oasis.opendocument.spreadsheet",
    "application/zip",
}


def export(catalogue: Catalogue, spreadsheets: Spreadsheets, call: Call) -> Media:
    """files.export: the first sheet of a spreadsheet as CSV or TSV, all of them for Excel.

    Raises:
        DriveError: what Drive refuses.
        GoogleError: 501 for the kinds that only Google makes.
    """
    file, kind = catalogue.seen(call.params["fileId"], call.user), call.arg("mimeType")
    if not kind:
        raise DriveError(400, "required", "Required parameter: mimeType", "mimeType")
    if file.mime_type != SPREADSHEET:
        message = "Export only supports Docs Editors files."
        raise DriveError(403, "fileNotExportable", message)
    if file.copy_requires_writer:
        catalogue.held(file.id, call.user, "writer")
    if kind in _OTHERS:
        raise canonical("UNIMPLEMENTED", f"The stand-in does not export {kind}.")
    content = _content(spreadsheets, file.id, kind)
    if len(content) > _MAX_EXPORT:
        message = "This file is too large to be exported."
        raise DriveError(403, "exportSizeLimitExceeded", message)
    return Media(content, kind)


def _content(spreadsheets: Spreadsheets, file_id: str, kind: str) -> bytes:
    if kind in (CSV, TSV):
        return written(spreadsheets.shown(file_id), kind)
    if kind == XLSX:
        return workbook(spreadsheets.pages(file_id))
    message = "The requested conversion is not supported."
    raise DriveError(400, "badRequest", message, "convertTo")


def written(rows: list[list[str]], kind: str) -> bytes:
    """Return rows as text: every line as long as the longest, no line end after the last one."""
    width = max((len(row) for row in rows), default=0)
    full = [row + [""] * (width - len(row)) for row in rows]
    if kind == TSV:
        lines = ["\t".join(_ENDS_A_FIELD.sub(" ", text) for text in row) for row in full]
    else:
        lines = [",".join(_quoted(text) for text in row) for row in full]
    return "\r\n".join(lines).encode()


def _quoted(text: str) -> str:
    if not _QUOTED.search(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def read(media: Media) -> list[list[str]]:
    """Return the rows of an upload that is to become a spreadsheet.

    Raises:
        GoogleError: 501 when it is neither CSV nor TSV, 400 when it cannot be read as such.
    """
    if media.mime_type not in (CSV, TSV):
        message = f"The stand-in makes no spreadsheet of {media.mime_type}."
        raise canonical("UNIMPLEMENTED", message)
    text = io.StringIO(media.content.decode("utf-8-sig", "replace"), newline="")
    try:
        return list(csv.reader(text, delimiter="\t" if media.mime_type == TSV else ","))
    except csv.Error:
        raise DriveError(400, "badRequest", "Bad Request") from None
