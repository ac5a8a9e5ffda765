"""An office with its API: what programs and people ask it, in this process."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tests.access.office_cast import activity, client, deal, in_work, lead, task
from tests.fakes import FixedClock

from api.v1 import door
from kartoteka.domain.errors import NotAuthentic
from kartoteka.http import Call, Reply
from kartoteka.ports import TokenVerifier
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.settings import Settings
from kartoteka.wiring import App


class Judge:
    """A verifier for whom a token is the address that it proves."""

    def email(self, bearer: str) -> str:
        if "@" not in bearer:
            raise NotAuthentic("the token is not valid here")
        return bearer


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


@dataclass
class Api:
    """The API of one office; `token` is who asks."""

    app: App
    clock: FixedClock
    token: str = "olga@office.example"

    @property
    def desk(self) -> Desk:
        return self.app.desk

    def of(self, token: str) -> "Api":
        return Api(self.app, self.clock, token)

    def person(self, name: str) -> "Api":
        return self.of(f"{name}@office.example")

    def program(self, *scopes: str, staff: str = "st_anna") -> "Api":
        """A program with a new key."""
        made = self.do("olga", "apikey.make", title="Сайт", scopes=scopes, staff=staff)
        return self.of(made.key)

    def do(self, who: str, command: str, /, **given: object) -> Any:
        """Run a command as `kartoteka do` does."""
        actor = actor_by_email(self.desk.settings(), f"{who}@office.example")
        return execute(COMMANDS, self.desk, actor, command, given=given, cause=f"command:{command}")

    def ask(self, method: str, address: str, body: object = None, **headers: str) -> Answer:
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        return self.raw(method, address, raw, **headers)

    def raw(self, method: str, address: str, body: bytes, **headers: str) -> Answer:
        place, _, query = address.partition("?")
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        call = Call(
            method=method,
            path=tuple(part for part in place.split("/") if part),
            body=body,
            headers={"authorization": f"Bearer {self.token}", "accept-language": "ru", **said},
            query=tuple(parse_qsl(query, keep_blank_values=True)),
        )
        return read(door.serve(call, self.app))

    def get(self, address: str, **headers: str) -> Answer:
        return self.ask("GET", f"v1/{address}", **headers)

    def command(self, name: str, /, repeat: str = "", **given: object) -> Answer:
        headers = {"idempotency_key": repeat} if repeat else {}
        return self.ask("POST", f"v1/commands/{name}", given, **headers)


def read(reply: Reply) -> Answer:
    is_json = reply.headers["content-type"] == "application/json"
    body = json.loads(reply.body) if is_json else reply.body.decode()
    return Answer(reply.status, body, dict(reply.headers))


def api_of(desk: Desk, **settings: Any) -> Api:
    app = App(Settings(**settings), desk.clock, lambda _: desk.store)
    judge: TokenVerifier = Judge()
    app.__dict__.update(desk=desk, store=desk.store, verifier=judge)
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    return Api(app, clock)


def furnished(desk: Desk) -> None:
    """Records of Anna and of Boris."""
    of_boris = {"client_id": "cl_2", "owner_id": "st_boris"}
    records = (
        client(open_lead_id="ld_1", open_deal_ids=("dl_1",)),
        client(id="cl_2", name="Пётр", phones=("+79161230000",), owner_id="st_boris"),
        lead(),
        lead(id="ld_2", name="Пётр", **of_boris),
        deal(),
        in_work(id="dl_2", owner_id="st_boris", client_id="cl_2", author_id="st_boris"),
        task(client_id="cl_1", lead_id="ld_1"),
        activity(client_id="cl_1", lead_id="ld_1"),
    )
    desk.store.run(
        lambda tx: [tx.put(it.collection, it.id, it.model_dump(mode="json")) for it in records]
    )
