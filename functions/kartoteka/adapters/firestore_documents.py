"""Records as Firestore keeps them: ids escaped, log entries with their server fields."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from google.cloud import firestore
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from kartoteka.adapters.firestore_client import NO_RETRY, Attempt, Client
from kartoteka.adapters.storable import checked_collection, checked_id
from kartoteka.indexes import LOG_FIELDS

Snapshot: TypeAlias = DocumentSnapshot[firestore.DocumentReference]

_UNSAFE = re.compile(r"[/%\x00-\x1f\x7f]")
_RESERVED = re.compile(r"\.\.?|__.*__", re.DOTALL)


def stored_id(record_id: str) -> str:
    """Return the id as Firestore takes it: no slash, not `.`, `..` or `__reserved__`."""
    escaped = _UNSAFE.sub(lambda found: quote(found[0], safe=""), checked_id(record_id))
    if _RESERVED.fullmatch(escaped):
        return f"%{ord(escaped[0]):02X}{escaped[1:]}"
    return escaped


def record_id(stored: str) -> str:
    """Return the record id behind a stored one."""
    return unquote(stored)


def plain(snapshot: Snapshot) -> dict[str, Any]:
    """Return the document without what only the log uses."""
    doc: dict[str, Any] = snapshot.to_dict() or {}
    if isinstance(doc.get("committed_at"), datetime):
        for name in LOG_FIELDS:
            doc.pop(name, None)
    return doc


def reference(client: Client, collection: str, name: str) -> firestore.DocumentReference:
    """Return the reference of a record."""
    return client.collection(checked_collection(collection)).document(stored_id(name))


def fetch(
    client: Client,
    collection: str,
    names: Sequence[str],
    *,
    call_s: float,
    attempt: Attempt | None = None,
) -> dict[str, Snapshot]:
    """Return the records that exist, by id in the order asked, with one call."""
    asked = dict.fromkeys(names)
    references = [reference(client, collection, name) for name in asked]
    if not references:
        return {}
    answer = client.get_all(references, transaction=attempt, retry=NO_RETRY, timeout=call_s)
    found = {record_id(snapshot.id): snapshot for snapshot in answer if snapshot.exists}
    return {name: found[name] for name in asked if name in found}
