"""A visitor of a site as the tests play one: a token, posts, and what the page asks for."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kartoteka.domain.office import Account
from kartoteka.domain.site_rules import SiteRules
from kartoteka.wiring import App

SITE = "site_test"


def open_site(app: App, **rules: Any) -> Account:
    """Give the office a site with our chat."""
    made = Account(
        id=SITE,
        channel="site",
        title="Чат на сайте",
        source="Сайт-чат",
        secrets=("s:new", "s:old"),
        site=SiteRules(**rules) if rules else None,
    )
    app.store.run(lambda tx: tx.put(Account.collection, made.id, made.model_dump(mode="json")))
    vars(app).pop("desk", None)  # the settings are read again
    return made


@dataclass
class Visitor:
    """One browser on the site."""

    http: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    def hello(self) -> "Visitor":
        answer = self.http.post(f"/ingest/chat/{SITE}/hello", headers=self.headers)
        assert answer.status_code == 200, answer.text
        self.told = answer.get_json()
        self.headers["authorization"] = f"Bearer {self.told['token']}"
        return self

    def say(self, text: str = "", key: str = "m1", **more: Any) -> TestResponse:
        body = {"event": "message", "visitor": self.told.get("visitor"), "id": key, "text": text}
        return self.post(f"/ingest/chat/{SITE}/say", body | more)

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        head = {"content-type": "application/json", **self.headers}
        return self.http.post(path, data=json.dumps(body).encode(), headers=head)

    def talk(self, tag: str = "", after: str = "") -> TestResponse:
        head = {**self.headers, **({"if-none-match": tag} if tag else {})}
        query = {"after": after} if after else {}
        return self.http.get(f"/ingest/chat/{SITE}/talk", query_string=query, headers=head)

    def hears(self) -> list[str]:
        return [it["text"] for it in self.talk().get_json()["messages"] if not it["mine"]]
