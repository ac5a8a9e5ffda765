"""Uploaded content: read from the request, kept in the vault, given back."""

import base64
import hashlib
import json
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser

from onebox.google.drive.refusals import DriveError
from onebox.google.methods import Json
from onebox.google.storage import Vault

MAX_CONTENT = 25 * 1024 * 1024
_KIND = "drive-media"
_PARTS = 2


@dataclass(frozen=True)
class Media:
    """Bytes with their type."""

    content: bytes
    mime_type: str

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


def read_multipart(raw: bytes, content_type: str) -> tuple[Json, Media]:
    """Return the metadata and the content of a multipart/related upload.

    Raises:
        DriveError: 400 when the two parts are not there, 413 when there are too many bytes.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + raw)
    parts = [part for part in message.walk() if not part.is_multipart()]
    if len(parts) != _PARTS:
        raise DriveError(400, "badRequest", "Malformed multipart body.")
    try:
        metadata = json.loads(_content(parts[0]))
    except ValueError:
        raise DriveError(400, "parseError", "Parse Error") from None
    media = Media(_content(parts[1]), parts[1].get_content_type())
    return metadata, checked(media)


def checked(media: Media) -> Media:
    """Return the content unless it is too large for the stand-in.

    Raises:
        DriveError: 413.
    """
    if len(media.content) > MAX_CONTENT:
        limit = f"The stand-in keeps files of up to {MAX_CONTENT // 1024**2} MB."
        raise DriveError(413, "uploadTooLarge", limit)
    return media


def keep(vault: Vault, file_id: str, media: Media) -> None:
    """Keep the content of a file."""
    body = {"type": media.mime_type, "content": base64.b64encode(media.content).decode()}
    vault.put(_KIND, file_id, body)


def kept(vault: Vault, file_id: str) -> Media | None:
    """Return the content of a file, or None when it has none."""
    body = vault.get(_KIND, file_id)
    return None if body is None else Media(base64.b64decode(body["content"]), body["type"])


def forget(vault: Vault, file_id: str) -> None:
    """Remove the content of a file."""
    vault.delete(_KIND, file_id)


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
