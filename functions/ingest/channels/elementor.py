"""Forms of WordPress sites made with Elementor Pro: its action "Webhook".

Source: public receivers and tests of such posts; Elementor publishes no reference.
Signed: nothing; the proof is the secret that ends the address. Event id: a digest of the content
within 300 s, Elementor has none. Retries: none. Answer: 2xx, anything else is shown to the visitor
as a failure.

Two shapes: plain, label to value; and with "Advanced Data", `fields[<id>][raw_value]` and so on.
There `form[name]` is the name of the form, not of a person.
"""

import re
from collections.abc import Sequence

from ingest.channel import Context, Manner
from ingest.form_body import read_form
from ingest.form_event import OK, Told, submitted
from ingest.form_mapping import Answer
from ingest.proof import check_path, with_path
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "elementor"
manner = Manner(subpaths=True)
verify = check_path
_PLACE = re.compile(r"(form|fields|meta)\[([^\[\]]{1,200})\](?:\[([^\[\]]{1,40})\])?")
_TYPES = {"tel": "phone", "email": "email"}
_FILE = "upload"
_META = {"date", "time", "user_agent", "remote_ip", "credit", "form_id", "form_name"}
_Parts = dict[str, dict[str, str]]


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that ends in the secret."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one submission, in either shape.

    Raises:
        Malformed: the body is not a form, or has no answers.
    """
    pairs = read_form(call).pairs
    placed = [(found, value) for key, value in pairs if (found := _PLACE.fullmatch(key))]
    if placed:
        return submitted(name, call, context, _advanced(placed))
    return submitted(name, call, context, _plain(pairs))


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the success without which the visitor is told of a failure."""
    return OK


def _plain(pairs: Sequence[tuple[str, str]]) -> Told:
    beside = {key.casefold().replace(" ", "_"): value for key, value in pairs}
    told = (Answer(key, value) for key, value in pairs)
    kept = tuple(one for one in told if one.name.casefold().replace(" ", "_") not in _META)
    return Told(kept, form=beside.get("form_name", "") or beside.get("form_id", ""))


def _advanced(placed: Sequence[tuple[re.Match[str], str]]) -> Told:
    parts: dict[str, _Parts] = {"form": {}, "fields": {}, "meta": {}}
    for found, value in placed:
        group, key, part = found.groups()
        parts[group].setdefault(key, {})[part or "value"] = value
    form, meta = parts["form"], parts["meta"]
    title = form.get("name", {}).get("value", "") or form.get("id", {}).get("value", "")
    return Told(
        answers=tuple(_field(key, found) for key, found in parts["fields"].items()),
        form=title,
        page=meta.get("page_url", {}).get("value", ""),
    )


def _field(key: str, found: dict[str, str]) -> Answer:
    shown = found.get("value", "")  # of a file its address, where the raw value is a path
    value = shown if found.get("type") == _FILE and shown else found.get("raw_value") or shown
    slot = _TYPES.get(found.get("type", ""), "")
    return Answer(found.get("title") or key, value, id=key, slot=slot)
