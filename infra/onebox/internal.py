"""Calls the box makes to itself, with its own identity token, as Google's services would."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from kartoteka.settings import Settings
from onebox.effort import Effort
from onebox.own_calls import OwnCalls
from onebox.right_of_way import RightOfWay
from onebox.tasks.calls import HttpPost, Post
from onebox.tasks.internal_token import InternalTokens
from onebox.wsgi import Wsgi

TIMEOUT_S = 60.0


class Internal:
    """Posts to the box's own addresses, wherever it is served now."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._email = settings.tasks_email
        self._tokens = InternalTokens(settings.secret.get_secret_value())
        self._client = httpx.Client(trust_env=False, timeout=TIMEOUT_S)
        self._http = HttpPost()
        self._repost: Post = self._http
        self.way = RightOfWay()
        self.effort = Effort()

    def call_inside(self, functions: Mapping[str, Wsgi]) -> None:
        """Make queued calls of these functions without a socket, whatever the box's port."""
        self._repost = OwnCalls(functions, self._http)

    def sign(self, email: str, _audience: str) -> str:
        """Return an identity token; its audience is where the box is served now."""
        return self._tokens.sign(email, self._base_url)

    def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        """Post JSON to a path as the queue would.

        Raises:
            httpx.HTTPError: nobody answered.
        """
        token = self._tokens.sign(self._email, self._base_url)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        content = json.dumps(body, ensure_ascii=False).encode()
        return self._client.post(self._base_url + path, content=content, headers=headers)

    def dispatch(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        """Make a queued call, after the clients' own; the box's present port is used."""
        self.way.give_way()
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()
        return self._repost(self._base_url + path, headers, body, timeout_s)

    def close(self) -> None:
        self._client.close()
        self._http.close()
