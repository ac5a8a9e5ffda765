"""Files and permissions as the File and Permission resources of Drive v3."""

from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.file import (
    FOLDER,
    RANKS,
    SPREADSHEET,
    File,
    Permission,
    display_name,
    permission_id,
)
from onebox.google.methods import Json

FILE_DEFAULT = "kind,id,name,mimeType"
PERMISSION_DEFAULT = "kind,id,type,role"
ICON = "https://drive-thirdparty.googleusercontent.com/16/type/"


def user_resource(email: str, viewer: str) -> Json:
    """Return the User resource of an address."""
    return {
        "kind": "drive#user",
        "displayName": display_name(email),
        "me": email == viewer,
        "permissionId": permission_id("user", email),
        "emailAddress": email,
    }


def permission_resource(permission: Permission) -> Json:
    """Return the whole Permission resource."""
    shown: Json = {"kind": "drive#permission", "id": permission.id, "type": permission.type}
    if permission.type in ("user", "group"):
        shown |= {
            "emailAddress": permission.email,
            "role": permission.role,
            "displayName": display_name(permission.email),
            "deleted": False,
            "pendingOwner": False,
        }
        return shown
    if permission.type == "domain":
        shown |= {"domain": permission.domain, "displayName": permission.domain}
    return {**shown, "role": permission.role, "allowFileDiscovery": permission.listed}


def file_resource(file: File, catalogue: Catalogue, viewer: str) -> Json:
    """Return the whole File resource as this user sees it."""
    rank = catalogue.rank(file, viewer)
    seen = {"kind": "drive#file", "id": file.id, "name": file.name, "mimeType": file.mime_type}
    return {
        **seen,
        **_descriptive(file),
        **_state(file, catalogue, viewer),
        **_people(file, catalogue, viewer),
        "capabilities": _capabilities(file, rank),
        **_content(file),
    }


def _descriptive(file: File) -> Json:
    shown: Json = {}
    if file.description:
        shown["description"] = file.description
    if file.properties:
        shown["properties"] = file.properties
    if file.app_properties:
        shown["appProperties"] = file.app_properties
    return shown


def _state(file: File, catalogue: Catalogue, viewer: str) -> Json:
    shown: Json = {
        "starred": file.starred,
        "trashed": catalogue.in_trash(file),
        "explicitlyTrashed": file.trashed,
        "spaces": ["drive"],
        "version": str(file.version),
        "webViewLink": file_link(file),
        "iconLink": ICON + file.mime_type,
        "hasThumbnail": False,
        "thumbnailVersion": "0",
        "viewedByMe": True,
        "createdTime": file.created,
        "modifiedTime": file.modified,
        "modifiedByMe": file.modified_by == viewer,
        "isAppAuthorized": True,
    }
    parents = [above.id for above in catalogue.ancestors(file) if catalogue.rank(above, viewer)]
    if parents and file.parents[0] == parents[0]:
        shown["parents"] = parents[:1]
    if shown["modifiedByMe"]:
        shown["modifiedByMeTime"] = file.modified
    return shown


def _people(file: File, catalogue: Catalogue, viewer: str) -> Json:
    everyone = catalogue.permissions(file)
    shown: Json = {
        "owners": [user_resource(file.owner, viewer)],
        "lastModifyingUser": user_resource(file.modified_by, viewer),
        "shared": len(everyone) > 1,
        "ownedByMe": file.owner == viewer,
        "writersCanShare": file.writers_can_share,
        "copyRequiresWriterPermission": file.copy_requires_writer,
        "viewersCanCopyContent": not file.copy_requires_writer,
        "permissionIds": [permission.id for permission in everyone],
    }
    if may_share(file, catalogue.rank(file, viewer)):
        shown["permissions"] = [permission_resource(permission) for permission in everyone]
    return shown


def may_share(file: File, rank: int) -> bool:
    """Tell whether a role of this rank may change who sees the file."""
    needed = "writer" if file.writers_can_share else "owner"
    return rank >= RANKS[needed]


def _capabilities(file: File, rank: int) -> Json:
    writes, owns = rank >= RANKS["writer"], rank >= RANKS["owner"]
    may_copy = writes or not file.copy_requires_writer
    folder = file.mime_type == FOLDER
    return {
        "canAddChildren": writes and folder,
        "canComment": rank >= RANKS["commenter"],
        "canCopy": may_copy and not folder,
        "canDelete": owns,
        "canDownload": may_copy,
        "canEdit": writes,
        "canListChildren": folder,
        "canModifyContent": writes,
        "canRename": writes,
        "canShare": may_share(file, rank),
        "canTrash": owns,
        "canUntrash": owns,
    }


def _content(file: File) -> Json:
    if file.size < 0:
        return {} if file.mime_type == FOLDER else {"quotaBytesUsed": "1024", "size": "1024"}
    _, dot, extension = file.name.rpartition(".")
    return {
        "size": str(file.size),
        "quotaBytesUsed": str(file.size),
        "md5Checksum": file.md5,
        "originalFilename": file.name,
        "fullFileExtension": extension if dot else "",
        "fileExtension": extension if dot else "",
        "webContentLink": f"https://drive.google.com/uc?id={file.id}&export=download",
    }


def file_link(file: File) -> str:
    """Return the address at which a person opens the file."""
    if file.mime_type == SPREADSHEET:
        return f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk"
    if file.mime_type == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    return f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"
