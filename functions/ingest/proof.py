"""Proofs that a call is the provider's: compared in constant time, any valid secret will do."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kartoteka.domain.errors import NotAuthentic
from kartoteka.http import Call

SECRET_AT = 2  # place in the path: channel, token, secret


def check_one_of(given: str, valid: Iterable[str], where: str) -> None:
    """Refuse a proof that is none of the valid ones; every one of them is compared.

    Raises:
        NotAuthentic: says `where` the proof was looked for.
    """
    told = given.encode("utf-8", "replace")
    fits = [hmac.compare_digest(told, one.encode("utf-8", "replace")) for one in valid if one]
    if not any(fits):
        raise NotAuthentic(f"{where} does not prove this call", code="bad_signature")


def check_path(call: Call, secrets: Sequence[str], at: int = SECRET_AT) -> None:
    """Refuse a call whose path does not name one of the secrets; for providers that cannot sign."""
    given = call.path[at] if len(call.path) > at else ""
    check_one_of(given, secrets, "the path")


def with_path(call: Call, secret: str, at: int = SECRET_AT) -> Call:
    """Return the call at the address with the secret in its place."""
    path = (*call.path[:at], secret, *call.path[at:])
    query = call.target.partition("?")[2]
    target = "/ingest/" + "/".join(path) + ("?" + query if query else "")
    return replace(call, path=path, target=target)
