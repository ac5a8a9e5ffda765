"""The box's calls of its own functions without a socket, while its clock is virtual.

Carrying a call through sockets and threads costs more than most calls do. Headers,
tokens and errors are the same as over HTTP; on real time the socket stays, and with it the
deadline of a call, which a thread cannot be given.
"""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from werkzeug.test import run_wsgi_app

from onebox.tasks.calls import Post
from onebox.wsgi import Wsgi, environ_of

_HERE = ("127.0.0.1", 0)


class OwnCalls:
    """Posts to functions in the caller's own thread, and to all other addresses as `otherwise`.

    Args:
        functions: by the first segment of their paths.
        otherwise: carries what no function answers.
    """

    def __init__(self, functions: Mapping[str, Wsgi], otherwise: Post) -> None:
        self._functions = dict(functions)
        self._otherwise = otherwise

    def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        """Return status and headers of the answer."""
        parts = urlsplit(url)
        function = self._functions.get(parts.path.split("/", 2)[1])
        if function is None:
            return self._otherwise(url, headers, body, timeout_s)
        spelled = {"host": parts.netloc, **{name.lower(): headers[name] for name in headers}}
        scope = {
            "method": "POST",
            "path": unquote(parts.path),
            "query_string": parts.query.encode(),
            "scheme": parts.scheme,
            "server": (parts.hostname, parts.port or _HERE[1]),
            "client": _HERE,
            "http_version": "1.1",
            "headers": [(name.encode(), value.encode()) for name, value in spelled.items()],
        }
        environ = environ_of(scope, body, len(body))
        _, status, answered = run_wsgi_app(function, environ, buffered=True)
        return int(status.split(" ", 1)[0]), dict(answered.items())
