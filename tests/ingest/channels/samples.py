"""The sample events of every channel, and what each one means in a fixed context."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ingest.channel import Asking, Channel, Context, unknown
from ingest.channels import CHANNELS
from kartoteka.domain.errors import Malformed
from kartoteka.http import Call
from kartoteka.services.setup import Preset, read_preset
from onebox.samples import at_address, read_sample, sample_files

SHELF = Path(__file__).parents[3] / "infra" / "onebox" / "fixtures"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
JSON = {"content-type": "application/json"}


@cache
def law_firm() -> Preset:
    """Return the preset of the office under test, read once."""
    return read_preset("law_firm")


def samples() -> list[tuple[str, Path]]:
    """Return every sample body as (channel, file)."""
    return [(name, SHELF / name / file.name) for name in CHANNELS for file in sample_files(name)]


def unsigned(channel: str, path: Path) -> Call:
    """Return a sample as its provider sends it, at a fixed address, without the proof."""
    call = at_address(read_sample(channel, path.name), (channel, f"{channel}_account"))
    return replace(call, base_url="http://localhost", remote="203.0.113.7")


def context(channel: str) -> Context:
    """Return a fixed address of a channel."""
    if channel == "form":
        form = law_firm().forms[0]
        return Context(form.id, form.source, "RU", NOW, form)
    return Context(f"{channel}_account", channel.title(), "RU", NOW, zone="Europe/Moscow")


def call_of(body: bytes, headers: dict[str, str] | None = None) -> Call:
    """Return a JSON post."""
    return Call("POST", (), body=body, headers=JSON | (headers or {}), remote="203.0.113.7")


def understood(channel: Channel, call: Call, now: datetime = NOW) -> list[Any]:
    """Return the events of a call as the intake records them; none of a question."""
    where = replace(context(channel.name), now=now)
    if is_question(channel, call):
        return []
    try:
        return list(channel.parse(call, where))
    except Malformed as exc:
        return [unknown(channel.name, call, where, exc)]


def is_question(channel: Channel, call: Call) -> bool:
    """Return whether the provider waits to hear who calls."""
    return isinstance(channel, Asking) and channel.asks(call)


def expected(channel: str, path: Path) -> list[dict[str, Any]]:
    """Return what a sample means, as its `.expected.json` spells it."""
    events = understood(CHANNELS[channel], unsigned(channel, path))
    hidden = {"raw", "received_at"}
    dumped = [e.model_dump_json(exclude=hidden, exclude_defaults=True) for e in events]
    return [json.loads(text) for text in dumped]


def accept(channel: str) -> None:
    """Write what each sample means now beside it; read the difference before it is committed."""
    for name, path in samples():
        if name == channel:
            text = json.dumps(expected(channel, path), ensure_ascii=False, indent=2)
            path.with_name(f"{path.stem}.expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        accept(wanted)
