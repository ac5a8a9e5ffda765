"""Keys of the open API: made, listed, revoked, and recognised when a program shows one.

A key is its id, a dot and a secret of 256 random bits. The office keeps the secret's SHA-256 and
nothing else of it: so much chance needs no slow hash.
"""

import difflib
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from pydantic import Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.api_key import ApiKey, known_scopes
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import Invalid, NotAuthentic
from kartoteka.domain.ids import unguessable
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Value
from kartoteka.domain.office import Settings
from kartoteka.ports import Query
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_records import colleague
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.unit import Unit, transact

PREFIX = "ak"
_NAME = re.compile(rf"{PREFIX}_[0-9a-z]{{16}}")
_SECRET_BYTES = 32
_MOST_SCOPES = 100
_TOLD = ("title", "staff_id", "scopes", "active")  # what the log hears of a key
_WRONG = "api_key_wrong"

Names = Callable[[], Iterable[str]]  # of all commands, asked when a key is made


class MakeApiKey(Value):
    """Make a key for a program; it acts as a person, within its scopes."""

    title: str = Field(min_length=1, max_length=200, description="what it is for")
    scopes: tuple[str, ...] = Field(
        min_length=1, max_length=_MOST_SCOPES, description="read, write:deal, task.create and so on"
    )
    staff: str = Field(default="", description="staff id of whose rights it has; empty: yours")


class RevokeApiKey(Value):
    """Take a key back; it is refused from now on."""

    key: str = Field(description="id of the key, as apikey.list shows it")


class ListApiKeys(Value):
    """Show the keys there are, without their secrets."""


class ShownApiKey(Value):
    """A key without its secret; `used_on` is the last day on which it was used."""

    id: str
    title: str
    staff_id: str
    scopes: tuple[str, ...]
    active: bool
    used_on: str
    created_at: Instant
    created_by: str
    revoked_at: Instant | None


class MadeApiKey(ShownApiKey):
    """A new key; `key` is what the program shows, told this once."""

    key: str = Field(repr=False)


class ApiKeys(Value):
    """The keys of the office, the oldest first."""

    api_keys: tuple[ShownApiKey, ...]


def make(desk: Desk, actor: Actor, form: MakeApiKey, *, cause: str, names: Names) -> MadeApiKey:
    """Return the new key with what the program shows, told once.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: there is no such person or scope; the nearest scopes are named.
    """
    settings = _allowed(desk, actor)
    staff = colleague(settings, form.staff or actor.id, "staff")
    _check_scopes(form.scopes, known_scopes(names()))
    name, secret = unguessable(PREFIX), secrets.token_urlsafe(_SECRET_BYTES)

    def work(unit: Unit) -> ApiKey:
        made = ApiKey(
            id=name,
            title=form.title.strip(),
            staff_id=staff.id,
            scopes=tuple(dict.fromkeys(form.scopes)),
            digest=_digest(secret),
            created_at=unit.now,
            created_by=unit.actor.id,
        )
        unit.keep(made, shown=_TOLD)
        return made

    made = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return MadeApiKey(**_shown(made), key=f"{name}.{secret}")


def revoke(desk: Desk, actor: Actor, form: RevokeApiKey, cause: str) -> ShownApiKey:
    """Return the key, refused from now on; said twice it is said once.

    Raises:
        NotAllowed: the actor does not set the office up. NotFound: there is no such key.
    """
    _allowed(desk, actor)

    def work(unit: Unit) -> ApiKey:
        found = unit.need(ApiKey, form.key)
        if not found.active:
            return found
        gone = found.model_copy(update={"active": False, "revoked_at": unit.now})
        unit.keep(gone, shown=_TOLD)
        return gone

    gone = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return ShownApiKey(**_shown(gone))


def listed(desk: Desk, actor: Actor, _form: ListApiKeys, _cause: str) -> ApiKeys:
    """Return the keys there are and were, the oldest first."""
    _allowed(desk, actor)
    found = [ApiKey.model_validate(hit.doc) for hit in desk.store.query(Query(ApiKey.collection))]
    found.sort(key=lambda key: key.created_at)
    return ApiKeys(api_keys=tuple(ShownApiKey(**_shown(key)) for key in found))


def recognise(desk: Desk, shown: str) -> ApiKey:
    """Return the key that a program shows; the first use of a day is noted, further ones are not.

    Raises:
        NotAuthentic: it is no key of this office, or was revoked, or its person has left.
    """
    name, _, secret = shown.partition(".")
    doc = desk.store.get(ApiKey.collection, name) if _NAME.fullmatch(name) and secret else None
    key = ApiKey.model_validate(doc) if doc is not None else None
    if key is None or not hmac.compare_digest(key.digest, _digest(secret)) or not key.active:
        raise NotAuthentic("the key is not valid here", code=_WRONG)
    settings = desk.settings()
    person = settings.person(key.staff_id)
    if person is None or not person.active:
        raise NotAuthentic("the person of the key has left", code=_WRONG)
    _note_use(desk, key, settings)
    return key


def _note_use(desk: Desk, key: ApiKey, settings: Settings) -> None:
    now = desk.now()
    today = now.astimezone(ZoneInfo(settings.office.work.zone)).date().isoformat()
    if key.used_on == today:
        return

    def work(unit: Unit) -> None:
        stored = unit.need(ApiKey, key.id)
        unit.keep(stored.model_copy(update={"used_on": today}))

    transact(desk.store, SYSTEM, f"apikey:{key.id}", now, work=work)


def _allowed(desk: Desk, actor: Actor) -> Settings:
    settings = read_settings(desk.store)
    check_setup(actor, ApiKey, settings, field="digest")
    return settings


def _check_scopes(scopes: Iterable[str], known: tuple[str, ...]) -> None:
    for scope in scopes:
        if scope not in known:
            near = difflib.get_close_matches(scope, known, n=3, cutoff=0.3) or known[:3]
            raise Invalid(
                f"there is no scope {scope!r}; near: {', '.join(near)}",
                fields={"scopes": "api_scope_unknown"},
                code="api_scope_unknown",
                what=scope,
                known=", ".join(near),
            )


def _shown(key: ApiKey) -> dict[str, object]:
    return key.model_dump(exclude={"digest"})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def api_key_commands(names: Names) -> Registry:
    """Return the commands of keys; `names` gives every command there is."""

    def made(desk: Desk, actor: Actor, form: MakeApiKey, cause: str) -> MadeApiKey:
        return make(desk, actor, form, cause=cause, names=names)

    return {
        "apikey.list": Command("show the keys of the open API", ListApiKeys, listed),
        "apikey.make": Command("make a key of the open API; told once", MakeApiKey, made),
        "apikey.revoke": Command("take a key of the open API back", RevokeApiKey, revoke),
    }
