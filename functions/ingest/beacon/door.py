"""The addresses of a site's beacon.

`GET embed.js` the script, if the office switched the beacon on; `POST visit` which pages a known
visitor looked at; `POST join` that a form was just sent by this visitor. Whose browser says that
they do not want to be watched (DNT, Sec-GPC) is not.
"""

from collections.abc import Mapping
from typing import Any

from ingest.chat import guard, script
from kartoteka.domain.errors import Malformed, NotFound
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.public_site import PublicSite
from kartoteka.wiring import App

_LIMIT = 128 * 1024  # thirty pages with long addresses
_VISITS = (120, 4)  # a minute: of one address, of one visitor
_OF_A_SITE = 600  # visits a minute; more are not written
_NOT_KEPT = json_reply({"ok": True, "done": "private"})


def serve(call: Call, app: App, site_id: str, rest: tuple[str, ...]) -> Reply:
    """Return the answer of one address of the beacon.

    Args:
        call: the visitor's.
        app: the ports.
        site_id: the account of the site.
        rest: the path behind it.

    Raises:
        ConfigError: the office was never set up.
    """
    return guard.at_site(call, app, site_id, lambda site: _answer(call, app, site, rest))


def _answer(call: Call, app: App, site: PublicSite, rest: tuple[str, ...]) -> Reply:
    match (call.method, rest):
        case ("GET" | "HEAD", ("embed.js",)):
            return script.beacon(site)
        case ("POST", ("visit" | "join",)) if site.beacon:
            return _watched(call, app, site, rest[0])
    raise NotFound("there is no such address", code="address_unknown")


def _watched(call: Call, app: App, site: PublicSite, what: str) -> Reply:
    from ingest.beacon import trail

    if trail.wants_privacy(call):
        return _NOT_KEPT
    guard.check_files(call, _LIMIT)
    guard.check_origin(call, site)
    who = guard.visitor(call, site)
    guard.count(call, app, what, _VISITS, who=who)
    now = app.clock.now().timestamp()
    app.visits.count(f"{guard.TOO_MANY}:beacon", site.id, _OF_A_SITE, now)
    return json_reply({"ok": True, "done": _done(call, app, site, (what, who))})


def _done(call: Call, app: App, site: PublicSite, asked: tuple[str, str]) -> str:
    from ingest.beacon import trail
    from ingest.plain_text import read_object
    from kartoteka.services import site_visits

    what, visitor = asked
    told = read_object(call.body)
    found = trail.read(_part(told, "trail"))
    who = site_visits.Who(site.id, visitor)
    if what == "visit":
        return site_visits.look(app.desk, who, found)
    return site_visits.join_form(app.desk, who, found, str(told.get("event", "")))


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    if not isinstance(found, Mapping):
        raise Malformed("there is no trail", code="bad_field", field=name)
    return found
