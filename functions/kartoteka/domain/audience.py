"""Lists of people for advertising cabinets: which columns, how spelled, how hashed; J10.

Sources: Yandex Audience «File requirements» (CRM data; SHA-256, new MD5 lists are not taken since
2025), myTarget «User lists» for VK (one kind of contact a file, MD5), Google Ads «Formatting
guidelines for uploading hashed data», Meta «How to format a customer list».
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

Kind = Literal["phone", "mail"]
KINDS: tuple[Kind, ...] = ("phone", "mail")


@dataclass(frozen=True, slots=True)
class Cabinet:
    """What one cabinet wants.

    Attributes:
        headers: of the columns, by what they hold; a cabinet of one column takes one kind a file.
        algorithm: of the hash: the hexadecimal digest in small letters.
        plus: whether a telephone number keeps its plus.
        least: entries below which the cabinet refuses a list.
    """

    headers: Mapping[Kind, str]
    algorithm: Literal["md5", "sha256"]
    plus: bool = False
    least: int = 100
    apart: bool = False

    def columns(self, kind: Kind) -> tuple[Kind, ...]:
        """Return the columns of a file; `kind` says which where there is one only."""
        return (kind,) if self.apart else tuple(self.headers)

    def hashed(self, kind: Kind, address: str) -> str:
        """Return an address of ours (E.164, or mail in small letters) as the cabinet compares it.

        MD5 protects nothing; it is what the cabinet compares.
        """
        spelled = address.strip().lower()
        if kind == "phone" and not self.plus:
            spelled = spelled.removeprefix("+")
        plain = spelled.encode()
        if self.algorithm == "md5":
            return hashlib.md5(plain, usedforsecurity=False).hexdigest()
        return hashlib.sha256(plain).hexdigest()

    def rows(self, found: Mapping[Kind, Sequence[str]], kind: Kind) -> Iterator[tuple[str, ...]]:
        """Yield the rows of one client: as many as there are addresses of a kind."""
        columns = self.columns(kind)
        hashed = [[self.hashed(it, address) for address in found.get(it, ())] for it in columns]
        yield from zip_longest(*hashed, fillvalue="")


CABINETS: Mapping[str, Cabinet] = {
    "yandex": Cabinet({"phone": "phone", "mail": "email"}, "sha256"),
    "vk": Cabinet({"phone": "id", "mail": "id"}, "md5", least=2_000, apart=True),
    "google": Cabinet({"mail": "Email", "phone": "Phone"}, "sha256", plus=True),
    "meta": Cabinet({"mail": "email", "phone": "phone"}, "sha256"),
}
