"""What a box without its browser page shows at `/`: where its addresses are."""

from starlette.types import Receive, Scope, Send

_BODY = b"""<!doctype html><meta charset="utf-8"><title>Kartoteka</title>
<p>Kartoteka is running without its page (--no-page).
<p><a href="/api/health">health</a> &middot; <a href="/onebox/tasks">queue</a>
"""


async def plain_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `/` with a short page and everything else with 404."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    found = scope["path"] == "/"
    body = _BODY if found else b"There is nothing here.\n"
    kind = b"text/html; charset=utf-8" if found else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
