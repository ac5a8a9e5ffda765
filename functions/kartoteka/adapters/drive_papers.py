"""Papers of deals in Google Drive: a folder per deal, copies of templates.

Source: Drive API v3 reference (files.get with alt=media, files.copy, files.create). A copy is made
with our key among its properties, so that a repeated call finds the first. Google's own kinds
(documents, tables) have no content to be read; they are copied by Google.
"""

from kartoteka.adapters.drive import FILE_FIELDS, DriveFiles, kept_file, run
from kartoteka.adapters.google_account import GoogleAccount
from kartoteka.domain.errors import Invalid
from kartoteka.paper_ports import Folder, Papers, PaperTemplate
from kartoteka.ports import KeptFile

_OURS = "fl_"
_GOOGLE = "application/vnd.google-apps."
_MOST_BYTES = 20_000_000


def build(account: GoogleAccount) -> Papers:
    """Return the papers of the office account, at Google or at its stand-in."""
    return DrivePapers(account)


class DrivePapers(DriveFiles):
    """The Papers port over googleapiclient."""

    def template(self, ref: str) -> PaperTemplate:
        """Return a template by our key or Google's id; Google's own kinds without content."""
        file_id = self._id_of(ref)
        found = run(self._files.get(fileId=file_id, fields=FILE_FIELDS))
        kind = str(found.get("mimeType", ""))
        if int(found.get("size", 0)) > _MOST_BYTES:
            raise Invalid("the template is too large", code="paper_too_large")
        own = kind.startswith(_GOOGLE)
        content = None if own else run(self._files.get_media(fileId=file_id))
        return PaperTemplate(str(found.get("name", "")), kind, content)

    def put(
        self, key: str, name: str, media_type: str, *, content: bytes, into: Folder
    ) -> KeptFile:
        """Return the paper as it is kept; one that is there already stays as it is."""
        found = self._listed(key)
        if found is None:
            found = self._created(key, name, media_type, content, parent=self._folder_of(into))
        return kept_file(found)

    def copy(self, key: str, name: str, ref: str, *, into: Folder) -> KeptFile:
        """Return a copy of a template as it is; one that is there already stays."""
        found = self._listed(key)
        if found is None:
            body = self._described(key, name, self._folder_of(into))
            wanted = self._files.copy(fileId=self._id_of(ref), body=body, fields=FILE_FIELDS)
            found = run(wanted)
        return kept_file(found)

    def _folder_of(self, into: Folder) -> str:
        return self._folder_at(into.key, into.name, (self._folder(),))

    def _id_of(self, ref: str) -> str:
        found = self._listed(ref) if ref.startswith(_OURS) else None
        return str(found["id"]) if found is not None else ref
