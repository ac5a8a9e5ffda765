"""Yandex Forms: the action that makes an HTTP request.

Source: yandex.ru/support/forms, "Sending an HTTP request".
Signed: nothing; the operator adds the header `X-Form-Token` with our secret, or where headers
cannot be set (JSON-RPC) ends the address with it. Event id: the answer's id, which the operator
puts into the body; without it a digest of the content within 300 s.
Retries: not documented. Answer: 200; to JSON-RPC its result.
Calls come over IPv6 only, from 2a02:6b8:c00::/40. Names of the fields are the operator's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.channel import Context, Manner
from ingest.form_body import read_form
from ingest.form_event import OK, Told, spelled, submitted, tags_of
from ingest.form_mapping import Answer
from ingest.plain_text import read_object
from ingest.proof import SECRET_AT, check_one_of
from ingest.yandex_answers import answers_of
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "yandex_forms"
manner = Manner(subpaths=True)
_HEADER = "x-form-token"
_IDS = ("answer_id", "answerid", "response_id")
_FORMS = ("form", "form_name", "form_id")
_QUERY = ("utm", "query", "source_query")  # text such as utm_source=a&utm_medium=b


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without one of the secrets in its header or its path."""
    given = call.header(_HEADER)
    if not given and len(call.path) > SECRET_AT:
        given = call.path[SECRET_AT]
    check_one_of(given, secrets, _HEADER)


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the header that the operator sets."""
    return {_HEADER: secret}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one response, told plainly or as JSON-RPC.

    Raises:
        Malformed: the body is neither JSON nor a form, or has no answers.
    """
    pairs = _pairs(call)
    named = {key.lower(): value for key, value in reversed(pairs)}
    answers, number = _answers(pairs)
    told = Told(
        answers=answers,
        submission=next((named[key] for key in _IDS if named.get(key)), number),
        form=next((named[key] for key in _FORMS if named.get(key)), ""),
        tags=_tags(named),
    )
    return submitted(name, call, context, told)


def _answers(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[Answer, ...], str]:
    """Return the answers, also those that came as one text, and the id that this text told."""
    found: list[Answer] = []
    number = ""
    for key, value in pairs:
        if key.lower() in {*_IDS, *_FORMS}:
            continue
        inside, told = answers_of(value)
        found += inside or [Answer(key, value)]
        number = number or told
    return tuple(found), number


def answer(call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return a success; to JSON-RPC the result with the id of the call."""
    asked = _rpc(call)
    if asked is None:
        return OK
    return json_reply({"jsonrpc": "2.0", "result": "ok", "id": asked.get("id")})


def _rpc(call: Call) -> Mapping[str, Any] | None:
    if b"jsonrpc" not in call.body:
        return None
    try:
        found = read_object(call.body)
    except Malformed:
        return None
    return found if "jsonrpc" in found else None


def _pairs(call: Call) -> Sequence[tuple[str, str]]:
    asked = _rpc(call)
    if asked is None:
        return read_form(call).pairs
    given = asked.get("params")
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if not isinstance(given, Mapping):
        raise Malformed("params have no names", code="bad_field", field="params")
    return [(str(key), spelled(value)) for key, value in given.items()]


def _tags(named: Mapping[str, str]) -> dict[str, str]:
    return tags_of("?" + next((named[key] for key in _QUERY if named.get(key)), "").lstrip("?"))
