"""Which address of the API leads where, and refusals in the caller's language."""

from collections.abc import Mapping

from api.v1 import callers, doing, handbook, openapi, reading
from api.v1.callers import Caller
from kartoteka.domain.errors import Invalid, KartotekaError, NotAuthentic, TooMany
from kartoteka.http import Call, Reply, html_reply, language, refusal
from kartoteka.i18n import LOCALES, catalogue, text
from kartoteka.wiring import App

_READING = {"GET", "HEAD"}
_MINUTE_S = 60


def serve(call: Call, app: App) -> Reply:
    """Return the answer; of a refusal one in the language that the caller reads."""
    try:
        return _open(call, app) or _closed(call, app)
    except KartotekaError as exc:
        return _refused(exc, language(call, _locale(app)))


def _open(call: Call, app: App) -> Reply | None:
    """Return what everybody may read: what the API is."""
    if call.method not in _READING:
        return None
    match call.path:
        case ("openapi.json",):
            return openapi.reply()
        case ("docs",):
            return html_reply(handbook.page(language(call, _locale(app))))
    return None


def _closed(call: Call, app: App) -> Reply:
    caller = callers.identify(call, app)
    match (call.method, call.path[1:]):
        case ("GET" | "HEAD", (_, *_)):
            return reading.answer(call, app, caller)
        case ("POST", ("commands", name)):
            return doing.act(call, app, caller, name)
        case ("PATCH" | "DELETE", (collection, record_id)):
            return _on_record(call, app, caller, (collection, record_id))
    raise reading.nothing(call)


def _on_record(call: Call, app: App, caller: Caller, place: tuple[str, str]) -> Reply:
    collection, record_id = place
    kind = reading.ENTITIES.get(collection)
    verb = {"PATCH": "edit", "DELETE": "delete"}[call.method]
    if kind is None or not doing.is_known(f"{kind.kind}.{verb}"):
        raise reading.nothing(call)
    return doing.act(call, app, caller, f"{kind.kind}.{verb}", named={kind.kind: record_id})


def _refused(exc: KartotekaError, locale: str) -> Reply:
    known = exc.code in catalogue(locale)
    message = text(exc.code, locale, **exc.facts) if known else ""
    reply = refusal(exc, message, exc.fields if isinstance(exc, Invalid) else None)
    return Reply(reply.status, reply.body, {**reply.headers, **_advice(exc)}, reply.facts)


def _advice(exc: KartotekaError) -> Mapping[str, str]:
    if isinstance(exc, NotAuthentic):
        return {"www-authenticate": "Bearer"}
    return {"retry-after": str(_MINUTE_S)} if isinstance(exc, TooMany) else {}


def _locale(app: App) -> str:
    try:
        return app.desk.settings().office.locale
    except KartotekaError:  # the office itself cannot be read
        return LOCALES[0]
