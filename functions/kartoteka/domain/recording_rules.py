"""Whether the office keeps recordings of calls itself, and from where it may take them."""

import re

from pydantic import Field

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value

_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")
_INNER = (".local", ".internal", ".localhost", ".home.arpa", ".lan", ".intranet")
_MOST_HOSTS = 20
_LARGEST_MB = 50


class RecordingRules(Value):
    """Copies of an exchange's recordings in the office's Drive; without hosts none are made."""

    hosts: tuple[str, ...] = Field(
        default=(), max_length=_MOST_HOSTS, description="of the links, such as records.example.ru"
    )
    most_mb: int = Field(default=25, ge=1, le=_LARGEST_MB, description="of one recording")


def check_hosts(hosts: tuple[str, ...]) -> None:
    """Refuse what is no public name: addresses in figures, names of the machine or of its network.

    Raises:
        Invalid: says which.
    """
    for host in hosts:
        if not _HOST.fullmatch(host) or host.endswith(_INNER):
            raise Invalid(
                f"{host!r} is no public host",
                fields={"hosts": "recording_host"},
                code="recording_host",
                what=host,
            )
