"""The bridge from the ASGI server to the functions."""

import asyncio

from onebox.wsgi import DISCARDED, KEPT, WsgiApp, environ_of


def scope(**changes):
    usual = {
        "type": "http",
        "method": "POST",
        "path": "/ingest/форма",
        "query_string": b"a=1&b=\xff",
        "http_version": "1.1",
        "headers": [(b"content-type", b"text/plain"), (b"x-twice", b"1"), (b"x-twice", b"2")],
        "server": ("127.0.0.1", 8080),
        "client": ("10.0.0.7", 5555),
    }
    return {**usual, **changes}


def ask(app, parts, **changes):
    """Return the messages that the application sends to a body in these parts."""
    waiting = [
        {"type": "http.request", "body": part, "more_body": at + 1 < len(parts)}
        for at, part in enumerate(parts)
    ]
    sent = []

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope(**changes), receive, send))
    return sent


def echo(environ, start):
    body = environ["wsgi.input"].read()
    start("201 Created", [("X-Length", environ["CONTENT_LENGTH"]), ("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode("latin-1"), b"|", body]


def test_body_in_parts_reaches_the_function_whole():
    start, body = ask(WsgiApp(echo, workers=1), [b"one ", b"two"])

    assert (start["status"], body["body"]) == (201, "/ingest/форма|one two".encode())
    assert (b"x-length", b"7") in start["headers"]


def test_oversize_body_is_told_by_its_length_and_not_kept():
    part = bytes(KEPT // 4)

    start, body = ask(WsgiApp(echo, workers=1), [part] * 6)

    assert (b"x-length", str(len(part) * 6).encode()) in start["headers"]
    assert len(body["body"]) <= KEPT + 64


def test_endless_body_is_not_read_for_ever():
    part = bytes(8 * 1024 * 1024)
    parts = [part] * (DISCARDED // len(part) + 20)

    start, _ = ask(WsgiApp(echo, workers=1), parts)

    length = int(dict(start["headers"])[b"x-length"])
    assert DISCARDED < length <= DISCARDED + len(part)


def test_function_that_streams_is_closed_after_its_last_part():
    class Parts(list):
        closed = False

        def close(self):
            Parts.closed = True

    def app(environ, start):
        start("200 OK", [])
        return Parts([b"a", b"b"])

    assert ask(WsgiApp(app, workers=1), [b""])[1]["body"] == b"ab"
    assert Parts.closed


def test_hostile_query_and_repeated_headers_make_an_environment():
    environ = environ_of(scope(), b"", 0)

    assert environ["QUERY_STRING"] == "a=1&b=\xff"
    assert environ["HTTP_X_TWICE"] == "1,2"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["REMOTE_ADDR"] == "10.0.0.7"


def test_websocket_is_refused():
    sent = ask(WsgiApp(echo, workers=1), [], type="websocket")

    assert sent == [{"type": "websocket.close", "code": 1000}]
