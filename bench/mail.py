"""Mail: what a stranger's letter costs beside a call in the office's own JSON, and a large one."""

import base64
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.exchanges import connected
from bench.front import compared
from bench.report import Row, at_most
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from ingest.mail.reading import read_letter
from kartoteka.http import Call
from kartoteka.ports import Query
from onebox.samples import at_address, read_sample

_SECRET = "key:salt"  # noqa: S105 - of a throw-away office
_FILES = 3
_FILE_BYTES = 2_500_000

# Of each channel the texts of a sample that name its writer and its letter.
_NAMED = {
    "call": ("missed", ("8 (916) 555-01-02", "pbx-0002")),
    "mailgun": ("parsed", ("maria.orlova", "mg-1")),
    "postmark": ("new", ("maria.orlova", "pm-1")),
    "sendgrid": ("parsed", ("maria.orlova", "sg-1")),
}


def letters(folder: Path) -> list[Row]:
    """Compare what each provider waits for the answer to a first letter with a missed call."""
    app = connected(folder / "letters", _NAMED, _SECRET)
    found = compared(app, {channel: partial(_of_stranger, channel) for channel in _NAMED})
    requests = app.store.count(Query("leads"))
    app.store.close()
    if requests != found.events:
        raise AssertionError(f"{found.events} strangers wrote and made {requests} requests")
    return [*found.rows("letter"), _large()]


def _large() -> Row:
    """Measure reading a letter of 10 MB with three files."""
    source = _letter_of_ten_megabytes()
    started = time.perf_counter()
    found = read_letter(source)
    waited = time.perf_counter() - started
    if len(found.files) != _FILES:
        raise AssertionError(f"{len(found.files)} files were found")
    return at_most("a letter of 10 MB with files, s", waited, 1.0)


def _letter_of_ten_megabytes() -> bytes:
    part = b"--B\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64"
    file = base64.encodebytes(os.urandom(_FILE_BYTES))
    head = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    return head + b"".join(part + b"\r\n\r\n" + file for _ in range(_FILES)) + b"--B--\r\n"


def _of_stranger(channel: str, person: int) -> Call:
    """Return the sample as another person sends it, signed, at the account's address."""
    sample, named = _NAMED[channel]
    call = at_address(read_sample(channel, sample), (channel, f"{channel}_b"))
    body = call.body
    first = 79_160_000_000 if channel == "call" else 1_000_000_000
    for place, old in enumerate(named):
        body = body.replace(old.encode(), f"{first + person * len(_NAMED) + place}".encode())
    told = replace(call, body=body, base_url="http://localhost")
    return as_sent(CHANNELS[channel], told, _SECRET)
