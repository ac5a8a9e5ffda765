"""Contact groups (labels) and who is in them.

Source: people.v1, the methods of `contactGroups`.
"""

import base64
import binascii
import hashlib
from dataclasses import replace

from onebox.google.errors import canonical, invalid, not_found, precondition
from onebox.google.methods import Call, Json
from onebox.google.payload import refuse_unreadable
from onebox.google.people import masks
from onebox.google.people.account import (
    MY_CONTACTS,
    STARRED,
    SYSTEM_GROUPS,
    Account,
    Contact,
    Group,
)
from onebox.google.people.contacts import buried

MAX_PAGE = 1000
DEFAULT_PAGE = 30
MAX_READ = 200
MAX_MOVED = 1000
_READ = ("metadata", "groupType", "memberCount", "name")
_WRITTEN = ("metadata", "groupType", "name")
_GROUPS_HEAD = "groups:"


def list_groups(account: Account, call: Call) -> Json:
    """contactGroups.list: page by page; with a sync token only what changed, deleted ones too."""
    fields = masks.of_group(call.arg("groupFields"), _READ)
    size = min(call.number("pageSize", DEFAULT_PAGE) or DEFAULT_PAGE, MAX_PAGE)
    start = _number(call.arg("pageToken"), "page")
    since = _number(call.arg("syncToken"), "sync") if call.arg("syncToken") else -1
    with account.lock:
        if since < 0:
            found = [group for group in account.groups() if not group.deleted]
        else:
            changed = [group for group in account.groups() if group.seq > since]
            found = sorted(changed, key=lambda group: group.seq)
        page = found[start : start + size]
        answer: Json = {"contactGroups": [_shown(account, group, fields) for group in page]}
        answer["totalItems"] = len(found)
        if start + size < len(found):
            answer["nextPageToken"] = _token(start + size)
        else:
            answer["nextSyncToken"] = _token(account.seq)
    return {key: value for key, value in answer.items() if value not in ([], 0)}


def get(account: Account, call: Call) -> Json:
    """contactGroups.get."""
    fields = masks.of_group(call.arg("groupFields"), _READ)
    with account.lock:
        group = _existing(account, call.params["contactGroupsId"])
        return _shown(account, group, fields, call.number("maxMembers", 0))


def get_batch(account: Account, call: Call) -> Json:
    """contactGroups.batchGet: up to 200, each with a status of its own."""
    fields = masks.of_group(call.arg("groupFields"), _READ)
    names = call.args("resourceNames")
    if not names or len(names) > MAX_READ:
        raise invalid(f"Request must set resource_names, at most {MAX_READ}.")
    with account.lock:
        return {
            "responses": [
                _batch_answer(account, name, fields, call.number("maxMembers", 0)) for name in names
            ]
        }


def create(account: Account, call: Call) -> Json:
    """contactGroups.create; 409 when the name is taken."""
    refuse_unreadable("people", "CreateContactGroupRequest", call.body)
    sent = call.body.get("contactGroup") or {}
    fields = masks.of_group(call.body.get("readGroupFields", ""), _WRITTEN)
    with account.lock:
        name = _free_name(account, sent.get("name", ""), "")
        data = tuple(sent.get("clientData") or ())
        group = account.save_group(Group(account.new_group_id(), name, data))
        return _shown(account, group, fields)


def update(account: Account, call: Call) -> Json:
    """contactGroups.update: the name, or the client data, of a user group."""
    refuse_unreadable("people", "UpdateContactGroupRequest", call.body)
    sent = call.body.get("contactGroup") or {}
    wanted = masks.of_group(call.body.get("updateGroupFields", ""), ("name",))
    fields = masks.of_group(call.body.get("readGroupFields", ""), _WRITTEN)
    with account.lock:
        group = _own(account, call.params["contactGroupsId"])
        if sent.get("etag") and sent["etag"] != _etag(group):
            raise precondition(
                "Request contactGroup.etag is different than the current contactGroup.etag."
                " Clear local cache and get the latest contact group."
            )
        if "name" in wanted:
            group = replace(group, name=_free_name(account, sent.get("name", ""), group.id))
        if "clientData" in wanted:
            group = replace(group, client_data=tuple(sent.get("clientData") or ()))
        saved = account.save_group(replace(group, version=group.version + 1))
        return _shown(account, saved, fields)


def delete(account: Account, call: Call) -> Json:
    """contactGroups.delete; the members stay, in My Contacts at least, unless told otherwise."""
    with account.lock:
        group = _own(account, call.params["contactGroupsId"])
        members = account.members(group.id)
        if call.flag("deleteContacts"):
            account.save([buried(contact) for contact in members])
        else:
            account.save([_without(contact, group.id) for contact in members])
        account.save_group(replace(group, deleted=True, version=group.version + 1))
    return {}


def modify_members(account: Account, call: Call) -> Json:
    """contactGroups.members.modify: up to 1,000 names added and removed together."""
    refuse_unreadable("people", "ModifyContactGroupMembersRequest", call.body)
    to_add = dict.fromkeys(call.body.get("resourceNamesToAdd") or ())
    to_remove = dict.fromkeys(call.body.get("resourceNamesToRemove") or ())
    if len(to_add) + len(to_remove) > MAX_MOVED:
        raise invalid(f"Request must have at most {MAX_MOVED} resource names.")
    with account.lock:
        group = _existing(account, call.params["contactGroupsId"])
        if to_add and group.id in SYSTEM_GROUPS and group.id not in (MY_CONTACTS, STARRED):
            raise invalid("Cannot add contacts to deprecated system contact group.")
        known = {name: account.live(name) for name in (*to_add, *to_remove)}
        found = {name: contact for name, contact in known.items() if contact is not None}
        joined = [_with(c, group.id) for n, c in found.items() if n in to_add]
        last = [n for n in to_remove if n in found and found[n].groups == (group.id,)]
        left = [_without(found[n], group.id) for n in to_remove if n in found and n not in last]
        account.save([c for c in (*joined, *left) if c.groups != found[c.resource_name].groups])
    answer = {
        "notFoundResourceNames": [name for name in known if name not in found],
        "canNotRemoveLastContactGroupResourceNames": last,
    }
    return {key: names for key, names in answer.items() if names}


def _with(contact: Contact, group_id: str) -> Contact:
    groups = tuple(dict.fromkeys((*contact.groups, group_id)))
    return replace(contact, groups=groups, version=contact.version + 1)


def _without(contact: Contact, group_id: str) -> Contact:
    groups = tuple(name for name in contact.groups if name != group_id) or (MY_CONTACTS,)
    return replace(contact, groups=groups, version=contact.version + 1)


def _existing(account: Account, group_id: str) -> Group:
    group = account.group(group_id)
    if group is None:
        raise not_found()
    return group


def _own(account: Account, group_id: str) -> Group:
    if group_id in SYSTEM_GROUPS:
        raise invalid("System contact groups can not be changed.")
    return _existing(account, group_id)


def _free_name(account: Account, name: str, own_id: str) -> str:
    wanted = name.strip()
    if not wanted:
        raise invalid("Request must set contact_group.name.")
    taken = {g.name.casefold() for g in account.groups() if not g.deleted and g.id != own_id}
    if wanted.casefold() in taken:
        raise canonical("ALREADY_EXISTS", "Contact group name already exists.")
    return wanted


def _batch_answer(account: Account, name: str, fields: tuple[str, ...], most: int) -> Json:
    group = account.group(name.removeprefix("contactGroups/"))
    if group is None:
        status = {"code": 5, "message": not_found().message}
        return {"requestedResourceName": name, "status": status}
    shown = _shown(account, group, fields, most)
    return {"requestedResourceName": name, "contactGroup": shown, "status": {}}


def _shown(account: Account, group: Group, fields: tuple[str, ...], most: int = 0) -> Json:
    system = group.id in SYSTEM_GROUPS
    count = account.member_count(group.id)
    shown: Json = {"resourceName": group.resource_name}
    if not system:
        shown["etag"] = _etag(group)
    if "metadata" in fields and not system:
        deleted = {"deleted": True} if group.deleted else {}
        shown["metadata"] = {"updateTime": group.updated, **deleted}
    if "groupType" in fields:
        shown["groupType"] = "SYSTEM_CONTACT_GROUP" if system else "USER_CONTACT_GROUP"
    if "name" in fields:
        shown |= {"name": group.name, "formattedName": SYSTEM_GROUPS.get(group.id, group.name)}
    if "memberCount" in fields and count:
        shown["memberCount"] = count
    if "clientData" in fields and group.client_data:
        shown["clientData"] = list(group.client_data)
    if most > 0 and count:
        shown["memberResourceNames"] = [c.resource_name for c in account.members(group.id)[:most]]
    return shown


def _etag(group: Group) -> str:
    seed = f"{group.id}:{group.version}".encode()
    return base64.b64encode(hashlib.sha256(seed).digest()[:8]).decode()


def _token(number: int) -> str:
    return base64.urlsafe_b64encode(f"{_GROUPS_HEAD}{number}".encode()).decode()


def _number(token: str, kind: str) -> int:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token).decode()
        return int(text.removeprefix(_GROUPS_HEAD))
    except (binascii.Error, ValueError):
        raise invalid(f"Invalid {kind} token.") from None
