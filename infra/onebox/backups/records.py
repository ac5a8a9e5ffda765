"""The records of a moment as files of JSON lines, and back; equal records make equal bytes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kartoteka.adapters.moment import Kept, Moment

FOLDER = "records/"
_ENDING = ".ndjson"
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def file_of(collection: str) -> str:
    """Return the name of a collection's file in an archive."""
    return f"{FOLDER}{collection}{_ENDING}"


def collection_of(name: str) -> str:
    """Return the collection of a file in an archive."""
    return name.removeprefix(FOLDER).removesuffix(_ENDING)


def write(moment: Moment, folder: Path) -> dict[str, dict[str, Any]]:
    """Write a file per collection below `folder`; return what each holds, by its name."""
    (folder / FOLDER).mkdir(mode=0o700)
    described = {}
    for collection in moment.collections():
        name = file_of(collection)
        with (folder / name).open("xb") as file:
            described[name] = _summed(moment.records(collection), file.write)
    return described


def describe(moment: Moment) -> dict[str, dict[str, Any]]:
    """Return what each file would hold, by its name."""
    return {
        file_of(collection): _summed(moment.records(collection), len)
        for collection in moment.collections()
    }


def read(path: Path) -> Iterator[Kept]:
    """Stream the records of a file; ValueError or KeyError if it is none of ours."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            said = json.loads(line)
            yield Kept(said["id"], said["doc"], said.get("position"))


def _summed(records: Iterable[Kept], take: Any) -> dict[str, Any]:
    digest, size, number = hashlib.sha256(), 0, 0
    for kept in records:
        line = _line(kept)
        take(line)
        digest.update(line)
        size, number = size + len(line), number + 1
    return {"sha256": digest.hexdigest(), "bytes": size, "records": number}


def _line(kept: Kept) -> bytes:
    placed = {} if kept.position is None else {"position": kept.position}
    return (_encoder.encode({"id": kept.id, **placed, "doc": kept.doc}) + "\n").encode()
