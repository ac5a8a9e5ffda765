"""Fill an account from the store, portion by portion; empty one that has to go."""

from dataclasses import replace
from itertools import islice

from kartoteka.domain.model import Client
from kartoteka.ports import ContactSeen, Query
from sync.phones import accounts, links, poll, portfolio
from sync.phones.accounts import Memory
from sync.phones.links import Link
from sync.phones.portfolio import Portfolio
from sync.phones.writer import WRITE, Writer, everything

_PORTION = 2_000  # clients of one call


def prepare(writer: Writer) -> bool:
    """Bring an account nearer to what it should hold; return whether there is more to do.

    The first time it is looked at whole: contacts of ours that are there already are found again.
    When people, roles or rules changed it is gone through from the beginning.

    Raises:
        RateLimited, ProviderDown: what was done stays done.
    """
    if not writer.memory.token:
        poll.look(writer)
    memory = _judged(writer)
    if memory.filled:
        return False
    store = writer.desk.store
    ids, cursor = portfolio.everybody(store, memory.cursor or None, _PORTION)
    writer.refresh(ids)
    if writer.memory.limited == memory.limited:
        writer.keep(cursor=cursor, filled=not cursor)
        return bool(cursor)
    return True


def empty(writer: Writer) -> None:
    """Take every card of ours out of an account, copies too, and forget it.

    If that breaks and the account is wanted again, it is filled from the beginning.
    """
    store, key = writer.desk.store, writer.book.key
    if writer.memory.filled:
        writer.keep(filled=False, cursor="")
    while doomed := list(islice(links.of_account(store, key), WRITE)):
        writer.remove(doomed)
    for copy in _copies(writer):
        writer.discard(Link(key, copy.card.external_id), copy)
    accounts.forget(store, key)


def _copies(writer: Writer) -> list[ContactSeen]:
    """Return the cards that people copied; an account that was never looked at has none."""
    if not writer.memory.token:
        return []
    return [it for it in everything(writer.contacts) if it.card.external_id]


def _judged(writer: Writer) -> Memory:
    """Return what is known of the account, after what decides on its cards was looked at."""
    memory, settings = writer.memory, writer.desk.settings()
    day = f"{writer.desk.now():%Y-%m-%d}" if memory.limited else ""
    scope = accounts.scope(writer.book, settings, day)
    if scope == memory.scope:
        return memory
    limited = _is_too_much(writer)
    day = f"{writer.desk.now():%Y-%m-%d}" if limited else ""
    scope = accounts.scope(writer.book, settings, day)
    judged = replace(memory, scope=scope, cursor="", filled=False, limited=limited, full=False)
    accounts.remember(writer.desk.store, writer.book.key, judged)
    return judged


def _is_too_much(writer: Writer) -> bool:
    """Return whether the account would hold more clients than it should."""
    store, settings = writer.desk.store, writer.desk.settings()
    most = settings.office.phones.most
    if store.count(Query(Client.collection)) <= most:
        return False
    judge = Portfolio(writer.book, settings, limited=False, since="")
    count, cursor = 0, ""
    while count <= most:
        ids, cursor = portfolio.everybody(store, cursor or None, _PORTION)
        count += judge.count(portfolio.load(store, ids).values())
        if not cursor:
            break
    return count > most
