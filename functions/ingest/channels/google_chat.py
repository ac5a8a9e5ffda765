"""What the team says in a space of Google Chat, to the office's own Chat app.

Source: Google Chat, interaction events of an HTTP endpoint, in both shapes: `type` at the root, and
`chat.<event>Payload` of apps that are Workspace add-ons.
Signed: a Google identity token for this very address (checked in `ingest.chat_app` before anything
else); any Chat app can have one, so the secret that ends the address is looked at too.
Event id: the message's resource name. Retries: none are documented. Answer: 200 with `{}`, which
says nothing in the space. Times: RFC 3339.
In a space the app hears only what mentions it; `argumentText` is the text without the mention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, ValidationError

from ingest.channel import Context, Manner
from ingest.chat_event import Part, bad_field, begun, moment, person, service, unknown_event
from ingest.plain_text import read_object
from ingest.proof import check_path, with_path
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind, Message
from kartoteka.domain.model import Attachment
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "google_chat"
manner = Manner(subpaths=True)
verify = check_path
_LINKING = "/start team_"  # a one-time code: whoever says it is about to be known
_TOKEN = {"authorization": "Bearer sample"}
_SILENT = {
    "added_to_space": "membership",
    "removed_from_space": "membership",
    "card_clicked": "group",
    "button_clicked": "group",
    "submit_form": "group",
    "widget_updated": "group",
    "app_home": "group",
    "app_command": "group",
}
_SPOKEN = {"message", "app_command", "added_to_space"}
_PAYLOADS = {
    "messagePayload": "message",
    "appCommandPayload": "app_command",
    "addedToSpacePayload": "added_to_space",
    "removedFromSpacePayload": "removed_from_space",
    "buttonClickedPayload": "button_clicked",
    "widgetUpdatedPayload": "widget_updated",
}


class _User(Part):
    name: str = ""
    display_name: str = Field(default="", alias="displayName")
    type: str = ""


class _Named(Part):
    name: str = ""


class _Data(Part):
    resource: str = Field(default="", alias="resourceName")


class _File(Part):
    name: str = Field(default="", alias="contentName")
    media_type: str = Field(default="", alias="contentType")
    data: _Data = Field(default=_Data(), alias="attachmentDataRef")


class _Message(Part):
    name: str = Field(min_length=1)
    sender: _User = _User()
    at: str = Field(default="", alias="createTime")
    text: str = ""
    argument: str | None = Field(default=None, alias="argumentText")
    command: Mapping[str, Any] | None = Field(default=None, alias="slashCommand")
    thread: _Named = _Named()
    space: _Named = _Named()
    files: tuple[_File, ...] = Field(default=(), alias="attachment")


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that ends in the secret; its token is not Google's."""
    return with_path(replace(call, headers={**call.headers, **_TOKEN}), secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one thing that was said, or that nothing was.

    Raises:
        Malformed: not an event of Google Chat.
    """
    kind, told = _event(read_object(call.body))
    found = told.get("message")
    if kind in _SPOKEN and isinstance(found, Mapping):
        return [_said(found, told, call, context)]
    if kind not in _SILENT:
        raise unknown_event(kind)
    return service(name, call, context, _SILENT[kind])


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the empty object: the app says nothing by itself."""
    return json_reply({})


def _event(found: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of event and what holds its message, user and space."""
    chat = found.get("chat")
    if not isinstance(chat, Mapping):
        return str(found.get("type", "")).lower(), found
    for key, kind in _PAYLOADS.items():
        if isinstance(chat.get(key), Mapping):
            return kind, {"user": chat.get("user"), **chat[key]}
    return ", ".join(sorted(map(str, chat))[:3]), chat


def _said(
    found: Mapping[str, Any], told: Mapping[str, Any], call: Call, context: Context
) -> Inbound:
    space, user = (told.get(key) for key in ("space", "user"))
    usual = {"space": space or {}, "sender": user or {}}
    try:
        message = _Message.model_validate({**usual, **found})
    except ValidationError as exc:
        raise bad_field(exc, "message") from exc
    blank = begun(name, call, context, message.name)
    blank = blank.model_copy(update={"at": _at(message.at, blank), "why": "group"})
    words, files = _words(message), _files(message)
    who = message.sender
    if who.type == "BOT" or not who.name or not (words or files):
        return blank.model_copy(update={"why": "bot" if who.type == "BOT" else "group"})
    if not message.space.name:
        raise Malformed("no space", code="bad_field", field="space.name")
    place = Message(id=message.name, peer=message.space.name, thread=message.thread.name)
    update = {
        "what": Kind.MESSAGE if words.startswith(_LINKING) else Kind.TEAM,
        "sender": person(blank, who.name, who.display_name),
        "text": words,
        "attachments": files,
        "message": place,
    }
    return blank.model_copy(update=update)


def _words(message: _Message) -> str:
    """Return what was said without the mention of the app; of a slash command, all of it."""
    argument = message.text if message.command or message.argument is None else message.argument
    return argument.strip()


def _files(message: _Message) -> tuple[Attachment, ...]:
    """Return the files that the app may fetch; those that lie in Drive are not given to it."""
    return tuple(
        Attachment(
            name=file.name or "file", media_type=file.media_type, size=0, ref=file.data.resource
        )
        for file in message.files
        if file.data.resource
    )


def _at(text: str, blank: Inbound) -> datetime:
    """Return the moment Google names; one without a zone is in UTC."""
    try:
        said = datetime.fromisoformat(text)
        aware = said if said.tzinfo else said.replace(tzinfo=UTC)
        return moment(aware.timestamp(), blank)
    except (OverflowError, ValueError):
        return blank.received_at
