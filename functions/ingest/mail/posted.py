"""The fields and files of a provider's post, as bytes: providers say the charset elsewhere.

Source: RFC 7578 (multipart/form-data), HTML (urlencoded forms).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from ingest.mail.charsets import decoded
from ingest.mail.headers import parameters
from ingest.mail.letter import File
from ingest.mail.structure import Part, parts
from ingest.plain_text import read_object
from kartoteka.domain.errors import Malformed
from kartoteka.http import Call

_MOST_FIELDS = 1_000


@dataclass(frozen=True, slots=True)
class Post:
    """Fields and files by name, in order; of equal names the last is `field`."""

    fields: tuple[tuple[str, bytes], ...]
    files: tuple[tuple[str, File], ...] = ()

    def field(self, name: str, label: str = "utf-8") -> str:
        """Return the text of a field, empty when there is none."""
        return decoded(self.content(name), label)

    def content(self, name: str) -> bytes:
        """Return the last field or file of this name, empty when there is none."""
        files = ((key, file.content) for key, file in self.files)
        return next((value for key, value in reversed((*files, *self.fields)) if key == name), b"")

    def has(self, name: str) -> bool:
        """Return whether there is such a field or file."""
        return any(key == name for key, _ in (*self.fields, *self.files))


def read_post(call: Call) -> Post:
    """Return what was posted.

    Raises:
        Malformed: neither parts, nor fields, nor a JSON object.
    """
    kind, told = parameters(call.header("content-type"))
    if kind == "multipart/form-data":
        return _of_parts(call)
    if kind == "application/json" or call.body.lstrip()[:1] == b"{":
        return Post(tuple(_json_fields(read_object(call.body))))
    del told
    try:
        pairs = parse_qsl(
            call.body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as exc:
        raise Malformed("over a thousand fields", code="too_many_fields") from exc
    return Post(tuple((name, value.encode("latin-1")) for name, value in pairs))


def _of_parts(call: Call) -> Post:
    raw = call.header("content-type")
    whole = Part({"content-type": [raw]}, memoryview(call.body))
    fields: list[tuple[str, bytes]] = []
    files: list[tuple[str, File]] = []
    for part in parts(whole):
        if part.depth != 1:
            continue
        name = part.disposition[1].get("name", "")
        if "filename" in part.disposition[1]:
            files.append((name, File(part.file_name or name, part.media_type, part.content)))
        else:
            fields.append((name, part.content))
    if not fields and not files:
        raise Malformed("the parts of the body cannot be told apart", code="not_multipart")
    return Post(tuple(fields), tuple(files))


def _json_fields(found: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    for name, value in found.items():
        if isinstance(value, str | int | float):
            yield name, str(value).encode("utf-8", "replace")
