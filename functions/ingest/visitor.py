"""The visitor of a form: which language to speak, and how often is too often."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address

from kartoteka.domain.errors import TooMany
from kartoteka.http import Call
from kartoteka.i18n import LOCALES

ANY_SITE = {"access-control-allow-origin": "*"}  # whose scripts may read our answers
_MINUTE_S = 60
_MOST_VISITORS = 10_000


def language(call: Call, default: str) -> str:
    """Return ru or en: of the address, else of the browser, else the office's own."""
    return next((code for code in _wanted(call) if code in LOCALES), default)


def _wanted(call: Call) -> Iterator[str]:
    yield call.param("lang").lower()
    ranked = [_ranked(item) for item in call.header("accept-language").split(",")[:20]]
    for _, code in sorted(ranked, key=lambda pair: -pair[0]):
        yield code


def _ranked(item: str) -> tuple[float, str]:
    tag, _, rest = item.partition(";")
    code = tag.strip().lower().partition("-")[0]
    try:
        weight = float(rest.partition("=")[2]) if rest.strip() else 1.0
    except ValueError:
        weight = 0.0
    return weight, code


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


@dataclass
class VisitLimit:
    """At most so many posts a minute from one address, as far as this process sees."""

    per_minute: int
    code: str = "form_too_many"  # what a visitor is told
    _seen: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)

    def check(self, remote: str, seconds: float) -> None:
        """Count one post; `TooMany` when it is over the limit.

        Two threads may count one post for two: the limit is soft.
        """
        minute = int(seconds // _MINUTE_S)
        begun, count = self._seen.pop(remote, (minute, 0))
        count = count + 1 if begun == minute else 1
        self._seen[remote] = (minute, count)
        while len(self._seen) > _MOST_VISITORS:
            self._seen.popitem(last=False)
        if count > self.per_minute:
            raise TooMany(f"over {self.per_minute} posts a minute", code=self.code)
