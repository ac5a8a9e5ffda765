"""The intake function behind HTTP on loopback: how long a provider waits, channel by channel."""

import http.client
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from werkzeug.serving import WSGIRequestHandler, make_server

from bench.load import HOST
from bench.report import Row, at_most
from kartoteka import wiring
from kartoteka.http import Call
from kartoteka.wiring import App
from onebox.server import function

OWN = "call"  # the channel of the office's own JSON
LIMIT = 1.3
_ROUNDS, _A_ROUND = 15, 12
_PATIENCE_S = 30.0

Makes = Callable[[int], Call]
Wait = Callable[[Call], float]


@dataclass(frozen=True)
class Compared:
    """What callers of channels wait, in times of one in our own JSON; of each came so many."""

    ratios: Mapping[str, float]
    each: int

    @property
    def events(self) -> int:
        """Return how many events came in all."""
        return self.each * (len(self.ratios) + 1)

    def rows(self, what: str) -> list[Row]:
        """Return the claim of each channel."""
        return [
            at_most(f"{channel}: {what} : own JSON", ratio, LIMIT)
            for channel, ratio in self.ratios.items()
        ]


def compared(app: App, made_by: Mapping[str, Makes], own: str = OWN) -> Compared:
    """Compare what callers of each channel wait until they are answered with those of `own`.

    Each round compares the medians of some events of each channel, and the usual round counts: a
    busy moment of the machine meets all channels of its round. The first round only warms up.
    """
    ratios: dict[str, list[float]] = {channel: [] for channel in made_by if channel != own}
    number = 0
    with front(app) as wait:
        for turn in range(_ROUNDS + 1):
            waits: dict[str, list[float]] = {channel: [] for channel in made_by}
            for _ in range(_A_ROUND):
                for channel, made in made_by.items():
                    number += 1
                    waits[channel].append(wait(made(number)))
            plain = statistics.median(waits[own])
            for channel in ratios if turn else ():
                ratios[channel].append(statistics.median(waits[channel]) / plain)
    usual = {channel: statistics.median(found) for channel, found in ratios.items()}
    return Compared(usual, number // len(made_by))


@contextmanager
def front(app: App) -> Iterator[Wait]:
    """Serve the intake of an office; yield what sends a call and returns the seconds it waited.

    The function writes its log as always, but nowhere: a report of the bench is for people.
    """
    wiring.install(app)
    server = make_server(HOST, 0, function("ingest"), threaded=True, request_handler=_Kept)
    thread = threading.Thread(target=server.serve_forever, name="front")
    thread.start()
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=_PATIENCE_S)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            yield lambda call: _waited(connection, call)
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


class _Kept(WSGIRequestHandler):
    """Keeps a connection open from one call to the next, as providers do, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: it would be measured too."""


def _waited(connection: http.client.HTTPConnection, call: Call) -> float:
    path = "/" + "/".join(call.path)
    target = f"{path}?{urlencode(call.query)}" if call.query else path
    headers = {**call.headers, "host": "localhost"}  # as the samples are signed
    started = time.perf_counter()
    connection.request(call.method, target, call.body, headers)
    reply = connection.getresponse()
    said = reply.read()
    waited = time.perf_counter() - started
    if reply.status != 200:
        raise AssertionError(f"{call.path[0]} was answered {reply.status}: {said[:200]!r}")
    return waited
