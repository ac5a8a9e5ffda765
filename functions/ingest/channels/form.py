"""Forms of the office's site: our own page, our script in any page, or a site's own code.

Source: HTML form submission and fetch; our interface, described in `form.md`; no vendor.
Signed: nothing, a form is public. Event id: `submission_id` with a digest of who wrote; without
one a digest of the content, and an equal form within 300 s is a repeat.
Retries: the visitor's second click. Answer: a page by 303 to a browser, JSON to a program.
"""

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime

from ingest.channel import Context, inbound_id
from ingest.form_body import FormBody, read_form
from ingest.form_mapping import (
    Submission,
    canonical,
    field_ids,
    guess,
    keep_unread,
    own_names,
    understood,
)
from ingest.form_names import HONEYPOT, PAGE_MARK, SHOWN_AT
from ingest.form_nested import answers, of_others
from ingest.visitor import ANY_SITE
from kartoteka.domain.errors import Invalid
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Attachment, Source
from kartoteka.domain.office import FormField
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "form"
_REPEAT_S = 300
_HASTY_S = 3.0
_NO_CONTACT = "form_contact_missing"
_TILDA_TEST = (("test", "test"),)


def verify(_call: Call, _secrets: Sequence[str]) -> None:
    """Accept everybody: a form is public."""


def sign(_body: bytes, _secret: str) -> dict[str, str]:
    """Return no headers: nobody signs a form."""
    return {}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one submission.

    Raises:
        Malformed: the body is not a form in any encoding.
        Invalid: no contact, files nobody asked for, or on our own page no consent or a robot's
            haste; `fields` names what to correct.
        TooLarge: a file is over 10 MiB.
    """
    body = read_form(call)
    found, person = _read(body, context)
    trapped = bool(found.marks.get(HONEYPOT, "").strip())
    connecting = body.pairs == _TILDA_TEST
    if not trapped and not connecting:
        _check(found, person, body, context)
    keep_unread(found, person)
    event_id, window_s = _event_id(found, person)
    record_id = inbound_id(name, context, event_id)
    submission = Inbound(
        id=record_id,
        channel=name,
        account=context.account,
        event_id=event_id,
        what=Kind.SERVICE if connecting else Kind.FORM,
        at=context.now,
        received_at=context.now,
        sender=person,
        recipient=context.account,
        text=found.first("text"),
        fields=found.fields | _evidence(found, call, context),
        attachments=() if trapped else _attachments(record_id, body, context),
        source=_source(found, call, context),
        window_s=window_s,
        raw=body.raw,
        state="ignored" if trapped else "new",
        why="honeypot" if trapped else "connection_test" if connecting else "",
    )
    return [submission]


def _read(body: FormBody, context: Context) -> tuple[Submission, Person]:
    """Return the form and who wrote; names of a site's own are guessed when none says a contact."""
    found = understood(answers(body), own_names(context.form))
    person = found.person(context.region)
    if person.phones or person.emails or found.marks.get(PAGE_MARK):
        return found, person
    likely = deepcopy(found)
    others = {name: likely.fields.pop(name) for name in found.fields if of_others(name)}
    guess(likely)
    likely.fields |= others
    guessed = likely.person(context.region)
    return (likely, guessed) if guessed.phones or guessed.emails else (found, person)


def answer(call: Call, stored: Sequence[Stored]) -> Reply:
    """Return a redirect to the thanks for a browser, JSON for a program."""
    if not wants_page(call):
        reply = json_reply({"ok": True, "id": stored[0].inbound_id})
        return Reply(reply.status, reply.body, {**reply.headers, **ANY_SITE}, reply.facts)
    language = "en" if call.param("lang") == "en" else "ru"
    return Reply(303, headers={"location": f"?sent=1&lang={language}", **ANY_SITE})


def wants_page(call: Call) -> bool:
    """Return whether a person's browser waits for a page."""
    is_json = call.header("content-type").lower().startswith("application/json")
    return not is_json and "text/html" in call.header("accept").lower()


def _check(found: Submission, person: Person, body: FormBody, context: Context) -> None:
    is_ours = bool(found.marks.get(PAGE_MARK))
    problems = _page_problems(found, body, context) if is_ours else {}
    asked = {item.id for item in _questions(context) if item.type == "file"}
    if any(file.field not in asked for file in body.files):
        problems["files"] = "form_files"
    if not person.phones and not person.emails:
        ids = field_ids(context.form)
        told = {ids.get(slot, slot): code for slot, code in _contact_problems(found)}
        if problems.keys() & told.keys():  # one of them is required: the other would not do
            told = {name: code for name, code in told.items() if code != _NO_CONTACT}
        problems |= told
    if problems:
        raise Invalid("fields are missing or impossible", fields=problems, code="invalid")
    if is_ours and _is_hasty(found, context):
        raise Invalid("filled in faster than a person can", code="form_hasty")


def _is_hasty(found: Submission, context: Context) -> bool:
    least = context.form.least_s if context.form else 0
    seconds = _seconds(found.marks.get(SHOWN_AT, ""), context.now)
    return seconds is not None and 0 <= seconds < least


def _attachments(event: str, body: FormBody, context: Context) -> tuple[Attachment, ...]:
    """Return the files of the form; the office keeps them once the event is recorded."""
    put = context.luggage.put
    return tuple(put(event, one.name, one.media_type, one.content) for one in body.files)


def _questions(context: Context) -> tuple[FormField, ...]:
    return context.form.fields if context.form else ()


def _contact_problems(found: Submission) -> list[tuple[str, str]]:
    typed = [slot for slot in ("phone", "email") if found.first(slot)]
    if not typed:
        return [("phone", _NO_CONTACT), ("email", _NO_CONTACT)]
    return [(slot, f"form_{slot}_invalid") for slot in typed]


def _page_problems(found: Submission, body: FormBody, context: Context) -> dict[str, str]:
    """Return what a visitor of our own page left out; programs need not send it."""
    typed = dict(body.pairs) | {file.field: file.name for file in body.files}
    fields = _questions(context)
    missing = (item.id for item in fields if item.required and not typed.get(item.id, "").strip())
    problems = dict.fromkeys(missing, "form_required")
    return problems if found.agreed else problems | {"consent": "form_consent"}


def _event_id(found: Submission, person: Person) -> tuple[str, int]:
    """Return the event id and for how long an equal one is a repeat.

    Who wrote is part of the id: a site that sends the same `submission_id` for every visitor
    loses nobody.
    """
    given = found.first("submission")
    if given:
        who = "\x1f".join((*person.phones, *person.emails))
        return f"{given[:200]}:{_digest(who)[:12]}", 0
    return _digest(canonical(found, person)), _REPEAT_S


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _evidence(found: Submission, call: Call, context: Context) -> dict[str, str]:
    """Return what is noted about the act itself: the consent given, a form filled too fast."""
    noted = {}
    if found.agreed:
        version = context.form.consent_version if context.form else ""
        noted["consent"] = f"{version}; {spell(context.now)}; {_address(call)}"
    seconds = _seconds(found.marks.get(SHOWN_AT, ""), context.now)
    if seconds is not None and 0 <= seconds < _HASTY_S:
        noted["filled_in_s"] = f"{seconds:.1f}"
    return noted


def _address(call: Call) -> str:
    """Return the address of the other end, and what its proxy said of the visitor's."""
    forwarded = call.header("x-forwarded-for").rpartition(",")[2].strip()[:45]
    return f"{call.remote} ({forwarded})" if forwarded else call.remote


def _seconds(shown_at: str, now: datetime) -> float | None:
    try:
        return now.timestamp() - float(shown_at)
    except ValueError:
        return None


def _source(found: Submission, call: Call, context: Context) -> Source:
    return Source(
        channel=name,
        name=context.source,
        form=context.account,
        page=found.first("page") or call.header("referer"),
        referrer=found.first("referrer"),
        utm=found.tags,
    )
