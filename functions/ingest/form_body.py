"""What a form sent, as pairs of name and value, whatever the encoding.

Source: HTML (form submission), RFC 7578 (multipart), and the facts of old sites: a missing or
wrong Content-Type, and percent-encoded windows-1251.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ingest.plain_text import plain, raw_text, read_object
from kartoteka.domain.errors import Malformed, TooLarge
from kartoteka.http import MEBIBYTE, Call

FILE_LIMIT = 10 * MEBIBYTE
_MOST_FIELDS = 1000
_LONGEST_FILE_NAME = 200
BLANK = b" \t\r\n\xef\xbb\xbf"  # what may stand before JSON: spaces, a byte order mark
_FIELD = re.compile(rb"[\w%.+\[\]-]{1,200}=")
_ANY_FILE = "application/octet-stream"
_Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a form: the question it answers, how it is called, what it is."""

    field: str
    name: str
    media_type: str
    content: bytes = dataclass_field(repr=False)


@dataclass(frozen=True, slots=True)
class FormBody:
    """The fields in order, the files that came along, and the body to keep.

    `raw` is the body itself; of a multipart body it is its texts and the files' names and sizes.
    `nested` is the whole of a JSON body in which an object lies inside another; else empty.
    """

    pairs: tuple[tuple[str, str], ...]
    files: tuple[Upload, ...]
    raw: str
    nested: Mapping[str, Any] = dataclass_field(default_factory=dict, repr=False)


def read_form(call: Call) -> FormBody:
    """Return what the form sent; the content decides, Content-Type is a hint.

    Raises:
        Malformed: neither JSON, nor fields, nor parts.
        TooLarge: a file is over 10 MiB, or the texts of a multipart body are over 1 MiB.
    """
    media_type, options = parse_options_header(call.header("content-type"))
    if media_type.lower() == "multipart/form-data":
        return _multipart(call.body, options)
    if _is_json(call.body, media_type):
        found = read_object(call.body)
        nested = found if any(map(_holds_objects, found.values())) else {}
        return FormBody(tuple(_json_pairs(found)), (), raw_text(call.body), nested)
    return FormBody(tuple(_urlencoded(call.body)), (), raw_text(call.body))


def _is_json(body: bytes, media_type: str) -> bool:
    """Return whether a body is JSON: what looks like fields is not, whatever its label says."""
    start = body.lstrip(BLANK)[:1]
    return start == b"{" or (media_type.lower() == "application/json" and not _FIELD.match(body))


def _json_pairs(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if len(found) > _MOST_FIELDS:
        raise Malformed("over a thousand fields", code="too_many_fields")
    for name, value in found.items():
        items = value if isinstance(value, list) else [value]
        for item in items[:_MOST_FIELDS]:
            yield name, json_text(item)


def _holds_objects(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict) for item in value)
    )


def json_text(value: Any) -> str:
    """Return a value of JSON as text.

    Raises:
        Malformed: it is nested too deep.
    """
    if isinstance(value, str):
        return value
    try:
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    except RecursionError as exc:
        raise Malformed("a field is nested too deep", code="not_json") from exc


def _urlencoded(body: bytes) -> _Pairs:
    text = body.decode("latin-1")
    try:
        return _decoded(text, "utf-8", "strict")
    except UnicodeDecodeError:
        return _decoded(text, "windows-1251", "replace")


def _decoded(text: str, encoding: str, errors: str) -> _Pairs:
    """Return the pairs; bytes that were not percent-encoded are in `encoding` too."""
    try:
        pairs = parse_qsl(
            text.encode("latin-1").decode(encoding, errors),
            keep_blank_values=True,
            encoding=encoding,
            errors=errors,
            max_num_fields=_MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise
    except ValueError as exc:
        raise Malformed("over a thousand fields", code="too_many_fields") from exc
    return [(plain(name), plain(value)) for name, value in pairs]


def _multipart(body: bytes, options: dict[str, str]) -> FormBody:
    parser = FormDataParser(
        stream_factory=_in_memory,
        max_form_memory_size=MEBIBYTE,
        max_form_parts=_MOST_FIELDS,
        silent=False,
    )
    try:
        _, form, files = parser.parse(BytesIO(body), "multipart/form-data", len(body), options)
    except RequestEntityTooLarge as exc:
        raise TooLarge("the texts of the form are over 1 MiB", code="too_large") from exc
    except ValueError as exc:
        raise Malformed("the parts of the body cannot be told apart", code="not_multipart") from exc
    if sum(len(text.encode()) for _, text in form.items(multi=True)) > MEBIBYTE:
        raise TooLarge("the texts of the form are over 1 MiB", code="too_large")
    pairs = tuple((_name(name), plain(text)) for name, text in form.items(multi=True))
    uploads = tuple(_upload(_name(name), f) for name, f in files.items(multi=True) if f.filename)
    sizes = {upload.name: len(upload.content) for upload in uploads}
    raw = json.dumps({"fields": pairs, "files": sizes}, ensure_ascii=False)
    return FormBody(pairs, uploads, raw)


def _name(told: str | None) -> str:
    """Return the name of a part; one that has none is kept under the empty name."""
    return plain(told or "")


def _in_memory(*_: object, **__: object) -> BytesIO:
    """Return where a file's content goes: to memory, where the body is already."""
    return BytesIO()


def _upload(field: str, file: FileStorage) -> Upload:
    if file.stream.seek(0, 2) > FILE_LIMIT:
        raise TooLarge("a file is over 10 MiB", code="form_file_large")
    file.stream.seek(0)
    name = plain(file.filename or "")[-_LONGEST_FILE_NAME:]
    return Upload(field, name, plain(file.mimetype or _ANY_FILE), file.stream.read())
