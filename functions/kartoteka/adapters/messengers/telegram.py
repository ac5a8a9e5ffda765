"""Telegram Bot API: messages and files to clients, topics of the team's group.

Source: core.telegram.org/bots/api. A file's address holds the bot's token: it is never kept.
"""

from collections.abc import Mapping
from typing import Any

from kartoteka.adapters.messengers.calls import (
    Answer,
    Calls,
    key,
    no_key,
    refused,
    sent_id,
    too_many,
)
from kartoteka.chat_ports import Button, FileBytes, Letter, RoomWords
from kartoteka.domain.errors import NotFound
from kartoteka.domain.office import Account

_HOST = "https://api.telegram.org"
_HOSTS = ("api.telegram.org",)
_PHOTO_TYPES = ("image/jpeg", "image/png")
_LARGEST_PHOTO = 10 * 1024 * 1024
_LONGEST_TITLE = 128
_PLAIN = {"link_preview_options": {"is_disabled": True}}
_UNAUTHORISED, _FORBIDDEN, _GONE, _TOO_MANY = 401, 403, 404, 429
_NO_TOPIC = ("thread not found", "topic_deleted", "topic_id_invalid", "topic deleted")
_SAME = ("topic_not_modified", "not modified")
_OVER = ("message to edit not found", "can't be edited", "query is too old", "query_id_invalid")
_LONGEST_ANSWER = 200  # characters of what a press is answered


class Telegram:
    """One bot as a way to clients and to the team."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, letter: Letter) -> str:
        """Return the id of the message; in a business account's chat, with its connection."""
        connection, _, chat = letter.peer.rpartition("/")
        where = {"chat_id": chat}
        if not connection:
            return self._post(account, where, letter.text, letter.file)
        through = {**where, "business_connection_id": connection}
        return f"{connection}/{self._post(account, through, letter.text, letter.file)}"

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by its id; Telegram gives at most 20 MB."""
        found = self._call(account, "getFile", json={"file_id": ref}).part("result")
        path = str(found.get("file_path") or "")
        url = f"{_HOST}/file/bot{key(account)}/{path.lstrip('/')}"
        return self._calls.file(url, _HOSTS, largest)

    def open_topic(self, account: Account, group: str, title: str) -> str:
        """Return the id of a new topic."""
        given = {"chat_id": group, "name": title[:_LONGEST_TITLE] or "-"}
        found = self._call(account, "createForumTopic", json=given)
        return sent_id(found.part("result").get("message_thread_id"))

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        """Return the id of a post in (group, topic)."""
        group, topic = place
        where: dict[str, Any] = {"chat_id": group}
        if topic:
            where["message_thread_id"] = topic
        if post.buttons:
            where["reply_markup"] = _keyboard(post.buttons)
        return self._post(account, where, post.text, post.file)

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        """Give the post (chat, message) other words and buttons."""
        chat, message = place
        given = {"chat_id": chat, "message_id": message, "text": post.text, **_PLAIN}
        markup = {"reply_markup": _keyboard(post.buttons)}
        self._call(account, "editMessageText", json={**given, **markup})

    def hear_press(self, account: Account, press: str, words: str) -> None:
        """Show the presser a short answer."""
        given = {"callback_query_id": press, "text": words[:_LONGEST_ANSWER]}
        self._call(account, "answerCallbackQuery", json=given)

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        """Open or close a topic."""
        method = "reopenForumTopic" if is_open else "closeForumTopic"
        given = {"chat_id": place[0], "message_thread_id": place[1]}
        self._call(account, method, json=given)

    def _post(
        self, account: Account, where: Mapping[str, Any], text: str, file: FileBytes | None
    ) -> str:
        if file is None:
            given = {**where, "text": text, **_PLAIN}
            found = self._call(account, "sendMessage", json=given)
        else:
            small = len(file.content) <= _LARGEST_PHOTO
            kind = "photo" if file.media_type in _PHOTO_TYPES and small else "document"
            data = {**where, "caption": text} if text else dict(where)
            part = {kind: (file.name, file.content, file.media_type)}
            found = self._call(account, f"send{kind.capitalize()}", data=data, files=part)
        return sent_id(found.part("result").get("message_id"))

    def _call(self, account: Account, method: str, **given: Any) -> Answer:
        url = f"{_HOST}/bot{key(account)}/{method}"
        answer = self._calls.ask("POST", url, **given)
        if answer.body.get("ok") is True:
            return answer
        said = str(answer.body.get("description") or "").lower()
        if any(word in said for word in (*_SAME, *_OVER)):
            return answer
        code = answer.number("error_code") or answer.status
        if code in {_UNAUTHORISED, _GONE}:
            raise no_key(account.channel)
        if code == _TOO_MANY:
            raise too_many(answer.part("parameters").get("retry_after"))
        if any(word in said for word in _NO_TOPIC):
            raise NotFound("the topic is gone", code="topic_gone")
        raise refused(blocked=code == _FORBIDDEN)


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> dict[str, Any]:
    buttons = [[{"text": it.label, "callback_data": it.data} for it in row] for row in rows]
    return {"inline_keyboard": buttons}
