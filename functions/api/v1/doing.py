"""Commands over HTTP: any of the registry, with the caller's rights, once for one request."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NoReturn

from pydantic import BaseModel

from api.v1.callers import Caller
from kartoteka.domain.access import Sight
from kartoteka.domain.api_answer import ApiAnswer
from kartoteka.domain.errors import Conflict, Malformed, NotAllowed
from kartoteka.domain.ids import derived
from kartoteka.domain.visibility import shown_result
from kartoteka.http import Call, Reply
from kartoteka.services import repeatable
from kartoteka.services.commands import execute
from kartoteka.services.kinds import KINDS
from kartoteka.services.read import Look
from kartoteka.services.registry import COMMANDS
from kartoteka.services.repeatable import Asked, Watched
from kartoteka.wiring import App

_MOST_NAME = 200
_NAME = re.compile(rf"[!-~]{{1,{_MOST_NAME}}}")
_LARGEST_KEPT = 300_000  # bytes of an answer; of a larger one only the change is kept
_FOREIGN = "not_yours"
_JSON = {"content-type": "application/json"}
_AGAIN = {**_JSON, "idempotency-replayed": "true"}


def is_known(name: str) -> bool:
    """Return whether there is such a command."""
    return name in COMMANDS


def act(
    call: Call, app: App, caller: Caller, name: str, *, named: Mapping[str, str] | None = None
) -> Reply:
    """Return the answer of a command: its first change and what it gave, as the caller sees it.

    Args:
        call: its body is the command's form; the header `Idempotency-Key` names it.
        app: the office.
        caller: whose rights it has.
        name: of the command.
        named: fields that the address gives.

    Raises:
        NotAllowed: the key was not made for it, or the person may not.
        NotFound: there is no such command or record, or the record is out of the caller's reach.
        Malformed, Invalid, Conflict: as the body and the command say.
    """
    if is_known(name):
        caller.check_command(name)
    asked = _Act(app, caller, name, _given(call, named or {}), call.header("idempotency-key"))
    try:
        return asked.reply()
    except NotAllowed as exc:
        if exc.code == _FOREIGN:
            asked.check_reach()
        raise


@dataclass
class _Act:
    """One command as it was asked for."""

    app: App
    caller: Caller
    name: str
    given: Mapping[str, Any]
    key: str
    told: bytes = field(default=b"", init=False)  # what was kept beside the first commit
    watched: Watched | None = field(default=None, init=False)

    def reply(self) -> Reply:
        asked = self._asked
        if asked is None:
            return Reply(200, self._executed(None), _JSON)
        known = repeatable.read(self.app.store, asked)
        if known is not None:
            return Reply(200, self._repeated(known), _AGAIN)
        try:
            return Reply(200, self._executed(asked), _JSON)
        except Conflict:  # perhaps with the same call, which came at the same time
            ours = self.watched is not None and self.watched.kept is not None
            known = None if ours else repeatable.read(self.app.store, asked)
            if known is None:
                raise
        return Reply(200, self._repeated(known), _AGAIN)

    def check_reach(self) -> None:
        """Refuse a foreign record as one that is not there: nobody learns which.

        Raises:
            NotFound: one of the records that are named is out of the caller's reach.
        """
        look = Look(
            self.app.store, self.app.desk.settings(), self.caller.actor, self.app.desk.now()
        )
        for kind, model in KINDS.items():
            name = self.given.get(kind)
            if isinstance(name, str) and name:
                look.one(model, name)

    @cached_property
    def _asked(self) -> Asked | None:
        if not self.key:
            return None
        if not _NAME.fullmatch(self.key):
            raise Malformed("the name of the request", code="api_repeat_key", most=_MOST_NAME)
        said = json.dumps([self.name, self.given], sort_keys=True, ensure_ascii=True)
        name = derived("aa", self.caller.name, self.key)
        return Asked(name, hashlib.sha256(said.encode()).hexdigest(), self._seal)

    def _executed(self, asked: Asked | None) -> bytes:
        desk = self.app.desk
        self.watched = watched = Watched(desk.store, desk.now(), asked)
        result = execute(
            COMMANDS,
            replace(desk, store=watched),
            self.caller.actor,
            self.name,
            given=self.given,
            cause=f"api:{self.caller.name}",
        )
        plain = self._plain(result, next(iter(watched.changes), None))
        kept = watched.kept
        if kept is not None and (kept.going_on or plain != self.told):
            self._settle(kept, plain)
        return plain

    def _repeated(self, known: ApiAnswer) -> bytes:
        """Return the first answer; an act that died on its way goes on first."""
        if known.going_on:
            plain = self._executed(None)
            self._settle(known, plain)
            return plain
        from api.v1.sealing import unseal

        return unseal(known.sealed, self.caller.secret, self.key)

    def _seal(self, result: object, change: str | None) -> str:
        self.told = self._plain(result, change)
        return self._sealed(self.told)

    def _settle(self, known: ApiAnswer, plain: bytes) -> None:
        repeatable.settle(self.app.store, known, self._sealed(plain))

    def _sealed(self, plain: bytes) -> str:
        from api.v1.sealing import seal

        if len(plain) > _LARGEST_KEPT:
            plain = _spelled({"change": json.loads(plain)["change"], "result": None})
        return seal(plain, self.caller.secret, self.key)

    def _plain(self, result: object, change: str | None) -> bytes:
        sight = Sight(self.caller.actor, self.app.desk.settings(), self.app.desk.now())
        plain = result.model_dump(mode="json") if isinstance(result, BaseModel) else None
        return _spelled({"change": change, "result": shown_result(sight, result, plain)})


def _spelled(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _given(call: Call, named: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a command: of the body, of a DELETE's parameters, and of the address.

    Raises:
        Malformed: the body is no JSON object, or names what the address names.
    """
    given: dict[str, Any] = {}
    if call.method == "DELETE":  # not every client sends a body with it
        given = {name: value for name, value in call.query if name != "lang"}
    given |= _body(call.body)
    for name in named:
        if name in given:
            raise Malformed(f"{name} is named twice", code="api_given_twice", field=name)
    return {**given, **named}


def _body(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body, parse_constant=_no_number, parse_float=_number) if body else {}
        if b"\\u" in body:  # half of a character is no text
            _spelled({"": found})
    except (ValueError, RecursionError) as exc:
        raise Malformed("the body is not JSON", code="api_json") from exc
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object", code="api_json")
    return found


def _number(text: str) -> float:
    found = float(text)
    return found if math.isfinite(found) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
