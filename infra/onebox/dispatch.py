"""One port for everything: the first segment of the path decides who answers."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatcher:
    """Hands each request to the application of its first segment, all others to `app`.

    Start and stop of the server (lifespan) are told to `app` alone.
    """

    def __init__(self, routes: Mapping[str, ASGIApp], app: ASGIApp) -> None:
        self._routes = dict(routes)
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        chosen = self.app
        if scope["type"] != "lifespan":
            first = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
            chosen = self._routes.get(first, self.app)
        await chosen(scope, receive, send)
