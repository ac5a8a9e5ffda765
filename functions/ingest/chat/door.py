"""The addresses of a site's chat.

`GET embed.js` the script; `POST hello` a token for a new visitor, and whether somebody is there;
`GET talk` what is new, 304 when nothing is; `POST say` a message, a wish to be called, or that
answers were read. Nothing of a visitor is stored before the first `say`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ingest.chat import guard, script
from kartoteka.domain.errors import NotAuthentic, NotFound
from kartoteka.domain.visitor import fresh_visitor, token
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.public_site import PublicSite, Talk, talk
from kartoteka.wiring import App

SAY = "say"
_PER_MINUTE = {"hello": (60, 60), "talk": (1_200, 60), SAY: (60, 20)}
_MARK = "[pp_"  # begins what stands for the address of a paper
_NEVER_KEPT = {"cache-control": "no-store"}


def serve(call: Call, app: App, site_id: str, rest: tuple[str, ...]) -> Reply:
    """Return the answer of one address of the chat; refusals are in the visitor's language.

    Args:
        call: the visitor's.
        app: the ports.
        site_id: the account of the site.
        rest: the path behind it.

    Raises:
        ConfigError: the office was never set up.
    """
    return guard.at_site(call, app, site_id, lambda site: _act(call, rest)(call, app, site))


def _act(call: Call, rest: tuple[str, ...]) -> "Callable[[Call, App, PublicSite], Reply]":
    method = "GET" if call.method == "HEAD" else call.method
    found = _ACTS.get((method, "/".join(rest)))
    if found is None:
        raise NotFound("there is no such address", code="address_unknown")
    return found


def _script(_call: Call, _app: App, site: PublicSite) -> Reply:
    return script.chat(site)


def _hello(call: Call, app: App, site: PublicSite) -> Reply:
    """Return the visitor's token, a new one if theirs is not valid; and if somebody answers."""
    from kartoteka.domain.worktime import WorkTime

    guard.check_origin(call, site)
    guard.count(call, app, "hello", _PER_MINUTE["hello"])
    try:
        who = guard.visitor(call, site)
    except NotAuthentic:
        who = fresh_visitor()
    is_open = WorkTime.model_validate(site.hours).is_open(app.clock.now())
    newest = next(filter(None, site.secrets), "")
    if not newest:
        raise NotFound("the site has no secret", code="account_unknown")
    told = {"visitor": who, "token": token(who, newest), "open": is_open}
    return _fresh(json_reply(told))


def _talk(call: Call, app: App, site: PublicSite) -> Reply:
    """Return the messages that the visitor has not, or 304."""
    who = guard.visitor(call, site)
    guard.count(call, app, "talk", _PER_MINUTE["talk"], who=who)
    known = call.header("if-none-match").strip().removeprefix("W/").strip('"')
    found = talk(app.store, who, site.id, (known, _moment(call.param("after"))))
    headers = {**_NEVER_KEPT, "etag": f'"{found.tag}"'}
    if found.tag == known:
        return Reply(304, headers=headers)
    messages = [
        {"id": it.id, "mine": it.mine, "text": words, "at": it.at, "receipt": it.receipt}
        for it, words in zip(found.messages, _words(app, found), strict=True)
    ]
    reply = json_reply({"messages": messages})
    return Reply(reply.status, reply.body, {**reply.headers, **headers})


def _words(app: App, found: Talk) -> list[str]:
    """Return the words of the messages; papers of the office with their addresses."""
    words = [it.text for it in found.messages]
    if not any(_MARK in it.text for it in found.messages if not it.mine):
        return words
    from kartoteka.services.paper_links import with_addresses

    pairs = zip(words, found.messages, strict=True)
    return [
        said if it.mine else with_addresses(app.desk, said, found.client_id) for said, it in pairs
    ]


def _say(call: Call, app: App, site: PublicSite) -> Reply:
    from ingest.chat import saying

    guard.check_files(call, saying.LIMIT)
    guard.check_origin(call, site)
    who = guard.visitor(call, site)
    guard.count(call, app, SAY, _PER_MINUTE[SAY], who=who)
    return saying.take_in(call, app, site, who)


def _fresh(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body, {**reply.headers, **_NEVER_KEPT}, reply.facts)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (OverflowError, ValueError):
        return None


_ACTS: "Mapping[tuple[str, str], Callable[[Call, App, PublicSite], Reply]]" = {
    ("GET", "embed.js"): _script,
    ("GET", "talk"): _talk,
    ("POST", "hello"): _hello,
    ("POST", SAY): _say,
}
