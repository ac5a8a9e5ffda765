"""The sample events of the channels: bodies on a shelf, as their providers send them.

A sample is `<event>.<kind>`; the kind says how it travels. Beside it, if needed, `.headers.json`
with further headers (`:path` is what follows the address in the path) and `.expected.json` with
what it means.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import parse_qsl

from kartoteka.domain.errors import NotFound
from kartoteka.http import Call

KINDS = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "text/xml",
    "query": "",  # a GET: the query as one line
}
_COMPANY = (".expected.json", ".headers.json")


def sample_files(channel: str) -> Iterator[Traversable]:
    """Yield the samples of a channel by name; none when nobody made any."""
    shelf = files("onebox").joinpath("fixtures", channel)
    entries = sorted(shelf.iterdir(), key=lambda entry: entry.name) if shelf.is_dir() else []
    for entry in entries:
        if entry.name.rpartition(".")[2] in KINDS and not entry.name.endswith(_COMPANY):
            yield entry


def read_sample(channel: str, name: str) -> Call:
    """Return a sample as an unsigned call, without its address.

    Raises:
        NotFound: there is no such channel or sample; names those there are.
    """
    found = {entry.name: entry for entry in sample_files(channel)}
    if not found:
        raise NotFound(f"there are no samples of {channel!r}; there are: {', '.join(_shelves())}")
    stems = {key.partition(".")[0]: key for key in found}
    wanted = name if name in found else stems.get(name.partition(".")[0], "")
    if not wanted:
        raise NotFound(f"{channel} has no sample {name!r}; it has: {', '.join(sorted(stems))}")
    return call_of(found[wanted].read_bytes(), wanted, _headers(channel, wanted))


def call_of(body: bytes, name: str, headers: dict[str, str]) -> Call:
    """Return the call that brings this body, by the kind in its name."""
    kind = name.rpartition(".")[2]
    path = tuple(part for part in headers.pop(":path", "").split("/") if part)
    if kind == "query":
        query = tuple(parse_qsl(body.decode().strip(), keep_blank_values=True))
        return Call("GET", path, headers=headers, query=query, target="?" + body.decode().strip())
    return Call("POST", path, body=body, headers={"content-type": KINDS[kind], **headers})


def at_address(call: Call, address: tuple[str, ...]) -> Call:
    """Return the call at an address: function, account, then what the sample adds."""
    path = (*address, *call.path)
    query = call.target.partition("?")[2]
    target = "/ingest/" + "/".join(path) + ("?" + query if query else "")
    return replace(call, path=path, target=target)


def _headers(channel: str, name: str) -> dict[str, str]:
    stem = name.partition(".")[0]
    beside = files("onebox").joinpath("fixtures", channel, f"{stem}.headers.json")
    return dict(json.loads(beside.read_text("utf-8"))) if beside.is_file() else {}


def _shelves() -> list[str]:
    root = files("onebox").joinpath("fixtures")
    return sorted(entry.name for entry in root.iterdir() if any(sample_files(entry.name)))
