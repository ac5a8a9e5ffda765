"""A sample means the same however its provider spells it: types, nulls, labels, additions."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import pytest
from tests.ingest.channels.samples import SHELF, samples, understood, unsigned

from ingest.channels import CHANNELS
from kartoteka.http import Call

# Of the body's own form, not of what it says: hashes of it, and the body itself.
BESIDE = {"raw", "received_at", "id", "event_id", "window_s"}
# Whatever a site's form has is an answer, and these two take a body only as they document it.
ANSWERS = {"cf7", "form", "tilda", "typeform", "yandex_forms", "marquiz"}
STRICT = {"site", *ANSWERS}
LABELS = ("text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "")
ODD = {"hostile", "unknown", "probe"}  # odd characters; nothing known; nothing at all
TOLD_IN_JSON = sorted({name for name, path in samples() if path.suffix == ".json"})
LONGEST = 15  # digits that every reader of JSON keeps


def walked(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """Return the body with every leaf spelled anew."""
    if isinstance(value, dict):
        return {key: walked(inner, leaf) for key, inner in value.items()}
    if isinstance(value, list):
        return [walked(inner, leaf) for inner in value]
    return leaf(value)


def as_text(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def as_number(value: Any) -> Any:
    is_count = isinstance(value, str) and value.isascii() and value.isdecimal()
    plain = is_count and len(value) <= LONGEST and str(int(value)) == value
    return int(value) if plain else value


def as_null(value: Any) -> Any:
    return None if value == "" else value


def with_more(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {key: with_more(it) for key, it in value.items()}
        return {**inner, "zz_news": {"of": [1, None]}, "zz_null": None}
    return [with_more(it) for it in value] if isinstance(value, list) else value


class Sample(NamedTuple):
    """A body in JSON, and what it means."""

    stem: str
    call: Call
    body: Any
    events: list[dict[str, Any]]


@cache
def bodies(channel: str) -> list[Sample]:
    """Return the samples of a channel that are JSON."""
    files = [path for path in (SHELF / channel).glob("*.json") if path.name.count(".") == 1]
    calls = [(path.stem, unsigned(channel, path)) for path in files if path.stem not in ODD]
    return [
        Sample(stem, call, json.loads(call.body), meaning(channel, call)) for stem, call in calls
    ]


def meaning(channel: str, call: Call) -> list[dict[str, Any]]:
    events = understood(CHANNELS[channel], call)
    return [event.model_dump(exclude=BESIDE) for event in events]


def differing(channel: str, spelled: Callable[[Any], Any]) -> list[str]:
    """Return the samples that mean something else when they are spelled like this."""
    found = []
    for sample in bodies(channel):
        text = json.dumps(spelled(sample.body), ensure_ascii=False)
        anew = replace(sample.call, body=text.encode())
        if meaning(channel, anew) != sample.events:
            found.append(sample.stem)
    return found


@pytest.mark.parametrize("channel", TOLD_IN_JSON)
def test_number_as_text_and_text_as_number_mean_the_same(channel: str) -> None:
    assert differing(channel, lambda body: walked(body, as_text)) == []
    assert differing(channel, lambda body: walked(body, as_number)) == []


@pytest.mark.parametrize("channel", TOLD_IN_JSON)
def test_null_in_place_of_an_empty_text_means_the_same(channel: str) -> None:
    assert differing(channel, lambda body: walked(body, as_null)) == []


@pytest.mark.parametrize("channel", [name for name in TOLD_IN_JSON if name not in STRICT])
def test_field_that_nobody_knows_changes_nothing(channel: str) -> None:
    known = [stem for stem in differing(channel, with_more) if stem != "story"]

    assert known == []


@pytest.mark.parametrize("channel", TOLD_IN_JSON)
def test_label_and_byte_order_mark_of_a_body_change_nothing(channel: str) -> None:
    for number, (stem, call, _, events) in enumerate(bodies(channel)):
        label = LABELS[number % len(LABELS)]  # in turns
        marked = b"\xef\xbb\xbf" + call.body
        labelled = replace(call, headers={**call.headers, "content-type": label}, body=marked)
        assert meaning(channel, labelled) == events, (
            f"{stem} means something else as {label} behind a byte order mark:"
            " `read_object` and `read_form` know it, `form_body.BLANK` may stand before JSON"
        )
