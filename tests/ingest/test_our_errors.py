"""An event at which we fail is kept for an upgrade; the provider and the events behind it go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.test_contract import account, deliver, named, signed, stored, unsigned
from tests.ingest.test_mail_posts import Shelf

from ingest.channel import Context, inbound_id
from ingest.channels import gmail
from ingest.intake import Address, take
from ingest.luggage import Luggage
from ingest.replay import replay
from ingest.room import MAIL_LIMIT
from kartoteka.domain.errors import NotAllowed, ProviderDown
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored
from kartoteka.wiring import App

CLIENT = "Иван Секретный"
LETTER = "From: Maria <maria@client.example>\r\nSubject: Вопрос\r\nMessage-ID: <1@c>\r\n\r\nДень"


@dataclass
class Fake:
    """A channel whose parser does as it is told."""

    read: Callable[[Call, Context], list[Inbound]]
    name: str = "gmail"

    def verify(self, call: Call, secrets: Sequence[str], /) -> None:
        """Believe everybody."""

    def parse(self, call: Call, context: Context, /) -> list[Inbound]:
        return self.read(call, context)

    def answer(self, call: Call, stored: Sequence[Stored], /) -> Reply:
        return json_reply({"ok": True})


def broken(_call: Call, _context: Context) -> list[Inbound]:
    raise RuntimeError(f"nobody foresaw {CLIENT}")


def message(context: Context, name: str) -> Inbound:
    return Inbound(
        id=inbound_id("gmail", context, name),
        channel="gmail",
        account=context.account,
        event_id=name,
        what=Kind.FORM,
        at=context.now,
        received_at=context.now,
        sender=Person(name=CLIENT, phones=("+79165550104",)),
        raw=LETTER,
    )


def one_bad_of_two(_call: Call, context: Context) -> list[Inbound]:
    """Return an event at which deciding fails, and a good one behind it."""
    bad = message(context, "bad").model_copy(update={"sender": None})
    return [bad, message(context, "good")]


@pytest.fixture
def address(app: App, clock: FixedClock) -> Address:
    return Address(Context(account(app, "gmail").id, "Почта", "RU", clock.now()))


def test_call_at_which_the_parser_fails_waits_with_its_body(
    app: App, address: Address, capsys: pytest.CaptureFixture[str]
) -> None:
    body = LETTER.encode()

    [kept] = take(app.desk, Fake(broken), Call("POST", ("gmail", "x"), body=body), address)

    [event] = stored(app)
    assert (kept.waits, event.state, event.why) == (True, "unknown", "read_failed")
    assert event.raw == LETTER
    told = capsys.readouterr().out
    assert '"read_failed"' in told
    assert "RuntimeError" in told
    assert CLIENT not in told


def test_call_that_failed_is_read_after_the_upgrade(app: App, address: Address) -> None:
    take(app.desk, Fake(broken), Call("POST", ("gmail", "x"), body=LETTER.encode()), address)

    assert [one.outcome for one in replay(app.desk)] == ["understood"]
    assert [one.outcome for one in replay(app.desk)] == []
    letters = [event for event in stored(app) if event.mail is not None]
    assert [event.fields["subject"] for event in letters] == ["Вопрос"]


def test_event_at_which_deciding_fails_does_not_hold_up_the_next(
    app: App, address: Address
) -> None:
    call = Call("POST", ("gmail", "x"), body=b"{}")

    first = take(app.desk, Fake(one_bad_of_two), call, address)
    again = take(app.desk, Fake(one_bad_of_two), call, address)

    told = {event.event_id: (event.state, event.why, event.raw) for event in stored(app)}
    assert told["bad"] == ("unknown", "decide_failed", LETTER)
    assert told["good"][0] == "done"
    assert [(one.seen, one.lead_id is None) for one in first] == [(False, True), (False, False)]
    assert [one.seen for one in again] == [True, True]


@pytest.mark.parametrize("error", [RuntimeError("x"), NotAllowed("refused", code="forbidden")])
def test_file_that_cannot_be_kept_holds_up_neither_the_letter_nor_the_others(
    http: FlaskClient, app: App, error: Exception
) -> None:
    shelf = Shelf()
    shelf.failing = error
    vars(app)["files"] = shelf
    call = signed(app, "postmark", unsigned("postmark", named("postmark", "files")))

    assert deliver(http, call).status_code == 200
    assert [event.state for event in stored(app)] == ["done"]


def test_file_behind_one_that_is_refused_is_kept() -> None:
    class Choosy(Shelf):
        def keep(self, key: str, name: str, media_type: str, content: bytes):  # type: ignore[no-untyped-def]
            self.failing = RuntimeError("x") if name == "bad" else None
            return super().keep(key, name, media_type, content)

    shelf, luggage = Choosy(), Luggage()
    files = [luggage.put("in_1", name, "text/plain", name.encode()) for name in ("bad", "good")]

    luggage.keep(files, shelf)

    assert list(shelf.kept.values()) == [b"good"]


def test_files_wait_for_a_drive_that_is_away() -> None:
    shelf, luggage = Shelf(), Luggage()
    shelf.failing = ProviderDown("away")

    with pytest.raises(ProviderDown):
        luggage.keep([luggage.put("in_1", "a", "text/plain", b"x")], shelf)


def test_replay_goes_on_behind_an_event_at_which_it_fails(app: App, address: Address) -> None:
    for number in range(2):
        body = f"Message-ID: <{number}@c>\r\n{LETTER}".encode()
        take(app.desk, Fake(broken), Call("POST", ("gmail", "x"), body=body), address)
    first = stored(app)[0]
    app.store.run(
        lambda tx: tx.put("inbounds", first.id, {**first.model_dump(mode="json"), "raw_parts": 1})
    )

    assert sorted(one.outcome for one in replay(app.desk)) == ["left", "understood"]


def test_body_of_any_size_that_nobody_understood_fits_one_write(app: App, address: Address) -> None:
    body = b"From: x\r\n\r\n" + b"a" * (7 * 1024 * 1024)

    where = replace(address, limit=MAIL_LIMIT)

    [kept] = take(app.desk, Fake(broken), Call("POST", ("gmail", "x"), body=body), where)

    parts = stored(app)[0].raw_parts
    assert kept.waits
    assert parts == -(-6 * 1024 * 1024 // 60_000) - 1


def test_bare_letter_is_read_and_a_body_that_is_none_is_not(clock: FixedClock) -> None:
    context = Context("g", "Почта", "RU", clock.now())

    [event] = gmail.parse(Call("POST", (), body=LETTER.encode()), context)

    assert event.sender.emails == ("maria@client.example",)
