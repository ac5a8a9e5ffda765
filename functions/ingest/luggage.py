"""The files that came with a call, from reading until the office keeps them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.our_errors import guarded, tell
from ingest.plain_text import file_name
from kartoteka.domain.errors import KartotekaError, Transient
from kartoteka.domain.model import Attachment
from kartoteka.log import log
from kartoteka.ports import Files
from kartoteka.services.kept_files import file_key


@dataclass(slots=True)
class Luggage:
    """Contents by the `ref` of their attachment."""

    contents: dict[str, tuple[Attachment, bytes]] = field(default_factory=dict)

    def put(self, event: str, name: str, media_type: str, content: bytes) -> Attachment:
        """Return the attachment of a file; its `ref` is the same when the event is repeated."""
        ref = file_key(event, name, hashlib.sha256(content).hexdigest())
        attachment = Attachment(
            name=file_name(name), media_type=media_type, size=len(content), ref=ref
        )
        self.contents[ref] = (attachment, content)
        return attachment

    def keep(self, attachments: Iterable[Attachment], files: Files) -> None:
        """Have the office keep the files of a recorded event; repeating it is harmless.

        Of a file that cannot be kept (there is no Drive, it refuses the file, we fail at it) what
        the event says of it stays, and the operator hears of it; the other files are kept.

        Raises:
            Transient: the files cannot be kept now; the provider repeats.
        """
        for attachment in attachments:
            if attachment.ref in self.contents:
                self._keep(attachment, files)

    def _keep(self, attachment: Attachment, files: Files) -> None:
        name, kind, content = (
            attachment.name,
            attachment.media_type,
            self.contents[attachment.ref][1],
        )
        try:
            guarded(
                lambda: files.keep(attachment.ref, name, kind, content),
                lambda exc: tell("file_not_kept", attachment.ref, exc),
            )
        except Transient:
            raise
        except KartotekaError as exc:
            log("warning", event="file_not_kept", file=attachment.ref, code=exc.code)
