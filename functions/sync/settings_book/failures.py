"""The tab «Сбои»: what rules could not do, and notices that reached nobody, with the way out."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from kartoteka.domain.firing import Firing
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Client
from kartoteka.domain.notice_rules import NoticePost
from kartoteka.ports import CellValue, Store
from kartoteka.services.firing_words import reason, said
from kartoteka.services.firings import ListFirings, found
from kartoteka.services.notice_delivery import STALE
from kartoteka.services.notice_parking import lost
from sync.actions.offering import Asked, Command, Offer
from sync.cells import serial
from sync.columns import Column, Frame, Kind, Setting, View
from sync.settings_book.asking import Page, asked_for, shown
from sync.shelf.cards import card_of

_MOST = 200
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_FIRING, _NOTICE = "firing", "notice"


def _failures(frame: Frame, store: Store) -> Iterator[Setting]:
    for firing in found(store, ListFirings(state="parked", limit=_MOST)):
        yield _of_rule(firing, frame, store)
    since = frame.now - STALE if frame.now is not None else _EVER
    told: dict[str, NoticePost] = {post.notice_id: post for post in lost(store, since)}
    for post in told.values():
        yield _of_notice(post, frame)


def _of_rule(firing: Firing, frame: Frame, store: Store) -> Setting:
    """Return the row of a firing; whom it was about is named to who may know."""
    names = {row.id: row.name for row in frame.settings.office.rules}
    doc = store.get(Client.collection, firing.client_id) if firing.client_id else None
    client = None if doc is None else Client.model_validate(doc)
    view = View(firing.record_id, client=client)
    known = client is not None and frame.lets(view, ("client.name",))
    about = client.name if client is not None and known else firing.record_id
    name = names.get(firing.rule_id, firing.rule_id)
    cells = _cells(frame, firing.updated_at, name, about=about, why=reason(firing, frame.locale))
    link = card_of(view, frame) if known else ""
    return Setting(f"failure:{firing.id}", (_FIRING, firing.id), cells, link=link)


def _of_notice(post: NoticePost, frame: Frame) -> Setting:
    """Return the row of a notice: on which way it did not get out, and to whom."""
    name = frame.say("failure_notice", way=frame.say(f"failure_way_{post.way}"))
    why = said(f"failure_{post.why}" if post.why in _BARE else post.why, frame.locale)
    cells = _cells(frame, post.at, name, about=frame.person(StaffId(post.staff_id)), why=why)
    return Setting(f"failure:{post.notice_id}", (_NOTICE, post.notice_id), cells)


_BARE = frozenset({"gave_up", "refused"})


def _cells(
    frame: Frame, at: datetime, name: str, *, about: str, why: str
) -> Mapping[str, CellValue]:
    moment = serial(at, frame.settings.office.work.zone)
    return {"at": moment, "failed": name, "about": about, "why": why}


def _ask(what: str, asked: Asked) -> Command:
    kind, name = asked_for(asked).key
    return f"{kind}.{what}", {kind: name}


def _about(view: View, _frame: Frame) -> CellValue:
    return view.setting.cells["about"] if view.setting is not None else ""


def _link(view: View, _frame: Frame) -> str:
    return view.setting.link if view.setting is not None else ""


FAILURES = Page(
    code="failures",
    columns=(
        shown("at", 125, kind=Kind.DATE),
        shown("failed", 240, header="failed", kind=Kind.LINES),
        Column("about", "about", 220, _about, link=_link),
        shown("why", 420, header="why", kind=Kind.LINES),
    ),
    rows=_failures,
    offers=(Offer("again", partial(_ask, "repeat")), Offer("leave", partial(_ask, "leave"))),
)
