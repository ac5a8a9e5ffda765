"""The methods of `permissions`: who may see and change a file.

Source: drive.v3, the methods of permissions, and "Share files, folders and drives".
"""

import re
from dataclasses import replace

from onebox.google.drive.catalogue import Catalogue
from onebox.google.drive.file import RANKS, File, Permission, permission_id
from onebox.google.drive.refusals import DriveError, not_allowed, permission_not_found
from onebox.google.drive.resource import may_share
from onebox.google.methods import Call, Json

_TYPES = ("user", "group", "domain", "anyone")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def create(catalogue: Catalogue, call: Call) -> Permission:
    """permissions.create: a second grant to the same person keeps the higher role."""
    with catalogue.hold():
        file = _shareable(catalogue, call)
        given = _read(call.body)
        _refuse_owner_by_accident(given.role, call)
        known = _own(file, given.id)
        if known is not None and RANKS[known.role] > RANKS[given.role]:
            return known
        _save(catalogue, file, given, call.user)
        return given


def list_permissions(catalogue: Catalogue, call: Call) -> tuple[Permission, ...]:
    """permissions.list: those of the folders above included."""
    file = _shareable(catalogue, call)
    return catalogue.permissions(file)


def read(catalogue: Catalogue, call: Call) -> Permission:
    """permissions.get."""
    return _named(catalogue.permissions(_shareable(catalogue, call)), call)


def update(catalogue: Catalogue, call: Call) -> Permission:
    """permissions.update: the role; owner only with transferOwnership."""
    with catalogue.hold():
        file = _shareable(catalogue, call)
        permission = _named(catalogue.permissions(file), call)
        role = call.body.get("role") or permission.role
        _refuse_unknown_role(role)
        _refuse_owner_by_accident(role, call)
        if permission.role == "owner" and role != "owner":
            raise not_allowed()
        changed = replace(permission, role=role)
        _save(catalogue, file, changed, call.user)
        return changed


def delete(catalogue: Catalogue, call: Call) -> None:
    """permissions.delete: anybody may give up their own access, the owner cannot."""
    with catalogue.hold():
        file = catalogue.seen(call.params["fileId"], call.user)
        if call.params["permissionId"] != permission_id("user", call.user):
            _shareable(catalogue, call)
        permission = _named(file.permissions, call)
        if permission.role == "owner":
            raise not_allowed()
        kept = tuple(item for item in file.permissions if item.id != permission.id)
        former = (*file.former, permission.email) if permission.email else file.former
        changed = replace(file, permissions=kept, former=tuple(dict.fromkeys(former)))
        catalogue.save(changed, call.user, content=False)


def _shareable(catalogue: Catalogue, call: Call) -> File:
    file = catalogue.seen(call.params["fileId"], call.user)
    if not may_share(file, catalogue.rank(file, call.user)):
        raise not_allowed()
    return file


def _read(body: Json) -> Permission:
    kind, role = body.get("type"), body.get("role")
    if kind not in _TYPES:
        raise _bad("The permission type field is required.", "permission.type", body, kind)
    if not role:
        raise _bad("The permission role field is required.", "permission.role", body, role)
    _refuse_unknown_role(role)
    email = str(body.get("emailAddress") or "").lower()
    domain = str(body.get("domain") or "").lower()
    if kind in ("user", "group") and not _ADDRESS.fullmatch(email):
        message = "The specified emailAddress is invalid or not applicable for the given"
        raise DriveError(400, "invalid", f"{message} permission type.", "permission.emailAddress")
    if kind == "domain" and not domain:
        message = "The specified domain is invalid or not applicable for the given"
        raise DriveError(400, "invalid", f"{message} permission type.", "permission.domain")
    listed = bool(body.get("allowFileDiscovery"))
    grantee = permission_id(kind, email, domain, listed=listed)
    return Permission(grantee, kind, role, email, domain, listed)


def _bad(missing: str, location: str, body: Json, value: object) -> DriveError:
    known = location.rpartition(".")[2] in body and value
    message = f"The specified {location.rpartition('.')[2]} is invalid." if known else missing
    return DriveError(400, "invalid" if known else "required", message, location)


def _refuse_unknown_role(role: str) -> None:
    if role not in RANKS:
        message = "The specified role is invalid or not applicable."
        raise DriveError(400, "invalid", message, "permission.role")


def _refuse_owner_by_accident(role: str, call: Call) -> None:
    if role == "owner" and not call.flag("transferOwnership"):
        message = (
            "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        )
        raise DriveError(403, "forbidden", message, "transferOwnership")


def _own(file: File, grantee: str) -> Permission | None:
    return next((item for item in file.permissions if item.id == grantee), None)


def _named(permissions: tuple[Permission, ...], call: Call) -> Permission:
    wanted = call.params["permissionId"]
    found = next((item for item in permissions if item.id == wanted), None)
    if found is None:
        raise permission_not_found(wanted)
    return found


def _save(catalogue: Catalogue, file: File, given: Permission, user: str) -> None:
    others = [item for item in file.permissions if item.id != given.id]
    owner = file.owner
    if given.role == "owner" and given.email != file.owner:
        if file.owner != user:
            raise not_allowed()
        others = [replace(p, role="writer") if p.role == "owner" else p for p in others]
        owner = given.email
    former = tuple(email for email in file.former if email != given.email)
    changed = replace(file, permissions=(*others, given), owner=owner, former=former)
    catalogue.save(changed, user, content=False)
