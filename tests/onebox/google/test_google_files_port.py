"""Our files adapter through Google's client: what is kept is found, read and deleted by its key."""

from collections.abc import Callable
from typing import Any

import pytest

from kartoteka.adapters.drive import DriveFiles
from kartoteka.domain.errors import NotFound
from kartoteka.settings import Settings


@pytest.fixture
def files(client: Callable[..., Any]) -> DriveFiles:
    port = DriveFiles(Settings(google_endpoint="http://stand-in/google"))
    port._local.service = client("drive")
    return port


def test_file_kept_is_read_back_byte_for_byte(files: DriveFiles) -> None:
    content = bytes(range(256)) * 40

    kept = files.keep("fl_1", "Договор № 7.pdf", "application/pdf", content)

    assert (kept.key, kept.name, kept.media_type) == ("fl_1", "Договор № 7.pdf", "application/pdf")
    assert kept.size == len(content)
    assert kept.url.startswith("https://drive.google.com/")
    assert files.read("fl_1") == content


def test_file_kept_twice_is_one_and_stays_as_it_was(files: DriveFiles, drive: Any) -> None:
    first = files.keep("fl_1", "a.txt", "text/plain", b"one")
    second = files.keep("fl_1", "b.txt", "text/plain", b"two")

    listed = drive.files().list(q="mimeType = 'text/plain'").execute()["files"]
    assert first == second == files.find("fl_1")
    assert len(listed) == 1


def test_all_files_lie_in_one_folder(files: DriveFiles, drive: Any) -> None:
    for key in ("fl_1", "fl_2"):
        files.keep(key, key, "text/plain", b"x")

    found = drive.files().list(fields="files(name,mimeType,parents)").execute()["files"]
    folders = [file for file in found if file["mimeType"].endswith("folder")]
    assert len(folders) == 1
    assert len({tuple(file["parents"]) for file in found if file not in folders}) == 1


@pytest.mark.parametrize("media_type", ["message/rfc822", "multipart/mixed", "MESSAGE/RFC822"])
def test_letter_within_a_letter_is_kept_byte_for_byte(files: DriveFiles, media_type: str) -> None:
    content = "Subject: Счёт\r\n\r\nДобрый день\r\n".encode()

    kept = files.keep("fl_1", "Письмо.eml", media_type, content)

    assert kept.media_type == media_type.lower()
    assert files.read("fl_1") == content


MADE_UP = ("", "application", "application/x/y", "a b/c", "текст/plain", "/", "application/", "*/*")
HARMFUL = ("application/vnd.google-apps.folder", "application/pdf\r\nX-Forged: 1")


@pytest.mark.parametrize("media_type", [*MADE_UP, *HARMFUL])
def test_media_type_that_a_sender_made_up_makes_plain_bytes(
    files: DriveFiles, media_type: str
) -> None:
    kept = files.keep("fl_1", "a.bin", media_type, b"\xff\x00")

    assert kept.media_type == "application/octet-stream"
    assert files.read("fl_1") == b"\xff\x00"


def test_parameters_of_a_media_type_stay_away(files: DriveFiles) -> None:
    kept = files.keep("fl_1", "a.txt", "Text/Plain; charset=koi8-r", b"x")

    assert kept.media_type == "text/plain"


def test_file_discarded_is_gone_and_discarding_again_is_harmless(files: DriveFiles) -> None:
    files.keep("fl_1", "a.txt", "text/plain", b"one")

    files.discard("fl_1")
    files.discard("fl_1")

    assert files.find("fl_1") is None
    with pytest.raises(NotFound):
        files.read("fl_1")
