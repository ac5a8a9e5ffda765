"""A shop's office, and a WooCommerce that holds one order and takes edits of it."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from flask.testing import FlaskClient

from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.adapters.shops import AllShops
from kartoteka.domain.change import Actor
from kartoteka.domain.model import Entity
from kartoteka.domain.office import Account
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.people import actor
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App
from onebox.samples import at_address, read_sample

SECRET = "shop-secret"
API = {"site": "https://shop.example", "key": "ck_1", "secret": "cs_1"}
PUBLIC = "93.184.216.34"


def connect(app: App, channel: str, shop: ShopRules | None = None) -> Account:
    """Return the office's account of a shop."""
    made = Account(
        id=f"{channel}_shop",
        channel=channel,
        title=channel,
        source="Магазин",
        secrets=(SECRET,),
        shop=shop,
        api=API,
    )
    app.store.run(lambda tx: tx.put(Account.collection, made.id, made.model_dump(mode="json")))
    vars(app).pop("desk", None)
    return made


def tell(http: FlaskClient, channel: str, sample: str, body: dict[str, Any] | None = None) -> int:
    """Deliver a sample, or this body in its place, as the provider would; return the status."""
    call = read_sample(channel, sample)
    if body is not None:
        call = replace(call, body=json.dumps(body).encode())
    sent = as_sent(CHANNELS[channel], at_address(call, (channel, f"{channel}_shop")), SECRET)
    headers = dict(sent.headers)
    return http.open(sent.target, method="POST", data=sent.body, headers=headers).status_code


def body_of(channel: str, sample: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read_sample(channel, sample).body)
    return found


def all_of(app: App, kind: type[Entity]) -> list[Any]:
    return [kind.model_validate(hit.doc) for hit in app.store.query(Query(kind.collection))]


def who(app: App, staff_id: str) -> Actor:
    person = app.desk.settings().person(staff_id)
    assert person is not None
    return actor(person, app.desk.settings())


def do(app: App, staff_id: str, name: str, /, **given: Any) -> Any:
    """Run a command with a person's rights."""
    desk = app.desk
    return execute(COMMANDS, desk, who(app, staff_id), name, given=given, cause=f"command:{name}")


@dataclass
class Woo:
    """One order in a shop, behind its REST API."""

    order: dict[str, Any]
    asked: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200

    @property
    def shops(self) -> AllShops:
        client = httpx.Client(transport=httpx.MockTransport(self._answer))
        return AllShops(client, lambda _host: [PUBLIC])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, str(request.url)))
        assert request.headers["authorization"].startswith("Basic ")
        if self.status != 200:
            return httpx.Response(self.status, json={"code": "no"})
        if request.method == "PUT":
            self._edit(json.loads(request.content))
        return httpx.Response(200, json=self.order)

    def _edit(self, body: dict[str, list[dict[str, Any]]]) -> None:
        for kind, edits in body.items():
            for edit in edits:
                self._line(kind, edit)
        lines = [line for kind in body_kinds() for line in self.order.get(kind, [])]
        total = sum(float(line["total"]) for line in lines)
        self.order |= {"total": f"{total:.2f}", "date_modified_gmt": "2026-11-23T11:00:00"}

    def _line(self, kind: str, edit: dict[str, Any]) -> None:
        lines = self.order.setdefault(kind, [])
        known = next((line for line in lines if line["id"] == edit.get("id")), None)
        if known is None:
            lines.append({"id": 900 + len(lines), **edit})
        elif edit.get("quantity") == 0 or edit.get("method_title", "-") is None:
            lines.remove(known)
        else:
            known |= edit


def body_kinds() -> tuple[str, ...]:
    return ("line_items", "shipping_lines", "fee_lines")
