"""A book is flushed whatever became of its file: it is made first, made anew, or repaired."""

from dataclasses import replace

from kartoteka.domain.errors import ConfigError, NotFound
from sync import books, translating
from sync.books import Memory
from sync.flush import Done, Flush
from sync.rounds.visits import Visit


def flushed(visit: Visit, version: str) -> Done:
    """Make the book if need be, flush it, and give everybody the access that they should have.

    Args:
        visit: of the book.
        version: Drive's version of the file that made somebody ask for this look, if any.

    Raises:
        RateLimited, ProviderDown, NotAllowed: Google does not take it now.
        NotFound, ConfigError: something is missing that cannot be made anew.
    """
    flush = visit.flush
    flush.hold()
    last = None if visit.made else translating.last_look(flush)
    if last is not None and last.unsettled:
        return last
    flush = replace(flush, memory=last.memory) if last is not None else flush
    memory = flush.memory if visit.made else _made(flush)
    stamp = books.settings_print(flush.frame)
    is_new = not flush.memory.spreadsheet_id
    flush = replace(flush, memory=replace(memory, settings=stamp), is_new=is_new)
    try:
        done = flush.run(version, whole=visit.whole)
    except (NotFound, ConfigError) as exc:
        done = _mended(flush, exc)
    books.shared(flush.app, done.memory, flush.edition.shares)
    return done


def _made(flush: Flush) -> Memory:
    """Return the memory of a book that is there; one whose file is gone is made anew."""
    app, edition, frame = flush.app, flush.edition, flush.frame
    known = flush.memory if flush.memory.mark else None
    try:
        return books.ensure(app, edition, known, frame)
    except NotFound as exc:
        if exc.code != "google_gone":
            raise
        books.forget(app.store, edition.key)
        return books.ensure(app, edition, None, frame)


def _mended(flush: Flush, fault: NotFound | ConfigError) -> Done:
    """Flush again after the workbook, or a tab of it, was made anew."""
    app, edition, frame, memory = flush.app, flush.edition, flush.frame, flush.memory
    if isinstance(fault, NotFound):
        if fault.code != "google_gone":
            raise fault
        books.forget(app.store, edition.key)
        mended = books.ensure(app, edition, None, frame)
        mended = replace(mended, settings=memory.settings)
    else:
        mended = books.repaired(app, edition, memory, frame)
        if mended == memory:
            raise fault
    again = replace(flush, memory=mended)
    return again.run("", whole=True)
