"""The visitor of a form: whose address counts, and whose scripts may read our answers."""

from functools import lru_cache
from ipaddress import ip_address

from kartoteka.http import Call

ANY_SITE = {"access-control-allow-origin": "*"}  # whose scripts may read our answers


def caller(call: Call) -> str:
    """Return whose address counts; empty for the machine and the network that we run on.

    A peer without a public address is a proxy of ours: it names who called it at the end of
    X-Forwarded-For. What stands before that anybody can write.
    """
    if _is_public(call.remote):
        return call.remote
    told = call.header("x-forwarded-for").rpartition(",")[2].strip()
    return told if _is_public(told) else ""


@lru_cache(maxsize=1024)
def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
