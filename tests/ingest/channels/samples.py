"""The sample events of every channel, and what each one means in a fixed context."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ingest.channel import Channel, Context, unknown
from ingest.channels import CHANNELS
from kartoteka.domain.errors import Malformed
from kartoteka.http import Call
from kartoteka.services.setup import Preset, read_preset

SHELF = Path(__file__).parents[3] / "infra" / "onebox" / "fixtures"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
JSON = {"content-type": "application/json"}


@cache
def law_firm() -> Preset:
    """Return the preset of the office under test, read once."""
    return read_preset("law_firm")


def samples() -> list[tuple[str, Path]]:
    """Return every sample body as (channel, file)."""
    return [
        (name, path)
        for name in CHANNELS
        for path in sorted((SHELF / name).glob("*.json"))
        if path.name.count(".") == 1
    ]


def context(channel: str) -> Context:
    """Return a fixed address of a channel."""
    if channel == "form":
        form = law_firm().forms[0]
        return Context(form.id, form.source, "RU", NOW, form)
    return Context(f"{channel}_account", channel.title(), "RU", NOW)


def call_of(body: bytes, headers: dict[str, str] | None = None) -> Call:
    """Return a JSON post."""
    return Call("POST", (), body=body, headers=JSON | (headers or {}), remote="203.0.113.7")


def understood(channel: Channel, body: bytes) -> list[Any]:
    """Return the events of a body as the intake records them."""
    call, where = call_of(body), context(channel.name)
    try:
        return list(channel.parse(call, where))
    except Malformed as exc:
        return [unknown(channel.name, call, where, exc)]


def expected(channel: str, path: Path) -> list[dict[str, Any]]:
    """Return what a sample means, as its `.expected.json` spells it."""
    events = understood(CHANNELS[channel], path.read_bytes())
    hidden = {"raw", "received_at"}
    dumped = [e.model_dump_json(exclude=hidden, exclude_defaults=True) for e in events]
    return [json.loads(text) for text in dumped]
