"""Forms of sites made with Tilda.

Source: Tilda's help centre, "Webhook: receiving form data with your own script".
Signed: nothing; the proof is the secret that ends the address. Event id: `tranid`, else a digest
of the content within 300 s. Retries: two more, a minute apart, when there is no answer within
5 seconds. Answer: 200 `ok`. On connecting it sends `test=test`.

`COOKIES` is the visitor's whole cookie string: what leads to the advertisement is taken out of
it, the string itself is not kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import quote, unquote, urlencode

from ingest.channel import Context, Manner
from ingest.form_body import read_form
from ingest.form_event import Told, connection_test, spelled, submitted
from ingest.form_mapping import Answer
from ingest.plain_text import plain, read_json
from ingest.proof import check_path, with_path
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "tilda"
manner = Manner(subpaths=True)
verify = check_path
_TEST = (("test", "test"),)
_COOKIES = "cookies"
_OURS = {"tranid", "formid", "formname", _COOKIES}
_ADS = ("_ym_uid", "_ga", "roistat_visit")
_MOST_GOODS = 100


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that ends in the secret."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one submission, or that Tilda tried the address out.

    Raises:
        Malformed: the body is not a form.
    """
    pairs = read_form(call).pairs
    if pairs == _TEST:
        return connection_test(name, call, context)
    ours = {key.lower(): value for key, value in pairs if key.lower() in _OURS}
    tags = _tags(ours.get(_COOKIES, ""))
    told = Told(
        answers=tuple(_answers(pairs)),
        submission=ours.get("tranid", ""),
        form=ours.get("formname", "") or ours.get("formid", ""),
        tags=tags,
        raw=_without_cookies(pairs, tags),
    )
    return submitted(name, call, context, told)


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the `ok` that Tilda waits for."""
    return Reply(200, b"ok", {"content-type": "text/plain"})


def _answers(pairs: Sequence[tuple[str, str]]) -> Iterator[Answer]:
    for key, value in pairs:
        if key.lower() in _OURS:
            continue
        if key == "payment":
            yield from _order(value)
        else:
            yield Answer(key, value)


def _order(text: str) -> Iterator[Answer]:
    """Yield the cart that came as JSON, spelled like the one that came as fields."""
    try:
        order = read_json(text.encode())
    except Malformed:
        order = None
    if not isinstance(order, Mapping):
        yield Answer("payment", text)
        return
    for key, value in order.items():
        if key == "products" and isinstance(value, list):
            yield from _goods(value[:_MOST_GOODS])
        else:
            yield Answer(f"payment[{key}]", spelled(value))


def _goods(goods: Sequence[Any]) -> Iterator[Answer]:
    for number, item in enumerate(goods):
        parts = item if isinstance(item, Mapping) else {"name": item}
        for key, value in parts.items():
            yield Answer(f"payment[products][{number}][{key}]", spelled(value))


def _tags(cookies: str) -> dict[str, str]:
    """Return the marks of advertisements that the cookies hold."""
    found = {}
    for item in cookies.split(";"):
        key, _, value = item.strip().partition("=")
        if key in _ADS and value:
            found[key] = plain(unquote(value))
        elif key == "TILDAUTM":
            found |= _utm(plain(unescape(unquote(value))))
    return found


def _utm(text: str) -> dict[str, str]:
    parts = (part.strip().removeprefix("amp;") for part in text.split("|||"))
    pairs = (part.partition("=") for part in parts)
    return {key.lower(): value for key, _, value in pairs if key.startswith("utm_") and value}


def _without_cookies(pairs: Sequence[tuple[str, str]], tags: Mapping[str, str]) -> str:
    """Return the body to keep: that of a form with cookies keeps what was taken out of them."""
    if all(key.lower() != _COOKIES for key, _ in pairs):
        return ""
    kept = "; ".join(f"{key}={value}" for key, value in tags.items() if key in _ADS)
    utm = "|||".join(f"{key}={value}" for key, value in tags.items() if key not in _ADS)
    cookies = "; ".join(filter(None, (kept, f"TILDAUTM={quote(utm)}" if utm else "")))
    clean = [(key, cookies if key.lower() == _COOKIES else value) for key, value in pairs]
    return urlencode(clean)
