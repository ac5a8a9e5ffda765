"""Our papers adapter through Google's client: folders, copies and filled papers by their keys."""

from collections.abc import Callable
from typing import Any

import pytest

from kartoteka.adapters.drive_papers import DrivePapers
from kartoteka.domain.errors import NotFound
from kartoteka.paper_ports import Folder
from kartoteka.settings import Settings

FOLDER = Folder("fl_folder", "Ирина · Иск")


@pytest.fixture
def papers(client: Callable[..., Any]) -> DrivePapers:
    port = DrivePapers(Settings(google_endpoint="http://stand-in/google"))
    port._local.service = client("drive")
    return port


def test_template_is_read_by_our_key_and_by_googles_id(papers: DrivePapers, drive: Any) -> None:
    papers.keep("fl_t", "Договор.txt", "text/plain", b"{{client.name}}")
    listed = drive.files().list(q="mimeType = 'text/plain'").execute()["files"]

    ours, theirs = papers.template("fl_t"), papers.template(listed[0]["id"])

    assert ours == theirs
    assert (ours.name, ours.media_type, ours.content) == (
        "Договор.txt", "text/plain", b"{{client.name}}"
    )  # fmt: skip


def test_papers_and_copies_lie_in_the_deals_folder_once(papers: DrivePapers, drive: Any) -> None:
    papers.keep("fl_t", "Бланк.pdf", "application/pdf", b"%PDF")
    for _ in range(2):
        papers.put("fl_1", "Договор.txt", "text/plain", content=b"text", into=FOLDER)
        papers.copy("fl_2", "Акт.pdf", "fl_t", into=FOLDER)

    found = drive.files().list(fields="files(id,name,mimeType,parents)").execute()["files"]
    folder = next(file for file in found if file["name"] == FOLDER.name)
    inside = sorted(file["name"] for file in found if file["parents"] == [folder["id"]])
    assert inside == ["Акт.pdf", "Договор.txt"]
    assert (papers.read("fl_1"), papers.read("fl_2")) == (b"text", b"%PDF")


def test_table_of_googles_own_kind_is_copied_without_being_read(
    papers: DrivePapers, drive: Any
) -> None:
    kind = "application/vnd.google-apps.spreadsheet"
    made = drive.files().create(body={"name": "Смета", "mimeType": kind}).execute()

    template = papers.template(made["id"])
    kept = papers.copy("fl_s", "Смета Ирины", made["id"], into=FOLDER)

    assert (template.media_type, template.content) == (kind, None)
    assert (kept.name, kept.media_type) == ("Смета Ирины", kind)


def test_discarded_folder_takes_its_papers_along(papers: DrivePapers) -> None:
    papers.put("fl_1", "Договор.txt", "text/plain", content=b"text", into=FOLDER)

    papers.discard(FOLDER.key)

    assert papers.find("fl_1") is None


def test_template_that_nobody_shared_is_not_found(papers: DrivePapers) -> None:
    with pytest.raises(NotFound):
        papers.template("1AbCdEf")
