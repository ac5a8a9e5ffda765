"""Membership equals a naive recount, whatever happened, whenever, and however often it was read."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kartoteka.segments.segment_office import CLUB, Clients, recounted

from kartoteka.domain.model import Client
from kartoteka.services import segments
from kartoteka.services.consume import lags, rewind

ACTS = (
    *("client", "client", "lead", "deal", "win", "bought", "bought", "reopen", "price", "touch"),
    *("agree", "refuse", "give_away", "merge", "part", "delete", "restore", "forget"),
    *("put_in", "put_in", "take_out", "rules", "wait", "wait", "wait", "read", "read"),
)
UNTOLD = {"rules", "put_in", "take_out", "merge", "part"}
PAST = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 59)), max_size=40)


def lived(clients: Clients, past) -> None:
    for act, which in past:
        getattr(clients, act)(which)


@given(PAST)
@settings(max_examples=60, deadline=None)
def test_membership_after_any_past_equals_a_naive_recount(past):
    with TemporaryDirectory() as folder:
        clients = Clients(Path(folder))
        lived(clients, past)

        clients.rest()

        kept = clients.members()
        club = kept.pop(CLUB.id, set())
        assert kept == recounted(clients)
        assert club <= {it.id for it in clients.all(Client) if not (it.merged_into or it.forgotten)}
        assert clients.sizes() == {name: len(them) for name, them in clients.members().items()}
        assert not lags(clients.sqlite, "segments")
        rewind(clients.desk, "segments")
        clients.rest()
        assert clients.members() == {**kept, **({CLUB.id: club} if club else {})}
        clients.sqlite.close()


@given(PAST, PAST)
@settings(max_examples=60, deadline=None)
def test_whoever_came_or_left_is_told_of_exactly_once(past, later):
    with TemporaryDirectory() as folder:
        clients = Clients(Path(folder))
        lived(clients, past)
        clients.rest()
        steady = [
            it for it in later if it[0] not in {"rules", "put_in", "take_out", "merge", "part"}
        ]

        for act, which in steady:
            before, known = recounted(clients), len(clients.told())
            getattr(clients, act)(which)
            clients.rest()
            after, alive = recounted(clients), living(clients)
            came = {(name, it, True) for name, it in pairs(after) - pairs(before)}
            left = {(name, it, False) for name, it in pairs(before) - pairs(after) if it in alive}
            assert sorted(clients.told()[known:]) == sorted(came | left)
        clients.sqlite.close()


def pairs(members: dict[str, set[str]]) -> set[tuple[str, str]]:
    return {(name, client) for name, them in members.items() for client in them}


def living(clients: Clients) -> set[str]:
    return {it.id for it in clients.all(Client) if not (it.merged_into or it.forgotten)}


@given(PAST)
@settings(max_examples=30, deadline=None)
def test_reading_again_without_news_writes_nothing(past):
    with TemporaryDirectory() as folder:
        clients = Clients(Path(folder))
        lived(clients, past)
        clients.rest()
        told, members = clients.told(), clients.members()

        assert segments.drain(clients.desk).handled == 0
        assert (clients.told(), clients.members()) == (told, members)
        clients.sqlite.close()
