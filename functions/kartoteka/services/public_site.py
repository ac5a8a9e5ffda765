"""A site's chat as its visitors see it: a few records, read without the models of the office.

Plain dataclasses: who waits for an answer asks every few seconds, and whoever asks first may wait
for a cold start. What a site is changes rarely, so a process keeps it for a minute; then an idle
question costs one record: the visitor's chat.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from kartoteka.domain.errors import ConfigError, Invalid, NotFound
from kartoteka.domain.ids import derived, send_number
from kartoteka.domain.visitor import CHANNEL
from kartoteka.ports import Doc, Json, Order, Query, Store, Where

_KEPT_S = 60.0
_MOST_SITES = 100
_MOST_SHOWN = 60  # messages
_OVERLAP = timedelta(minutes=2)  # what was said in two processes may be committed in any order
_HIDDEN = {"failed"}


@dataclass(frozen=True, slots=True)
class PublicSite:
    """A site with our chat; texts are the office's own by language, empty for the usual ones."""

    id: str
    office: str
    locale: str
    titles: Mapping[str, str]
    consents: Mapping[str, str]
    accent: str
    hosts: tuple[str, ...]
    beacon: bool
    consent_version: str
    secrets: tuple[str, ...] = field(repr=False)
    hours: Doc = field(repr=False)  # when its chats are answered, as a `WorkTime`


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a talk; `receipt` names it when its reader tells that it was read."""

    id: str
    mine: bool
    text: str
    at: str
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a visitor's chat holds; the same `tag` means: nothing new."""

    tag: str
    messages: tuple[Said, ...] = ()
    client_id: str = ""  # whose chat it is


class _Sites:
    """The sites that one store holds, each as it was within a minute."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, PublicSite]] = {}

    def get(self, site_id: str, read: Callable[[], PublicSite]) -> PublicSite:
        known = self._kept.get(site_id)
        if known is not None and time.monotonic() - known[0] < _KEPT_S:
            return known[1]
        if len(self._kept) >= _MOST_SITES:
            self._kept.clear()
        found = read()
        self._kept[site_id] = (time.monotonic(), found)
        return found


_SITES: "WeakKeyDictionary[Store, _Sites]" = WeakKeyDictionary()


def public_site(store: Store, site_id: str) -> PublicSite:
    """Return a site that is switched on, as it was within a minute.

    Raises:
        NotFound: there is none. ConfigError: the office was never set up.
        Transient: the store does not answer.
    """
    sites = _SITES.setdefault(store, _Sites())
    return sites.get(site_id, lambda: _read(store, site_id))


def talk(store: Store, visitor: str, site_id: str, seen: tuple[str, datetime | None]) -> Talk:
    """Return what is new in the visitor's chat; one read when nothing is.

    Args:
        store: the truth.
        visitor: whose token was checked.
        site_id: of the site.
        seen: the tag of the last answer, and the time of the newest message that the visitor has.
    """
    chat = store.get("chats", derived("ct", CHANNEL, site_id, visitor))
    tag = _tag(chat)
    if chat is None or tag == seen[0]:
        return Talk(tag)
    where = [Where("client_id", "==", str(chat["client_id"]))]
    if seen[1] is not None:
        where.append(Where("at", ">=", _spelled(seen[1] - _OVERLAP)))
    query = Query("activities", tuple(where), (Order("at", descending=True),), limit=_MOST_SHOWN)
    rows = [row.doc for row in store.query(query)]
    told = tuple(reversed(list(_said(rows, str(chat["id"])))))
    return Talk(tag, told, str(chat["client_id"]))


def _tag(chat: Doc | None) -> str:
    if chat is None:
        return "none"
    told = (chat.get(name) for name in ("client_id", "answer_id", "heard_at", "state"))
    return derived("et", *(str(value or "") for value in told))


def _said(rows: Sequence[Doc], chat_id: str) -> Iterator[Said]:
    for row in rows:
        message = row.get("message")
        if not isinstance(message, Mapping) or message.get("chat_id") != chat_id:
            continue
        mine = row.get("direction") == "in"
        if message.get("state") in _HIDDEN or (row.get("files") and not mine):
            continue
        name = str(row["id"])
        receipt = "" if mine else send_number(name)
        yield Said(name, mine, str(row.get("text") or ""), str(row["at"]), receipt)


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def _read(store: Store, site_id: str) -> PublicSite:
    office = store.get("settings", "office")
    if office is None:
        raise ConfigError("the office is not set up; run `kartoteka init --preset law_firm`")
    account = _account(store, site_id)
    if account is None or account.get("channel") != CHANNEL or not account.get("active", True):
        raise NotFound("there is no such address", code="account_unknown")
    rules, line = _part(account.get("site")), _part(account.get("line"))
    return PublicSite(
        id=site_id,
        office=str(office["name"]),
        locale=str(office.get("locale", "ru")),
        titles=_both(rules, "title"),
        consents=_both(rules, "consent"),
        accent=str(rules.get("accent") or ""),
        hosts=_strings(rules.get("hosts")),
        beacon=bool(rules.get("beacon", False)),
        consent_version=str(rules.get("consent_version") or "1"),
        secrets=_strings(account.get("secrets")),
        hours=_part(line.get("hours")) or _part(office.get("work")),
    )


def _account(store: Store, site_id: str) -> Doc | None:
    try:
        return store.get("accounts", site_id)
    except Invalid:  # an address that no record can have
        return None


def _both(rules: Doc, name: str) -> dict[str, str]:
    russian = str(rules.get(name) or "")
    return {"ru": russian, "en": str(rules.get(f"{name}_en") or "") or russian}


def _part(found: Json) -> Doc:
    return found if isinstance(found, Mapping) else {}


def _strings(found: Json) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()
