"""Laws of merging: nothing is lost, nothing is invented, and back is back; on both stores."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.services.merging_office import children, client, made, person, state

from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.ids import ClientId
from kartoteka.domain.merging import conflicts, merged, survivor_first
from kartoteka.domain.model import Client, Role
from kartoteka.ports import Query, Store
from kartoteka.services.forget import forget
from kartoteka.services.history import history
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import Preset, read_preset, set_up
from kartoteka.services.undo import undo
from kartoteka.services.wake import Waker

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
words = st.sampled_from(["", "а", "б"])
lists = st.lists(st.sampled_from(["1", "2", "3"]), unique=True, max_size=3).map(tuple)
cards = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["а", "б", "+7"]),
        "company": words,
        "owner_id": st.sampled_from([None, "st_anna", "st_boris"]),
        "segment": st.sampled_from(["new", "in_work", "client", "partner"]),
        "phones": st.sampled_from([(), ("+7",), ("+7", "+8")]),
        "emails": lists,
        "tags": lists,
        "fields": st.dictionaries(st.sampled_from(["f", "g"]), words, max_size=2),
        "created_at": st.integers(0, 2).map(lambda day: NOW + timedelta(days=day)),
    }
)


def a_client(tag: str, fields: dict[str, Any]) -> Client:
    return Client(id=ClientId(tag), updated_at=NOW, **fields)


@given(cards, cards, st.booleans())
@settings(max_examples=100, deadline=None)
def test_merged_client_holds_every_value_of_both_but_the_unchosen(
    one: dict[str, Any], other: dict[str, Any], second: bool
) -> None:
    left, right = survivor_first(a_client("a", one), a_client("b", other))
    disputed = conflicts(left, right)
    winner = right if second else left

    whole = merged(left, right, dict.fromkeys(disputed, winner.id), NOW)

    assert whole.id == left.id
    assert left.created_at <= right.created_at
    for name in ("phones", "emails", "tags"):
        both = (*getattr(left, name), *getattr(right, name))
        assert Counter(getattr(whole, name)) == Counter(set(both))
    for name in ("company", "owner_id"):
        values = {getattr(left, name), getattr(right, name)} - {"", None}
        assert (getattr(whole, name) or None) in (values or {None})
        if name in disputed:
            assert getattr(whole, name) == getattr(winner, name)
    if "name" in disputed:
        assert whole.name == winner.name
    for name in {*left.fields, *right.fields}:
        values = {left.fields.get(name, ""), right.fields.get(name, "")}
        assert whole.fields[name] in (values - {""} or {""})


_PRESET: list[Preset] = []


def office(store: Store, clock: FixedClock) -> Desk:
    if not _PRESET:
        _PRESET.append(read_preset("law_firm"))
    set_up(store, clock, _PRESET[0])
    tasks = FakeTasks()
    return Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))


pairs_of_four = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda it: it[0] != it[1])


@given(
    st.lists(pairs_of_four, min_size=1, max_size=3),
    st.lists(st.integers(0, 6), min_size=4, max_size=4),
)
@settings(max_examples=12, deadline=None)
def test_merges_undone_in_reverse_restore_every_byte(
    order: list[tuple[int, int]], counts: list[int]
) -> None:
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "x.db")
        clock = FixedClock()
        desk = office(store, clock)
        head = person(desk, Role.HEAD)
        people = [client(desk, f"{at}", name="а", phones=(f"+7916000000{at}",)) for at in range(4)]
        made(desk, *people)
        for one, count in zip(people, counts, strict=True):
            made(desk, *children(desk, one, count))
        past = []
        root = list(range(4))
        for a, b in order:
            if root[a] == root[b]:
                continue
            before, known = state(store), _batches(store)
            clock.advance(timedelta(minutes=1))
            merge(desk, head, people[a].id, people[b].id, cause="x")
            assert _children(state(store)) == _children(before)
            root = [root[a] if one == root[b] else one for one in root]
            past.append((before, (_batches(store) - known).pop()))
        for before, batch in reversed(past):
            clock.advance(timedelta(minutes=1))
            undo(desk, head, batch, cause="x")
            assert state(store) == before
        for name, doc in state(store)["leads"].items():
            life = history(store, "lead", name)
            assert life.complete
            assert life.stored == doc
        store.close()


def _batches(store: Store) -> set[str]:
    return {found.id for found in store.query(Query("batches"))}


def _children(docs: dict[str, dict[str, Any]]) -> int:
    return sum(len(docs[name]) for name in ("leads", "deals", "tasks", "activities"))


@pytest.mark.emulator
def test_merge_undo_and_forget_on_firestore(open_firestore: Callable[..., FirestoreStore]) -> None:
    clock = FixedClock()
    desk = office(open_firestore(), clock)
    head = person(desk, Role.HEAD)
    older = client(desk, "a", name="Мария", phones=("+79160000001",))
    newer = client(desk, "b", name="Мария", emails=("m@x.example",))
    made(desk, older, newer, *children(desk, newer, 8))
    before = state(desk.store)
    clock.advance(timedelta(days=1))

    merge(desk, head, older.id, newer.id, cause="x")
    [batch] = _batches(desk.store)
    undo(desk, head, batch, cause="x")
    assert state(desk.store) == before

    places = [(entry.id, entry.position) for entry in desk.store.read_log("changes", None, 100)]
    forget(desk, person(desk, Role.DIRECTOR), newer.id, cause="x")
    entries = desk.store.read_log("changes", None, 100)
    assert [(entry.id, entry.position) for entry in entries][: len(places)] == places
    assert "m@x.example" not in str([entry.doc for entry in entries]) + str(state(desk.store))
    assert history(desk.store, "lead", "ld_cl_b_0").complete
