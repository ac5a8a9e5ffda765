"""A letter that SES put into a bucket gets its text back before it is read."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest.plain_text import read_object
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import ConfigError, Malformed, Rejected
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.log import log, nickname
from kartoteka.wiring import App

LARGEST = MAIL_LIMIT * 3 // 5  # bytes of a letter: in base64, in JSON, it stays under the limit
_STORED = "S3"


def with_text(call: Call, app: App, account: Account) -> Call:
    """Return the message with the letter in it; as it came when it says where no letter is.

    What Amazon refuses is read by its headers alone, and the operator hears of it.

    Raises:
        Transient: Amazon does not answer; SNS repeats.
    """
    if not account.api.get("bucket"):
        return call
    try:
        envelope = read_object(call.body)
        raw = "notificationType" in envelope
        told = envelope if raw else read_object(str(envelope.get("Message", "")).encode())
    except Malformed:
        return call
    bucket, key = _place(told)
    if not bucket:
        return call
    try:
        letter = app.buckets.content(account, bucket, key, LARGEST)
    except (Rejected, ConfigError) as exc:
        whose, code = nickname(account.id), exc.code or "refused"
        log("warning", event="stored_letter", account=whose, code=code)
        return call
    filled = _filled(told, letter)
    body = filled if raw else {**envelope, "Message": json.dumps(filled)}
    return replace(call, body=json.dumps(body).encode())


def _place(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return bucket and key of a letter that lies there; empty texts of any other."""
    action = _part(_part(told, "receipt"), "action")
    if told.get("content") or action.get("type") != _STORED:
        return "", ""
    return str(action.get("bucketName", "")), str(action.get("objectKey", ""))


def _filled(told: Mapping[str, Any], letter: bytes) -> dict[str, Any]:
    receipt = _part(told, "receipt")
    action = {**_part(receipt, "action"), "encoding": "BASE64"}
    text = base64.b64encode(letter).decode()
    return {**told, "content": text, "receipt": {**receipt, "action": action}}


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, Mapping) else {}
