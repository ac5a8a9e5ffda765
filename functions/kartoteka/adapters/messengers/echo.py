"""A messenger that only writes down: for a box without accounts, and for trying things out.

Each line of the file is a JSON object: what was sent where, with the id that was given.
"""

import hashlib
import json
import threading
from pathlib import Path

from kartoteka.chat_ports import FileBytes, Letter, RoomWords
from kartoteka.domain.office import Account


class Echo:
    """Keeps what would have been sent; the same message twice has the same id."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def send(self, account: Account, letter: Letter) -> str:
        """Return an id made of the letter's tag."""
        name = _named("letter", account.id, letter.peer, letter.tag)
        file = letter.file.name if letter.file else ""
        where = {"account": account.id, "peer": letter.peer}
        self._keep(what="letter", id=name, **where, text=letter.text, file=file)
        return name

    def fetch(self, account: Account, ref: str, _largest: int) -> FileBytes:
        """Return a file that says which one it stands for."""
        return FileBytes("", "text/plain", f"{account.channel}: {ref}".encode())

    def open_topic(self, account: Account, group: str, title: str) -> str:
        """Return the number of a new topic."""
        number = str(int(_named("topic", account.id, group, title)[:7], 16))
        self._keep(what="topic", id=number, account=account.id, peer=group, text=title, file="")
        return number

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        """Return an id made of the words."""
        name = _named("post", account.id, *place, post.text)
        file = post.file.name if post.file else ""
        where = "/".join(filter(None, place))
        pressed = " ".join(button.data for row in post.buttons for button in row)
        told = {"account": account.id, "peer": where, "text": post.text, "file": file}
        self._keep(what="post", id=name, **told, buttons=pressed)
        return name

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        """Write down that a topic was opened or closed."""
        what = "opened" if is_open else "closed"
        where = "/".join(place)
        self._keep(what=what, id=where, account=account.id, peer=where, text="", file="")

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        """Write down the other words of a post."""
        chat, name = place
        self._keep(what="edit", id=name, account=account.id, peer=chat, text=post.text, file="")

    def hear_press(self, account: Account, press: str, words: str) -> None:
        """Write down how a press was answered."""
        self._keep(what="press", id=press, account=account.id, peer="", text=words, file="")

    def say(self, webhook: str, words: str) -> None:
        """Write down what a space of Google Chat would have heard; its address is a secret."""
        name = _named("space", webhook, words)
        self._keep(what="space", id=name, account="", peer=_named(webhook), text=words, file="")

    def _keep(self, **told: str) -> None:
        line = json.dumps(told, ensure_ascii=False)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _named(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
