"""How the difficult letters of the tests are written down."""

import base64
from typing import Any

Case = tuple[str, bytes, dict[str, Any]]
RU = "Добрый день! Нужна консультация по договору аренды."
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
PDF = base64.b64encode(b"%PDF-1.4 contract").decode()


def b64(text: str, charset: str) -> str:
    return base64.b64encode(text.encode(charset)).decode()


def raw(text: str, charset: str = "utf-8") -> bytes:
    return text.replace("\n", "\r\n").encode(charset)


def head(*more: str) -> str:
    return "From: m@client.example\nSubject: x\n" + "".join(f"{line}\n" for line in more) + "\n"


def mixed(*parts: str, kind: str = "multipart/mixed") -> str:
    body = "".join(f"--B\n{part}\n" for part in parts)
    return head(f'Content-Type: {kind}; boundary="B"') + body + "--B--\n"


def plain(text: str, *more: str) -> str:
    return (
        "Content-Type: text/plain; charset=utf-8\n" + "".join(f"{m}\n" for m in more) + f"\n{text}"
    )


def labelled(charset: str, actual: str, text: str = RU) -> bytes:
    return head(f"Content-Type: text/plain; charset={charset}").encode() + text.encode(actual)
