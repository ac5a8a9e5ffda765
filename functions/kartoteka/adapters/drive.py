"""Files of the office account, in Google Drive.

Source: Drive API v3 reference (files.create with uploadType=multipart, files.list, files.get with
alt=media, files.delete). Drive gives its own ids, so our key is an application property; two calls
at the same moment may leave two copies, of which the oldest counts.
"""

import re
import threading
from collections.abc import Mapping
from typing import Any

from kartoteka.adapters.google_account import GoogleAccount
from kartoteka.adapters.google_errors import translated
from kartoteka.adapters.google_service import service_of
from kartoteka.domain.errors import NotFound
from kartoteka.ports import Files, KeptFile

_KEY = "kartotekaFile"
_FOLDER_KEY = "files"
_FOLDER = "application/vnd.google-apps.folder"
_FOLDER_NAME = "Kartoteka"
FILE_FIELDS = "id,name,mimeType,size,webViewLink,appProperties"
_LONGEST_NAME = 200
_UPLOADS = "/upload/"
_BYTES = "application/octet-stream"  # what a file is of which nothing better is known
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")  # RFC 6838, 4.2
_WITH_PARTS = ("message/", "multipart/")  # Google's client would take the bytes for parts
_GOOGLES_OWN = "application/vnd.google-apps"  # Drive would convert the file, or refuse it
_Json = dict[str, Any]


def build(account: GoogleAccount) -> Files:
    """Return the files of the office account, at Google or at its stand-in."""
    return DriveFiles(account)


class DriveFiles:
    """The Files port over googleapiclient; one HTTP connection per thread."""

    def __init__(self, account: GoogleAccount) -> None:
        self._account = account
        self._local = threading.local()

    @property
    def _files(self) -> Any:
        """Return the methods of files; a thread makes them once, for that takes 2 ms."""
        files = getattr(self._local, "files", None)
        if files is None:
            files = self._local.files = self._service.files()
        return files

    @property
    def _service(self) -> Any:
        service = getattr(self._local, "service", None)
        if service is None:
            service = self._local.service = service_of(self._account, "drive", "v3")
        return service

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        """Return the file as it is kept; one that is there already stays as it is."""
        found = self._listed(key)
        return kept_file(found or self._created(key, name, media_type, content))

    def find(self, key: str) -> KeptFile | None:
        """Return what is kept under this key, None when there is nothing."""
        found = self._listed(key)
        return kept_file(found) if found else None

    def read(self, key: str) -> bytes:
        """Return the content; `NotFound` when there is nothing under this key."""
        found = self._listed(key)
        if found is None:
            raise NotFound(f"there is no file {key!r}", code="record_unknown")
        content: bytes = run(self._files.get_media(fileId=found["id"]))
        return content

    def discard(self, key: str) -> None:
        """Delete the file for good, and copies that were made at the same moment."""
        while found := self._listed(key):
            run(self._files.delete(fileId=found["id"]))

    def _listed(self, key: str) -> _Json | None:
        wanted = f"appProperties has {{ key='{_KEY}' and value='{key}' }} and trashed = false"
        request = self._files.list(
            q=wanted, orderBy="createdTime", pageSize=1, fields=f"files({FILE_FIELDS})"
        )
        found: list[_Json] = run(request).get("files", [])
        return found[0] if found else None

    def _created(
        self, key: str, name: str, media_type: str, content: bytes, *, parent: str = ""
    ) -> _Json:
        from googleapiclient.http import MediaInMemoryUpload

        named = _media_type(media_type)
        body = {**self._described(key, name, parent or self._folder()), "mimeType": named}
        sent_as = _BYTES if named.startswith(_WITH_PARTS) else named
        media = MediaInMemoryUpload(content, mimetype=sent_as)
        request = self._files.create(body=body, media_body=media, fields=FILE_FIELDS)
        request.uri = self._upload_address(request.uri)
        made: _Json = run(request)
        return made

    def _described(self, key: str, name: str, parent: str) -> _Json:
        return {
            "name": name[:_LONGEST_NAME] or key,
            "parents": [parent],
            "appProperties": {_KEY: key},
        }

    def _upload_address(self, uri: str) -> str:
        """Return the address of an upload: the library forgets a stand-in's own path there."""
        endpoint = self._account.google_endpoint
        return endpoint.rstrip("/") + uri[uri.index(_UPLOADS) :] if endpoint else uri

    def _folder(self) -> str:
        """Return the id of the folder of all files, made when there is none."""
        return self._folder_at(_FOLDER_KEY, _FOLDER_NAME, ())

    def _folder_at(self, key: str, name: str, parents: tuple[str, ...]) -> str:
        """Return the id of the folder with this key, made when there is none."""
        found = self._listed(key)
        if found is None:
            body: _Json = {
                "name": name[:_LONGEST_NAME],
                "mimeType": _FOLDER,
                "appProperties": {_KEY: key},
            }
            if parents:
                body["parents"] = list(parents)
            found = run(self._files.create(body=body, fields=FILE_FIELDS))
        return str(found["id"])


def _media_type(told: str) -> str:
    """Return the media type that Drive is told; what a sender made up is plain bytes."""
    bare = told.partition(";")[0].strip().lower()
    sound = _MEDIA_TYPE.fullmatch(bare) and not bare.startswith(_GOOGLES_OWN)
    return bare if sound else _BYTES


def run(request: Any) -> Any:
    """Return what Google answers; its refusals as ours."""
    with translated():
        return request.execute(num_retries=0)


def kept_file(file: Mapping[str, Any]) -> KeptFile:
    """Return one of Drive's records of a file as the port gives it."""
    return KeptFile(
        key=str(file.get("appProperties", {}).get(_KEY, "")),
        name=str(file.get("name", "")),
        media_type=str(file.get("mimeType", "")),
        size=int(file.get("size", 0)),
        url=str(file.get("webViewLink", "")),
    )
