"""The calls of 1C, one after another: checkauth, init, files in parts, import, query, success.

Source: the exchange of 1C with a site. The answer is lines of text; the first is the verdict in
ASCII, the others may be Russian in windows-1251, which is what 1C shows to the accountant. So what
went wrong is said with status 200; only who has no password hears 401, with the challenge that some
versions wait for. The value of the session is taken from the lines and shown as a cookie later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from ingest.channels import commerceml as channel
from ingest.commerceml import importing, outgoing, uploads
from ingest.commerceml.importing import STEP_S, Step, Work, until
from ingest.commerceml.names import kind_of, plain_name
from ingest.commerceml.unpacking import unpack
from ingest.intake import Address, check_size, take
from ingest.provider import address_of
from kartoteka.domain.errors import (
    Conflict,
    Invalid,
    KartotekaError,
    Malformed,
    NotAuthentic,
    NotFound,
    Transient,
)
from kartoteka.domain.exchange import ExchangeSession
from kartoteka.http import Call, Reply, json_reply
from kartoteka.i18n import text
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services.office import Desk
from kartoteka.services.order_news import USUAL

COOKIE = "kartoteka"
FILE_LIMIT = 2 * 1024 * 1024  # bytes of one part, as 1C is told
_CHARSET = "windows-1251"
_TEXT = {"content-type": f"text/plain; charset={_CHARSET}"}
_NEWEST = "2.10"  # of the schema


@dataclass(frozen=True, slots=True)
class Visit:
    """One call within a session."""

    call: Call
    desk: Desk
    address: Address
    session: ExchangeSession

    @property
    def work(self) -> Work:
        """Return what a step of an import needs, its clock running from now."""
        account = self.desk.settings().account(channel.name, self.address.context.account)
        return Work(self.desk, self.address, account.shop or USUAL, until(STEP_S))

    @property
    def is_sale(self) -> bool:
        """Return whether orders are exchanged, not goods."""
        return (self.call.param("type") or self.session.what) == "sale"


def serve(call: Call, desk: Desk, token: str) -> Reply:
    """Return the answer to one call of 1C.

    Raises:
        NotFound: there is no such account. TooLarge: a part is over the limit.
    """
    address = address_of(desk, channel, token, channel.manner.limit)
    check_size(call, address.limit)
    if call.method not in {"GET", "HEAD", "POST"}:
        return Reply(405, headers={"allow": "GET, HEAD, POST"})
    mode = call.param("mode").strip().lower()
    if not mode and call.method != "POST":
        return json_reply({"ok": True, "channel": channel.name})
    try:
        return _answered(call, desk, address, mode)
    except NotAuthentic as exc:
        challenge = {**_TEXT, "www-authenticate": 'Basic realm="Kartoteka", charset="UTF-8"'}
        return Reply(401, _lines("failure", _said(desk, exc)), challenge)
    except (Transient, Conflict):
        return said("progress")
    except (Invalid, Malformed, NotFound) as exc:
        return said("failure", _said(desk, exc))


def _answered(call: Call, desk: Desk, address: Address, mode: str) -> Reply:
    if mode == "checkauth":
        channel.verify(call, address.secrets)
        cookie = sessions.begin(desk, address.context.account, call.param("type"))
        return said("success", COOKIE, cookie)
    if not mode:
        return _dropped(call, desk, address)
    shown = _cookie(call)
    session = sessions.find(desk, address.context.account, shown)
    if session is None and not shown:
        channel.verify(call, address.secrets)
    if session is None:
        raise NotFound("the session is over", code="exchange_session")
    if mode not in _MODES:
        raise Invalid("an unknown step", fields={"mode": "unknown"}, code="exchange_mode")
    return _MODES[mode](Visit(call, desk, address, session))


def _dropped(call: Call, desk: Desk, address: Address) -> Reply:
    """Take a whole file that was sent without a session: orders, or goods."""
    stored = take(desk, channel, call, address)
    if stored:
        return channel.answer(call, stored)
    cookie = sessions.begin(desk, address.context.account, "catalog")
    session = sessions.find(desk, address.context.account, cookie)
    if session is None:
        raise Transient("the session is not there yet")
    session = uploads.added(desk, session, "dropped.xml", call.body)
    visit = Visit(call, desk, address, session)
    done = _work_off(visit, "dropped.xml")
    current = sessions.find(desk, address.context.account, cookie)
    if done and current is not None:
        sessions.forget(desk, current)
    return channel.answer(call, stored) if done else said("progress")


def _init(visit: Visit) -> Reply:
    version = visit.call.param("version").strip()
    session = sessions.emptied(visit.desk, visit.session, version)
    # An old exchange of orders imports while it uploads: nobody says when an archive is whole.
    packed = "yes" if version or not visit.is_sale else "no"
    lines = [f"zip={packed}", f"file_limit={FILE_LIMIT}"]
    if version:
        lines += [f"sessid={session.id}", f"version={_NEWEST}"]
    return said(*lines)


def _file(visit: Visit) -> Reply:
    name = plain_name(visit.call.param("filename"))
    session = uploads.added(visit.desk, visit.session, name, visit.call.body)
    old = visit.is_sale and not session.version
    if not old or kind_of(name) != "xml" or not uploads.is_whole(visit.desk, session, name):
        return said("success")
    if _work_off(replace(visit, session=session), name):
        return said("success")
    # Nobody calls again for this file. What was taken is passed over quickly the next time.
    raise Invalid("not all of it yet", fields={"file": "size"}, code="exchange_again")


def _import(visit: Visit) -> Reply:
    name = plain_name(visit.call.param("filename"))
    session = _unpacked(visit)
    if session is None:
        return said("progress", _progress(visit, "exchange_unpacking"))
    if name not in session.files:
        raise NotFound("the file did not come", code="exchange_no_file", file=name)
    if kind_of(name) == "zip" or _work_off(replace(visit, session=session), name):
        return said("success")
    return said("progress", _progress(visit, "exchange_importing"))


def _unpacked(visit: Visit) -> ExchangeSession | None:
    """Return the session with what its archives hold; None when time ended before."""
    session, work = visit.session, visit.work
    for name in uploads.archives(session):
        act = partial(unpack, visit.desk, session, name, work.over)
        try:
            if not _guarded(work, session, name, act):
                return None
        except Malformed:
            uploads.dropped(visit.desk, session)
            raise
        session = uploads.emptied(visit.desk, session, name)
    return session


def _work_off(visit: Visit, name: str) -> bool:
    """Return whether the file is done and what a whole catalogue lacked is off sale."""
    work, session = visit.work, visit.session
    if not session.files[name].done:
        step = Step(work, session, session.files[name])
        if not _guarded(work, session, name, step.run):
            return False
        session = importing.finish(work, step.session, name)
        if session.whole and work.over():
            return False  # what a whole catalogue lacked is looked for in a call of its own
    waiting = [file for file in session.files.values() if uploads.waits(file)]
    return bool(waiting) or not session.whole or importing.sweep(work, session)


def _guarded(work: Work, session: ExchangeSession, name: str, act: Callable[[], bool]) -> bool:
    """Return what the act returns; a broken file is closed with the reason, then refused."""
    try:
        return act()
    except Malformed as exc:
        importing.finish(work, session, name, exc)
        raise


def _deactivate(visit: Visit) -> Reply:
    done = not visit.session.whole or importing.sweep(visit.work, visit.session)
    return said("success") if done else said("progress")


def _query(visit: Visit) -> Reply:
    body = outgoing.orders(visit.work, visit.session)
    return Reply(200, body, {"content-type": f"application/xml; charset={_CHARSET}"})


def _success(visit: Visit) -> Reply:
    outgoing.confirm(visit.work, visit.session)
    return said("success")


def _info(visit: Visit) -> Reply:
    body = outgoing.dictionary(visit.work)
    return Reply(200, body, {"content-type": f"application/xml; charset={_CHARSET}"})


_MODES: Mapping[str, Callable[[Visit], Reply]] = {
    "complete": _deactivate,
    "deactivate": _deactivate,
    "file": _file,
    "import": _import,
    "info": _info,
    "init": _init,
    "query": _query,
    "success": _success,
}


def said(*lines: str) -> Reply:
    """Return the verdict and what follows it, a line each."""
    return Reply(200, _lines(*lines), _TEXT)


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("cp1251", "replace")


def _said(desk: Desk, error: KartotekaError) -> str:
    return text(error.code or "exchange_failed", desk.settings().office.locale, **error.facts)


def _progress(visit: Visit, code: str) -> str:
    return text(code, visit.desk.settings().office.locale)


def _cookie(call: Call) -> str:
    """Return the value that 1C shows: of our cookie, wherever it stands among others."""
    for part in call.header("cookie").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value.strip().strip('"')
    return ""
