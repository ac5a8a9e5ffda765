"""Who may see and change a file."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from onebox.google.app import Google

ANNA, BORIS = "anna@example.ru", "boris@example.ru"
FOLDER = "application/vnd.google-apps.folder"


def code_of(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return int(json.loads(refused.value.content)["error"]["code"])


def made(drive: Any, kind: str = FOLDER, **body: Any) -> str:
    return str(drive.files().create(body={"name": "Ф", "mimeType": kind, **body}).execute()["id"])


def share(drive: Any, file_id: str, role: str, email: str = ANNA, **parameters: Any) -> Any:
    body = {"type": "user", "role": role, "emailAddress": email}
    return drive.permissions().create(fileId=file_id, body=body, **parameters)


def test_stranger_does_not_even_see_the_file(client: Callable[..., Any]) -> None:
    file_id = made(client("drive"))
    anna = client("drive", ANNA)

    assert code_of(anna.files().get(fileId=file_id)) == 404
    assert anna.files().list().execute()["files"] == []


@pytest.mark.parametrize(("role", "may_write"), [("reader", False), ("writer", True)])
def test_role_decides_who_writes(
    client: Callable[..., Any], google: Google, *, role: str, may_write: bool
) -> None:
    file_id = made(client("drive"))
    answer = share(client("drive"), file_id, role).execute()

    assert list(answer) == ["kind", "id", "type", "role"]
    assert google.drive.can(ANNA, file_id, "reader")
    assert google.drive.can(ANNA, file_id, "writer") is may_write
    assert [f["id"] for f in client("drive", ANNA).files().list().execute()["files"]] == [file_id]


def test_reader_may_not_rename_nor_share_nor_delete(client: Callable[..., Any]) -> None:
    file_id = made(client("drive"))
    share(client("drive"), file_id, "reader").execute()
    anna = client("drive", ANNA)

    assert code_of(anna.files().update(fileId=file_id, body={"name": "x"})) == 403
    assert code_of(share(anna, file_id, "reader", BORIS)) == 403
    assert code_of(anna.files().delete(fileId=file_id)) == 403
    assert code_of(anna.permissions().list(fileId=file_id)) == 403


def test_writer_shares_only_when_the_owner_lets_writers_share(client: Callable[..., Any]) -> None:
    owner, anna = client("drive"), client("drive", ANNA)
    file_id = made(owner)
    share(owner, file_id, "writer").execute()
    share(anna, file_id, "reader", BORIS).execute()
    owner.files().update(fileId=file_id, body={"writersCanShare": False}).execute()

    assert code_of(share(anna, file_id, "writer", BORIS)) == 403


def test_copying_can_be_kept_from_readers(client: Callable[..., Any]) -> None:
    owner, anna = client("drive"), client("drive", ANNA)
    file_id = made(owner, "text/plain", copyRequiresWriterPermission=True)
    share(owner, file_id, "reader").execute()

    assert code_of(anna.files().copy(fileId=file_id, body={})) == 403


def test_folder_passes_its_permissions_down(client: Callable[..., Any], google: Google) -> None:
    owner = client("drive")
    folder = made(owner)
    inside = made(owner, parents=[folder])
    share(owner, folder, "writer").execute()

    assert google.drive.can(ANNA, inside, "writer")
    listed = owner.permissions().list(fileId=inside, fields="permissions(emailAddress,role)")
    assert {"emailAddress": ANNA, "role": "writer"} in listed.execute()["permissions"]


def test_link_opens_the_file_but_does_not_list_it(client: Callable[..., Any]) -> None:
    owner, anna = client("drive"), client("drive", ANNA)
    file_id = made(owner)
    body = {"type": "anyone", "role": "reader"}
    answer = owner.permissions().create(fileId=file_id, body=body, fields="*").execute()

    assert answer["id"] == "anyoneWithLink"
    assert anna.files().get(fileId=file_id).execute()["id"] == file_id
    assert anna.files().list().execute()["files"] == []


def test_withdrawn_access_shows_as_removed(client: Callable[..., Any], google: Google) -> None:
    owner, anna = client("drive"), client("drive", ANNA)
    file_id = made(owner)
    permission = share(owner, file_id, "writer").execute()["id"]
    token = anna.changes().getStartPageToken().execute()["startPageToken"]
    deleted = owner.permissions().delete(fileId=file_id, permissionId=permission).execute()

    assert deleted == ""
    assert not google.drive.can(ANNA, file_id, "reader")
    changes = anna.changes().list(pageToken=token).execute()["changes"]
    assert [(c["fileId"], c["removed"]) for c in changes] == [(file_id, True)]


def test_sharing_is_no_modification_but_a_new_version(client: Callable[..., Any]) -> None:
    drive = client("drive")
    file_id = made(drive)
    state = drive.files().get(fileId=file_id, fields="version,modifiedTime")
    before = state.execute()
    share(drive, file_id, "reader").execute()
    after = state.execute()

    assert after["modifiedTime"] == before["modifiedTime"]
    assert int(after["version"]) > int(before["version"])


def test_second_grant_keeps_the_higher_role(client: Callable[..., Any]) -> None:
    drive = client("drive")
    file_id = made(drive)
    first = share(drive, file_id, "writer").execute()
    second = share(drive, file_id, "reader").execute()

    assert (second["id"], second["role"]) == (first["id"], "writer")


def test_role_is_changed_and_read_by_permission_id(client: Callable[..., Any]) -> None:
    drive = client("drive")
    file_id = made(drive)
    name = share(drive, file_id, "writer").execute()["id"]
    drive.permissions().update(
        fileId=file_id, permissionId=name, body={"role": "commenter"}
    ).execute()

    got = drive.permissions().get(fileId=file_id, permissionId=name, fields="role").execute()
    assert got == {"role": "commenter"}
    assert code_of(drive.permissions().get(fileId=file_id, permissionId="1")) == 404


def test_owner_changes_only_on_purpose(client: Callable[..., Any]) -> None:
    owner, anna = client("drive"), client("drive", ANNA)
    file_id = made(owner)

    assert code_of(share(owner, file_id, "owner")) == 403
    share(owner, file_id, "owner", transferOwnership=True).execute()
    assert anna.files().get(fileId=file_id, fields="ownedByMe").execute() == {"ownedByMe": True}
    assert code_of(owner.files().delete(fileId=file_id)) == 403


def test_owner_cannot_be_removed_and_a_guest_can_leave(client: Callable[..., Any]) -> None:
    owner, anna = client("drive"), client("drive", ANNA)
    file_id = made(owner)
    (own,) = owner.permissions().list(fileId=file_id).execute()["permissions"]
    guest = share(owner, file_id, "reader").execute()["id"]

    assert code_of(owner.permissions().delete(fileId=file_id, permissionId=own["id"])) == 403
    anna.permissions().delete(fileId=file_id, permissionId=guest).execute()
    assert code_of(anna.files().get(fileId=file_id)) == 404


@pytest.mark.parametrize(
    "body",
    [
        {"role": "reader"},
        {"type": "user", "emailAddress": ANNA},
        {"type": "user", "role": "reader"},
        {"type": "user", "role": "reader", "emailAddress": "анна"},
        {"type": "user", "role": "editor", "emailAddress": ANNA},
        {"type": "robot", "role": "reader"},
        {"type": "domain", "role": "reader"},
    ],
)
def test_incomplete_grant_is_refused(client: Callable[..., Any], body: dict[str, str]) -> None:
    drive = client("drive")

    assert code_of(drive.permissions().create(fileId=made(drive), body=body)) == 400


def test_domain_grant_covers_its_addresses_only(client: Callable[..., Any], google: Google) -> None:
    drive = client("drive")
    file_id = made(drive)
    body = {"type": "domain", "role": "reader", "domain": "example.ru"}
    drive.permissions().create(fileId=file_id, body=body).execute()

    assert google.drive.can(ANNA, file_id, "reader")
    assert not google.drive.can("anna@notexample.ru", file_id, "reader")
