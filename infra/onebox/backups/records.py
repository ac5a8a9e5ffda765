"""The records of a moment as files of JSON lines, and back.

Of each file two hashes are known: of its bytes, and of its content, which is the same lines with
the fields of each object sorted. SQLite keeps the order of fields and Firestore does not, so what
went through Firestore is equal by content.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from kartoteka.adapters.moment import Kept, Moment

FOLDER = "records/"
_ENDING = ".ndjson"
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_sorter = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
Described = dict[str, dict[str, Any]]


def file_of(collection: str) -> str:
    """Return the name of a collection's file in an archive."""
    return f"{FOLDER}{collection}{_ENDING}"


def collection_of(name: str) -> str:
    """Return the collection of a file in an archive."""
    return name.removeprefix(FOLDER).removesuffix(_ENDING)


def write(moment: Moment, folder: Path) -> Described:
    """Write a file per collection below `folder`; return what each holds, by its name."""
    (folder / FOLDER).mkdir(mode=0o700)
    described = {}
    for collection in moment.collections():
        name = file_of(collection)
        with (folder / name).open("xb") as file:
            described[name] = _summed(moment.records(collection), file.write)
    return described


def describe(moment: Moment, wanted: Callable[[str], bool] = bool) -> Described:
    """Return what each file would hold, by its name; of the wanted collections only."""
    return {
        file_of(collection): _summed(moment.records(collection), len)
        for collection in moment.collections()
        if wanted(collection)
    }


def check_equal(said: Described, found: Described, *, ordered: bool) -> None:
    """Refuse records that differ from what was said of them.

    A collection without records is equal to one that is not kept: a box has an empty table after
    the last one was deleted, the cloud has nothing.

    Args:
        said: what the manifest says, by the name of the file.
        found: what was read again.
        ordered: whether the fields of each record must stand in the same order, too.

    Raises:
        ValueError: names the first file that differs, is missing or is too many.
    """
    kept = ("sha256", "bytes", "content", "records") if ordered else ("content", "records")
    nothing = _summed((), len)
    for name in sorted(said.keys() | found.keys()):
        one, other = said.get(name, nothing), found.get(name, nothing)
        if [one.get(key) for key in kept] != [other.get(key) for key in kept]:
            raise ValueError(f"the restored {name} differs from the manifest")


def read(path: Path) -> Iterator[Kept]:
    """Stream the records of a file; ValueError or KeyError if it is none of ours."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            said = json.loads(line)
            yield Kept(said["id"], said["doc"], said.get("position"))


def _summed(records: Iterable[Kept], take: Callable[[bytes], object]) -> dict[str, Any]:
    exact, content, size, number = hashlib.sha256(), hashlib.sha256(), 0, 0
    for kept in records:
        line = _line(kept, _encoder)
        take(line)
        exact.update(line)
        content.update(_line(kept, _sorter))
        size, number = size + len(line), number + 1
    return {
        "sha256": exact.hexdigest(),
        "bytes": size,
        "content": content.hexdigest(),
        "records": number,
    }


def _line(kept: Kept, encoder: json.JSONEncoder) -> bytes:
    placed = {} if kept.position is None else {"position": kept.position}
    return (encoder.encode({"id": kept.id, **placed, "doc": kept.doc}) + "\n").encode()
