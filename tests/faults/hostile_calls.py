"""Calls that nobody sends in good faith: samples of the channels, and what is made of them.

A case is one call in bytes: a line of JSON that says where and how it travels, then its body. The
same bytes are the corpus of the guided fuzzer and the file that keeps a finding.
"""

import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.faults import hostile_texts as texts
from tests.ingest.channels.samples import samples, unsigned
from tests.ingest.mail.corpus import CASES as LETTERS

from kartoteka.http import Call

LETTER, ONE_C, CHAT, BEACON = "(letter)", "(1C)", "(chat)", "(beacon)"
_TALK: tuple[tuple[str, tuple[str, ...], Mapping[str, Any]], ...] = (
    (CHAT, ("hello",), {}),
    (CHAT, ("say",), {"id": "a" * 16, "text": "hi", "call": {"phone": "+79165550101"}}),
    (BEACON, ("visit",), {"trail": {"visit": "0" * 16, "first": {"page": "/", "tags": {}}}}),
    (BEACON, ("join",), {"event": "x", "trail": {"visit": "0" * 16, "pages": [{"page": "/"}]}}),
)
_LONGEST = 400_000  # bytes of a body; a longer one is cut


@dataclass(frozen=True, slots=True)
class Case:
    """A call to a channel, or to a reader that stands behind several."""

    channel: str
    call: Call

    def encoded(self) -> bytes:
        """Return the case as bytes."""
        call = self.call
        head = {
            "channel": self.channel,
            "method": call.method,
            "rest": list(call.path),
            "query": call.target.partition("?")[2],
            "headers": dict(call.headers),
        }
        return json.dumps(head).encode() + b"\n" + call.body


def decoded(data: bytes) -> Case | None:
    """Return the case of these bytes, None when its first line says nothing."""
    line, _, body = data.partition(b"\n")
    try:
        head = json.loads(line)
        query = str(head["query"]).encode("latin-1", "replace").decode("latin-1")
        call = Call(
            str(head["method"]),
            tuple(map(str, head["rest"])),
            body=body[:_LONGEST],
            headers={str(k).lower(): str(v) for k, v in head["headers"].items()},
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            target="?" + query if query else "",
        )
        return Case(str(head["channel"]), call)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def seeds() -> list[Case]:
    """Return every sample of every channel, the difficult letters, and posts of a site's page."""
    found = [Case(name, _bare(name, path)) for name, path in samples()]
    found += [Case(LETTER, Call("POST", (), body=source)) for _, source, *_ in LETTERS]
    found += [
        replace(case, channel=ONE_C)
        for case in tuple(found)
        if case.channel == "commerceml" and case.call.body
    ]
    found += [Case(ONE_C, Call("POST", (), body=packed)) for packed in archives()]
    for name, rest, told in _TALK:
        body, kind = json.dumps(told).encode(), {"content-type": "application/json"}
        found.append(Case(name, Call("POST", rest, body=body, headers=kind)))
    return found


def archives() -> list[bytes]:
    """Return a catalogue as 1C packs it, one among folders, and one that grows beyond measure."""
    goods = next(
        path for name, path in samples() if (name, path.stem) == ("commerceml", "catalogue")
    )
    inside = goods.read_bytes()
    return [
        _zipped({"import.xml": inside}),
        _zipped({"webdata/000001/import.xml": inside, "import_files/a.jpg": b"\xff" * 99}),
        _zipped({"import.xml": inside[:60] + b" " * 9_000_000}),
        _zipped({f"{number}.xml": b"" for number in range(3_000)}),
    ]


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _bare(name: str, path: Path) -> Call:
    call = unsigned(name, path)
    return replace(call, path=call.path[2:], target="?" + call.target.partition("?")[2])


def spoilt(case: Case, chance: random.Random, others: list[Case]) -> Case:
    """Return the case with something done to it; sometimes to the call, mostly to the body."""
    made = chance.choices(_WAYS, _ODDS)[0](case, chance, others)
    return replace(made, call=replace(made.call, body=made.call.body[:_LONGEST]))


def _body(case: Case, chance: random.Random, _others: list[Case]) -> Case:
    if case.call.method == "GET":
        told = texts.form(case.call.target[1:].encode(), chance).decode("latin-1")
        return Case(case.channel, _asked(case.call, told))
    return _with_body(case, texts.spoilt(case.call.body, chance))


def _spliced(case: Case, chance: random.Random, others: list[Case]) -> Case:
    other = chance.choice(others).call.body
    at, there = (chance.randint(0, len(body)) for body in (case.call.body, other))
    return _with_body(case, case.call.body[:at] + other[there:])


def _foreign(case: Case, chance: random.Random, others: list[Case]) -> Case:
    return _with_body(case, chance.choice(others).call.body)


def _hostile(case: Case, chance: random.Random, _others: list[Case]) -> Case:
    return _with_body(case, chance.choice(texts.HOSTILE))


def _header(case: Case, chance: random.Random, _others: list[Case]) -> Case:
    name = chance.choice([*case.call.headers, "content-type", "content-type", "origin", "cookie"])
    value = chance.choice([*texts.TYPES, *texts.WORDS])
    call = replace(case.call, headers={**case.call.headers, name: value})
    return Case(case.channel, call)


def _addressed(case: Case, chance: random.Random, _others: list[Case]) -> Case:
    rest = [*case.call.path]
    rest.insert(chance.randint(0, len(rest)), chance.choice(texts.WORDS)[:200])
    call = replace(case.call, path=tuple(rest), method=chance.choice(["GET", "POST", "HEAD"]))
    return Case(case.channel, call)


def _asked(call: Call, told: str) -> Call:
    return replace(call, target="?" + told, query=tuple(parse_qsl(told, keep_blank_values=True)))


def _with_body(case: Case, body: bytes) -> Case:
    return Case(case.channel, replace(case.call, body=body))


_WAYS: tuple[Callable[[Case, random.Random, list[Case]], Case], ...] = (
    _body,
    _spliced,
    _foreign,
    _hostile,
    _header,
    _addressed,
)
_ODDS = (80, 5, 3, 2, 6, 4)
