"""That a client has files, as a row says it, and where they open.

The mark stands behind words that nobody types into; its link names the reader of the book and the
record of the row, so it opens nothing for who may not see them.
"""

from kartoteka.domain.access import Operation, can
from kartoteka.domain.model import Entity
from kartoteka.ports import CellValue
from sync.columns import FILED, Column, Frame, View

_READS = ("client.has_files",)


def marked(words: CellValue, view: View, frame: Frame) -> CellValue:
    """Return the words of a cell, with the mark behind them if there are files."""
    if _about(view, frame) is None:
        return words
    return f"{words} {FILED}" if words else FILED


def files_of(view: View, frame: Frame) -> str:
    """Return where the reader opens the files; empty when there are none for them."""
    about = _about(view, frame)
    if about is None or frame.files is None:
        return ""
    return frame.files(frame.reader, frame.settings, about)


def _mark(view: View, frame: Frame) -> CellValue:
    return marked("", view, frame)


def _about(view: View, frame: Frame) -> Entity | None:
    """Return the record that leads the reader to files, None when there are none.

    Who knows a client by a task of theirs alone does not read the client's history.
    """
    client = view.client
    if client is None or not client.has_files or not frame.lets(view, _READS):
        return None
    by_task = view.task is not None and view.deal is None and view.lead is None
    if by_task and not can(frame.reader, Operation.READ, client, within=frame.settings):
        return None
    return view.deal or view.lead or client


FILES = Column("files", "files", 60, _mark, reads=_READS, link=files_of)
