"""Several requests in one: the multipart batch of google-api-python-client.

Source: "Batching requests" of the Drive and People guides: every part is an `application/http`
message; the answer repeats the order and the Content-ID of the parts.
"""

from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from urllib.parse import parse_qsl

from onebox.google.errors import invalid
from onebox.google.wire import Answer, Request

MAX_PARTS = 1000
_BOUNDARY = "batch_stand_in"
_VERB_AND_ADDRESS = 2


def answer_batch(request: Request, root: str, answer: Callable[[Request], Answer]) -> Answer:
    """Return the answers to all parts, made one after another.

    Args:
        request: the outer request; its Authorization counts for parts without their own.
        root: where the stand-in is mounted (`/google`); paths of parts may begin with it.
        answer: answers one part.

    Raises:
        GoogleError: 400 when the body is not such a batch or has too many parts.
    """
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + request.body).get_payload()
    if not isinstance(parts, list):
        raise invalid("Failed to parse batch request, error: no multipart/mixed body.")
    if len(parts) > MAX_PARTS:
        raise invalid(f"The batch request has more than {MAX_PARTS} calls.")
    pieces = [
        _piece(part, answer(_inner(part, request, root)))
        for part in parts
        if isinstance(part, Message)
    ]
    body = b"".join(pieces) + f"--{_BOUNDARY}--\r\n".encode()
    return Answer(200, body, {"content-type": f"multipart/mixed; boundary={_BOUNDARY}"})


def _inner(part: Message, outer: Request, root: str) -> Request:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    before, _, body = raw.replace(b"\r\n", b"\n").lstrip().partition(b"\n\n")
    line, _, head = before.partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) < _VERB_AND_ADDRESS:
        raise invalid("Failed to parse batch request, error: no request line in a part.")
    path, _, query = words[1].partition("?")
    headers = dict(BytesParser().parsebytes(head + b"\n\n").items())
    lowered = {key.lower(): str(value) for key, value in headers.items()}
    if "authorization" in outer.headers:
        lowered.setdefault("authorization", outer.headers["authorization"])
    return Request(
        words[0].upper(),
        path.removeprefix(root).lstrip("/"),
        parse_qsl(query, keep_blank_values=True),
        lowered,
        body,
    )


def _piece(part: Message, answer: Answer) -> bytes:
    content_id = str(part.get("Content-ID", "")).strip()
    given = f"<response-{content_id.lstrip('<')}" if content_id else ""
    lines = [f"--{_BOUNDARY}", "Content-Type: application/http"]
    lines += [f"Content-ID: {given}"] if given else []
    lines += ["", f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += [f"content-length: {len(answer.body)}", "", ""]
    return "\r\n".join(lines).encode() + answer.body + b"\r\n"
