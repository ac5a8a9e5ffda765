"""An office with telephone exchanges: accounts, a known client, samples sent in any order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from tests.ingest.channels.samples import SHELF, unsigned
from tests.ingest.channels.test_contract import account, deliver, signed
from werkzeug.test import TestResponse

from automation import engine
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Client, Lead, Staff, Task
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.wiring import App
from onebox.samples import at_address

KNOWN = "+79165550177"
ANNA = "st_anna"


@dataclass(frozen=True)
class Exchange:
    """One exchange of an office under test."""

    http: FlaskClient
    app: App
    channel: str

    def send(self, *names: str) -> list[TestResponse]:
        """Send samples by name, signed, in this order."""
        return [self.deliver(self.sample(name)) for name in names]

    def sample(self, name: str) -> Call:
        folder = SHELF / self.channel
        [path] = [p for p in folder.glob(f"{name}.*") if ".expected" not in p.name
                  and ".headers" not in p.name]  # fmt: skip
        return unsigned(self.channel, path)

    def deliver(self, call: Call) -> TestResponse:
        return deliver(self.http, signed(self.app, self.channel, call))

    def form(self, fields: Mapping[str, str], path: str = "") -> TestResponse:
        """Send fields as a form."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode(fields).encode()
        parts = tuple(part for part in path.split("/") if part)
        return self.deliver(
            at_address(Call("POST", ("", "", *parts), body=body, headers=headers), ())
        )

    @property
    def token(self) -> str:
        return account(self.app, self.channel).id

    def all_of(self, model: type[Any]) -> list[Any]:
        rows = self.app.store.query(Query(model.collection))
        return [model.model_validate(row.doc) for row in rows]

    def calls(self) -> list[Activity]:
        return self.all_of(Activity)

    def call_backs(self) -> list[tuple[str, str]]:
        """Run what follows; return phone and state of each task to call back."""
        engine.run(self.app.desk)
        found = (task for task in self.all_of(Task) if task.what == "callback")
        return sorted((task.phone, task.state) for task in found)

    def reasons(self) -> set[tuple[str, str]]:
        return {(event.state, event.why) for event in self.all_of(Inbound)}

    def with_extension(self, *phones: str, absent: tuple[str, ...] = ()) -> None:
        """Give Anna internal numbers, and days off."""
        found = self.app.desk.settings().person(ANNA)
        assert found is not None
        changed = found.model_copy(update={"phones": phones, "absent": absent})
        self._put(changed)
        vars(self.app).pop("desk")

    def with_client(self, name: str = "Ирина", company: str = "", number: str = KNOWN) -> None:
        """Write down a client of Anna's."""
        now = self.app.clock.now()
        client = Client(
            id="cl_known",
            name=name,
            company=company,
            phones=(number,),
            owner_id=ANNA,
            created_at=now,
            updated_at=now,
        )
        self._put(client)
        key = {"client_id": client.id}
        self.app.store.run(lambda tx: tx.put("keys", f"phone:{number}", key))

    def _put(self, record: Client | Staff | Lead) -> None:
        doc = record.model_dump(mode="json")
        self.app.store.run(lambda tx: tx.put(record.collection, record.id, doc))


def without_proof(call: Call, exchange: Exchange) -> Call:
    """Return the call at the exchange's address as a stranger would make it."""
    return at_address(replace(call, path=call.path[2:]), (exchange.channel, exchange.token))


def leaves(found: object) -> Iterator[object]:
    """Yield every value inside a document."""
    if isinstance(found, Mapping):
        for value in found.values():
            yield from leaves(value)
    elif isinstance(found, list):
        for value in found:
            yield from leaves(value)
    else:
        yield found
