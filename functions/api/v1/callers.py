"""Who calls the API: a program with a key, or a person with the add-on's identity token."""

from dataclasses import dataclass, field

from kartoteka.domain.api_key import KEEPERS, READ, WRITE, gives
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import NotAllowed, NotAuthentic
from kartoteka.http import Call
from kartoteka.services import people
from kartoteka.services.api_keys import PREFIX, recognise
from kartoteka.wiring import App


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose rights a call has.

    `name` is the id of the key or of the person; `scopes` None is everything that the person may;
    `secret` is what the caller showed and the office does not keep.
    """

    actor: Actor
    name: str
    scopes: tuple[str, ...] | None
    secret: str = field(repr=False)

    def check_reading(self) -> None:
        """Refuse to read with a key that was not made for it."""
        if self.scopes is not None and READ not in self.scopes:
            raise _lacks(READ)

    def check_command(self, name: str) -> None:
        """Refuse a command that the key was not made for; no key reaches the keys."""
        if self.scopes is None or gives(self.scopes, name):
            return
        family = name.partition(".")[0]
        if family == KEEPERS:
            raise NotAllowed("keys are for people to handle", code="api_keys_closed")
        raise _lacks(WRITE + family)


def identify(call: Call, app: App) -> Caller:
    """Return who calls, counted.

    Raises:
        NotAuthentic: no token, or one that is not valid here. NotAllowed: its holder is not of
            the office. TooMany: over the limit of the key, as far as this process sees.
    """
    caller = _caller(_shown(call), app)
    limit = app.settings.api_calls_per_minute
    if limit:
        app.visits.count("api_too_many", caller.name, limit, app.clock.now().timestamp())
    return caller


def _shown(call: Call) -> str:
    try:
        return call.bearer().strip()
    except NotAuthentic as exc:
        raise NotAuthentic(str(exc), code="api_no_token") from exc


def _caller(shown: str, app: App) -> Caller:
    if shown.startswith(f"{PREFIX}_"):
        return _program(shown, app)
    try:
        email = app.verifier.email(shown)
    except NotAuthentic as exc:
        raise NotAuthentic(str(exc), code="api_key_wrong") from exc
    actor = people.actor_by_email(app.desk.settings(), email)
    return Caller(actor, actor.id, None, "")


def _program(shown: str, app: App) -> Caller:
    key = recognise(app.desk, shown)
    settings = app.desk.settings()
    person = settings.person(key.staff_id)
    if person is None:
        raise NotAuthentic("the person of the key has left", code="api_key_wrong")
    return Caller(people.actor(person, settings), key.id, key.scopes, shown)


def _lacks(scope: str) -> NotAllowed:
    return NotAllowed(f"the key lacks the scope {scope}", code="api_scope", scope=scope)
