"""A person's data goes everywhere; the facts of money and work stay."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import (
    children,
    client,
    everything_in,
    form,
    made,
    person,
    read,
    state,
)

from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.history import whole
from kartoteka.domain.model import Client, Role
from kartoteka.ports import Query
from kartoteka.services import leads
from kartoteka.services.consume import drain
from kartoteka.services.duplicates import Contact, add_contact
from kartoteka.services.forget import forget
from kartoteka.services.history import history
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk
from kartoteka.services.personal_data import of_client
from kartoteka.services.undo import undo

NAME = "Аполлинария Ъ"
PHONE = "+79160001122"
MAIL = "apollinaria@secret.example"
SECOND_MAIL = "second@secret.example"
SECRETS = ("Аполлинар", "apollinaria", "secret.example", PHONE, "79160001122")


def known_everywhere(desk: Desk, clock: FixedClock) -> Client:
    """A client whom a form made, a person renamed, and another record was merged into."""
    first = form(desk, "1", name=NAME, phones=(PHONE,), emails=(MAIL,))
    clock.advance(timedelta(days=1))
    head = person(desk, Role.HEAD)
    leads.rename(desk, head, first.lead_id or "", f"{NAME} Иванова", cause="x")
    leads.write_note(desk, head, first.lead_id or "", f"{NAME}: паспорт", cause="x")
    other = client(desk, "other", name=f"{NAME} Иванова", emails=(SECOND_MAIL,))
    made(desk, other, *children(desk, other, 8))
    add_contact(desk, head, Contact(other.id, "third@secret.example"), cause="x")
    prefer = {"owner_id": first.client_id or ""}
    return merge(desk, head, first.client_id or "", other.id, cause="x", prefer=prefer)


def positions(desk: Desk) -> list[tuple[str, str]]:
    return [(entry.id, entry.position) for entry in desk.store.read_log("changes", None, 1000)]


def test_nothing_of_the_person_is_left_and_the_money_is(
    desk: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    kept = known_everywhere(desk, clock)
    clash = {"record": "ld_cl_other_0", "sheet_value": f"{NAME}!", "at": "x"}
    desk.store.run(lambda tx: tx.put("conflicts", "cf_1", clash))
    before, places = state(desk.store), positions(desk)
    assert all(word in everything_in(tmp_path / "kartoteka.db") for word in SECRETS)

    gone = forget(desk, person(desk, Role.ADMIN), kept.id, cause="command:client.forget")

    text = everything_in(tmp_path / "kartoteka.db")
    assert [word for word in SECRETS if word in text] == []
    assert gone.forgotten
    assert positions(desk)[: len(places)] == places
    deals: dict[str, dict[str, Any]] = state(desk.store)["deals"]
    for name, old in before["deals"].items():
        kept_facts = {"amount_minor", "won_at", "stage", "created_at", "client_id", "state"}
        assert {f: deals[name][f] for f in kept_facts} == {f: old[f] for f in kept_facts}
    assert state(desk.store)["keys"] == {}
    assert {len(docs) for docs in state(desk.store, "keys").values()} >= {8 // 4}


def test_not_a_byte_of_the_person_is_left_in_the_closed_file(
    desk: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    kept = known_everywhere(desk, clock)
    made(desk, *(client(desk, f"{at:03}", phones=(f"+7915{at:07}",)) for at in range(150)))

    forget(desk, person(desk, Role.ADMIN), kept.id, cause="x")
    desk.store.close()

    raw = b"".join(path.read_bytes() for path in tmp_path.glob("kartoteka.db*"))
    assert b"+79150000149" in raw
    assert [word for word in SECRETS if word.encode() in raw] == []


def test_history_of_a_forgotten_client_still_leads_to_what_is_stored(
    desk: Desk, clock: FixedClock
) -> None:
    kept = known_everywhere(desk, clock)
    forget(desk, person(desk, Role.ADMIN), kept.id, cause="x")

    for kind, collection in (("client", "clients"), ("lead", "leads"), ("deal", "deals")):
        for name, doc in state(desk.store)[collection].items():
            life = history(desk.store, kind, name)
            assert life.complete, name
            assert whole(life.steps, doc)


def test_a_forgotten_number_makes_a_new_client(desk: Desk, clock: FixedClock) -> None:
    kept = known_everywhere(desk, clock)
    forget(desk, person(desk, Role.ADMIN), kept.id, cause="x")

    again = form(desk, "2", name="Новый", phones=(PHONE,))

    assert again.client_id != kept.id
    assert not read(desk.store, Client, again.client_id or "").forgotten


def test_forgetting_twice_changes_nothing_more(desk: Desk, clock: FixedClock) -> None:
    kept = known_everywhere(desk, clock)
    admin = person(desk, Role.ADMIN)
    forget(desk, admin, kept.id, cause="x")
    docs = state(desk.store, "clients")
    forget(desk, admin, kept.id, cause="x")

    assert state(desk.store, "clients") == docs


def test_others_keep_their_words(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    kept = known_everywhere(desk, clock)
    form(desk, "9", name="Останется", emails=("stays@x.example",))

    forget(desk, person(desk, Role.ADMIN), kept.id, cause="x")

    assert everything_in(tmp_path / "kartoteka.db").count("Останется") >= 4


def test_a_merge_that_was_undone_leaves_nothing_in_the_other_client(
    desk: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    head = person(desk, Role.HEAD)
    other = client(desk, "a", name="Мария", phones=("+79160000001",))
    gone = client(desk, "b", name=NAME, emails=(MAIL,), fields={"size": "secret.example 42"})
    made(desk, other, gone)
    clock.advance(timedelta(days=1))
    merge(desk, head, other.id, gone.id, cause="x", prefer={"name": gone.id})
    [batch] = desk.store.query(Query("batches"))
    undo(desk, head, batch.id, cause="x")
    docs = state(desk.store)["clients"][other.id]

    forget(desk, person(desk, Role.ADMIN), gone.id, cause="x")

    text = everything_in(tmp_path / "kartoteka.db")
    assert [word for word in SECRETS[:3] if word in text] == []
    life = history(desk.store, "client", other.id)
    assert (life.complete, life.stored, len(life.steps)) == (True, docs, 3)


def test_a_manager_cannot_forget(desk: Desk, clock: FixedClock) -> None:
    kept = known_everywhere(desk, clock)
    before = state(desk.store)

    with pytest.raises(NotAllowed):
        forget(desk, person(desk, Role.MANAGER), kept.id, cause="x")
    assert state(desk.store) == before


def test_data_of_one_client_names_every_record(desk: Desk, clock: FixedClock) -> None:
    kept = known_everywhere(desk, clock)

    data = of_client(desk, person(desk, Role.ADMIN), "cl_other")

    assert data.client["id"] == kept.id
    assert [card["id"] for card in data.merged] == ["cl_other"]
    docs = state(desk.store)
    for kind, name in (("lead", "leads"), ("deal", "deals"), ("task", "tasks")):
        assert {doc["id"] for doc in data.records[kind]} == set(docs[name])
    assert {doc["id"] for doc in data.records["inbound"]} == set(docs["inbounds"])


def test_the_log_can_still_be_drained(desk: Desk, clock: FixedClock) -> None:
    kept = known_everywhere(desk, clock)
    forget(desk, person(desk, Role.ADMIN), kept.id, cause="x")

    seen: list[str] = []
    drain(desk, "test", lambda changes: seen.extend(c.id for c in changes), batch=100, most=1000)

    assert len(seen) == len(list(desk.store.query(Query("changes"))))
