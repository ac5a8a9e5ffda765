"""What every call must end with, whatever it brings: events that can be kept, or a refusal."""

import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from tests.cost import takes_less
from tests.fakes import FakeTasks, FixedClock, TrustingCallers, TrustingTopics
from tests.faults.hostile_calls import BEACON, CHAT, LETTER, ONE_C, Case
from tests.furnished import furnish
from tests.ingest.channels.samples import context, is_question

from ingest.channel import as_sent
from ingest.channels import CHANNELS
from ingest.fit import fitted
from ingest.mail.event import Carried, mail_event
from ingest.mail.reading import read_letter
from ingest.pipeline import receive
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import KartotekaError, NotAuthentic, Rejected
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Account
from kartoteka.domain.visitor import token
from kartoteka.http import Call, Reply
from kartoteka.services import exchange_sessions
from kartoteka.settings import Settings
from kartoteka.wiring import App
from onebox.samples import at_address

SECRET = "s:1"
CPU_S, PER_BYTES = 0.05, 100_000  # processor time that a reader may take
_SITE = "site_fuzz"
_VISITOR = "v" * 22


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong; `place` is where, so that each fault is kept once."""

    what: str
    place: str
    told: str = ""

    @property
    def name(self) -> str:
        """Return a short name for a file."""
        return sha256(f"{self.what} {self.place}".encode()).hexdigest()[:12]


class Judge:
    """An office with an account of each channel, and its verdict on a case."""

    def __init__(self, folder: Path, slack: float = 1.0) -> None:
        furnish(folder / "office.db")
        self.store = SqliteStore(folder / "office.db")
        self.app = App(Settings(data=folder), FixedClock(), lambda _: self.store)
        vars(self.app)["tasks"] = FakeTasks()
        vars(self.app)["topics"] = TrustingTopics()
        vars(self.app)["callers_of"] = lambda _: TrustingCallers()
        self._slack = slack
        for name in CHANNELS:
            self._open(_account(name, f"{name}_fuzz"))

    def _open(self, account: Account) -> None:
        told = account.model_dump(mode="json")
        self.store.run(lambda tx: tx.put(Account.collection, account.id, told))

    def close(self) -> None:
        """Close the office."""
        self.store.close()

    def finding(self, case: Case, *, whole: bool = True) -> Finding | None:
        """Return what is wrong with the answer to the case, None when nothing is.

        Args:
            case: the call.
            whole: also let the office take it in, not only read it.
        """
        try:
            slow = self._read(case)
            if slow is None and whole:
                self._taken(case)
        except KartotekaError as exc:
            return None if isinstance(exc, Rejected) else _fault(exc)
        except Exception as exc:  # noqa: BLE001 - whatever it is, it is the finding
            return _fault(exc)
        return slow

    def _read(self, case: Case) -> Finding | None:
        """Return that reading took too long; every event has to bear being kept."""
        if case.channel in {ONE_C, CHAT, BEACON}:
            return None
        most = CPU_S * max(1.0, len(case.call.body) / PER_BYTES) * self._slack
        began = time.thread_time()
        events = _read_or_refused(case)
        took = time.thread_time() - began
        for event in events:
            _keepable(fitted(event))
        if took <= most or takes_less(most, _read_or_refused, case):
            return None
        return Finding("slow", case.channel, f"{took:.3f} s for {len(case.call.body)} bytes")

    def _taken(self, case: Case) -> None:
        if case.channel == ONE_C:
            self._exchanged(case.call.body)
        elif case.channel in {CHAT, BEACON}:
            self._talked(case)
        elif case.channel != LETTER:
            self._received(_proved(case))

    def _received(self, call: Call) -> Reply:
        reply = receive(replace(call, base_url="http://localhost", remote=""), self.app)
        assert reply.status < 500, reply.status
        return reply

    def _talked(self, case: Case) -> None:
        address = (case.channel.strip("()"), _SITE)
        proof = {"authorization": f"Bearer {token(_VISITOR, SECRET)}"}
        self._site()
        call = replace(case.call, headers={**case.call.headers, **proof})
        self._received(at_address(call, address))

    def _site(self) -> None:
        if self.store.get("accounts", _SITE) is None:
            self._open(_account("site", _SITE))

    def _exchanged(self, body: bytes) -> None:
        """Send a file as 1C does, and work it off."""
        name = "import.zip" if body[:2] == b"PK" else "import.xml"
        cookie = exchange_sessions.begin(self.app.desk, "commerceml_fuzz", "catalog")
        shown = {"cookie": f"kartoteka={cookie}"}
        for mode, content in (("file", body), ("import", b"")):
            query = (("type", "catalog"), ("mode", mode), ("filename", name))
            call = Call("POST", (), body=content, headers=shown, query=query)
            self._received(at_address(call, ("commerceml", "commerceml_fuzz")))


def _read_or_refused(case: Case) -> list[Inbound]:
    try:
        return list(_events(case))
    except Rejected:
        return []


def _events(case: Case) -> list[Inbound]:
    if case.channel == LETTER:
        source = case.call.body
        return [mail_event(read_letter(source), Carried("gmail", source), context("gmail"))]
    channel = CHANNELS[case.channel]
    call = at_address(case.call, (case.channel, f"{case.channel}_fuzz"))
    with suppress(NotAuthentic):
        channel.verify(call, (SECRET,))
    return [] if is_question(channel, call) else channel.parse(call, context(case.channel))


def _proved(case: Case) -> Call:
    first = (
        ("form", "consult") if case.channel == "form" else (case.channel, f"{case.channel}_fuzz")
    )
    call = at_address(case.call, first)
    try:
        return as_sent(CHANNELS[case.channel], call, SECRET)
    except (Rejected, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return call  # it is our own sender that cannot spell this


def _account(channel: str, token: str) -> Account:
    return Account(id=token, channel=channel, title=channel, source=channel, secrets=(SECRET,))


def _keepable(event: Inbound) -> None:
    """Refuse an event that a store would not give back as it was."""
    told = event.model_dump_json()
    assert Inbound.model_validate_json(told) == event, "it is another one when read again"
    assert "\\u0000" not in told.replace("\\\\", ""), "a store refuses it"


def _fault(exc: BaseException) -> Finding:
    frames = traceback.extract_tb(exc.__traceback__)
    ours = [f for f in frames if "/functions/" in f.filename] or frames
    last = ours[-1]
    place = f"{last.filename.rpartition('/functions/')[2]}:{last.lineno}"
    return Finding(type(exc).__name__, place, str(exc)[:200])
