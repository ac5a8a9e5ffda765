"""Quizzes of Marquiz.

Source: the provider's help (article 518) as public receivers of it quote it: `contacts`, `answers`
of `q` and `a`, `quiz`, `created`, `extra`; JSON, or the same as fields with brackets. The reader is
tolerant: contacts are looked for in `contacts`, then in the root, then anywhere.
Signed: nothing known; the proof is the secret that ends the address. Event id: the lead's `id`,
else a digest of the content within 300 s. Retries: unknown. Answer: 200.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from ingest.channel import Context, Manner
from ingest.form_body import BLANK, read_form
from ingest.form_event import OK, Told, spelled, submitted, tags_of
from ingest.form_mapping import Answer
from ingest.plain_text import read_object
from ingest.proof import check_path, with_path
from kartoteka.domain import identity
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "marquiz"
manner = Manner(subpaths=True)
verify = check_path
_CONTACT = ("name", "phone", "email", "text")
_PARTS = {"answers", "results", "contacts", "quiz", "extra", "raw", "id", "created"}
_ABOUT = {"quiz", "extra", "id", "created"}  # nothing that a person typed
_DEEPEST = 5
_MOST_TEXTS = 300
_COOKIES = ("_ym_uid", "_ga", "roistat_visit")


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that ends in the secret."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one lead of a quiz.

    Raises:
        Malformed: the body is neither a JSON object nor a form, or is not about a quiz.
    """
    body = _body(call)
    if not _PARTS.intersection(body) and not set(_CONTACT).intersection(body):
        raise Malformed("nothing of a quiz", code="unknown_event", field="answers")
    quiz, extra = _part(body, "quiz"), _part(body, "extra")
    page = spelled(extra.get("href") or "")
    utm = {key: spelled(value) for key, value in _part(extra, "utm").items() if value}
    cookies = {key: spelled(_part(extra, "cookies").get(key) or "") for key in _COOKIES}
    told = Told(
        answers=(*_contacts(body, context), *_answers(body), *_beside(body)),
        submission=spelled(body.get("id") or ""),
        form=spelled(quiz.get("name") or quiz.get("id") or _title(body)),
        at=spelled(body.get("created") or ""),
        page=page,
        tags=tags_of(page) | _named(utm) | {k: v for k, v in cookies.items() if v},
    )
    return submitted(name, call, context, told)


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return a success."""
    return OK


def _body(call: Call) -> Mapping[str, Any]:
    if call.body.lstrip(BLANK)[:1] in b"{[" or b"=" not in call.body:
        return read_object(call.body)
    body: dict[str, Any] = {}
    for key, value in read_form(call).pairs:
        _put(body, [part.rstrip("]") for part in key.split("[", _DEEPEST)], value)
    return body


def _put(holder: dict[str, Any], path: Sequence[str], value: str) -> None:
    """Put a field such as `answers[0][q]` where JSON would have it; numbers stay names."""
    for step in path[:-1]:
        inside = holder.setdefault(step, {})
        if not isinstance(inside, dict):
            return
        holder = inside
    holder.setdefault(path[-1], value)


def _items(body: Mapping[str, Any]) -> list[Any]:
    """Return the questions with their answers; older quizzes call them results."""
    given = body.get("answers") or body.get("results")
    told = list(given.values()) if isinstance(given, Mapping) else given
    return told if isinstance(told, list) else []


def _title(body: Mapping[str, Any]) -> str:
    quiz = body.get("quiz")
    return quiz if isinstance(quiz, str) else ""


def _part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}


def _named(utm: Mapping[str, str]) -> dict[str, str]:
    """Return the marks under their full names: `source` is `utm_source`."""
    return {key if key.startswith("utm_") else f"utm_{key}": value for key, value in utm.items()}


def _contacts(body: Mapping[str, Any], context: Context) -> Iterator[Answer]:
    given = _part(body, "contacts")
    for key, value in given.items():
        yield Answer(str(key), spelled(value), slot=str(key) if key in _CONTACT else "")
    found = {**body, **given}
    for key in _CONTACT:
        if key not in given and isinstance(body.get(key), str | int):
            yield Answer(key, str(body[key]), slot=key)
    if not found.get("phone") and not found.get("email"):
        yield from _anywhere(body, context)


def _anywhere(body: Mapping[str, Any], context: Context) -> Iterator[Answer]:
    """Yield the first text that is a phone and the first that is an address."""
    told = {key: value for key, value in body.items() if key not in _ABOUT}
    texts = list(islice(_texts(told, _DEEPEST), _MOST_TEXTS))
    phone = next((one for one in texts if identity.phone(one, context.region)), "")
    email = next((one for one in texts if identity.email(one)), "")
    found = (Answer("phone", phone, slot="phone"), Answer("email", email, slot="email"))
    yield from (one for one in found if one.value)


def _texts(value: Any, deep: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping) and deep:
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item, deep - 1)


def _answers(body: Mapping[str, Any]) -> Iterator[Answer]:
    for number, item in enumerate(_items(body), 1):
        if isinstance(item, Mapping):
            question = item.get("q") or item.get("question") or item.get("name")
            given = item.get("a") or item.get("answer") or item.get("value")
            yield Answer(spelled(question or f"answer {number}"), spelled(given))
        else:
            yield Answer(f"answer {number}", spelled(item))


def _beside(body: Mapping[str, Any]) -> Iterator[Answer]:
    for key, value in body.items():
        if key not in _PARTS and key not in _CONTACT:
            yield Answer(key, spelled(value))
    extra = _part(body, "extra")
    if extra.get("referrer"):
        yield Answer("referrer", spelled(extra["referrer"]), slot="referrer")
