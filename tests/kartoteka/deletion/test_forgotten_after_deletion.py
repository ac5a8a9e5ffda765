"""A person who was deleted may still ask to be forgotten: then the log forgets them too."""

from pathlib import Path

from tests.conftest import STORE
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import MINUTE, OLGA, VIKTOR, Play
from tests.kartoteka.deletion.deletion_desk import WHY, Office, refused
from tests.kartoteka.services.merging_office import client, everything_in, made

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services.merge import merge
from kartoteka.services.proposals import Wish, propose

PERSONAL = ("Ирина", "Октябрина", "79161234567", "o@x.example", "Шкафчик", WHY)


def person(office: Office, clock: FixedClock) -> str:
    """A client with a request, a deal, a comment and a task."""
    deal = Play(office.desk).new_deal(clock)
    office.do(OLGA, "client.edit", client=deal.client_id, name="Октябрина", company="Шкафчик")
    office.do(OLGA, "client.add_contact", client=deal.client_id, contact="o@x.example")
    office.do(OLGA, "deal.comment", deal=deal.id, text="Октябрина просила скидку")
    office.do(OLGA, "task.create", title="Звонок: Октябрина", deal=deal.id, due="2026-11-24")
    wish = Wish(client=str(deal.client_id), field="name", value="Октябрина")
    propose(office.desk, OLGA, wish, cause="test")
    clock.advance(MINUTE)
    return str(deal.client_id)


def left_in(office: Office, tmp_path: Path) -> list[str]:
    store = office.desk.store
    assert isinstance(store, SqliteStore)
    store.close()
    whole = everything_in(tmp_path / STORE)
    return [word for word in PERSONAL if word in whole]


def test_nothing_personal_is_left_of_a_deleted_client(
    office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    gone = person(office, clock)
    batch = office.delete("client", gone)
    with refused("not_yours"):
        office.do(VIKTOR, "client.forget", client=gone)

    bare = office.do(OLGA, "client.forget", client=gone)

    assert (bare.id, bare.forgotten, bare.phones, bare.emails) == (gone, True, (), ())
    with refused("undo_forgotten"):
        office.undo(batch)
    assert office.do(OLGA, "client.forget", client=gone).id == gone
    assert left_in(office, tmp_path) == []


def test_what_was_deleted_of_a_client_is_forgotten_with_them(
    office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    known = person(office, clock)
    [deal] = office.state()["deals"]
    batch = office.delete("deal", deal)

    office.do(OLGA, "client.forget", client=known)
    office.undo(batch)

    assert office.deal(deal).name == "Забытый клиент"
    assert left_in(office, tmp_path) == []


def test_a_merged_card_is_forgotten_with_the_deleted_one(
    office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    desk = office.desk
    older = client(desk, "a", name="Октябрина", phones=("+79161234567",))
    newer = client(desk, "b", name="Октябрина", emails=("o@x.example",))
    made(desk, older, newer)
    merge(desk, OLGA, older.id, newer.id, cause="x")
    office.delete("client", older.id)

    office.do(OLGA, "client.forget", client=older.id)

    assert left_in(office, tmp_path) == []


def test_a_client_who_never_was_cannot_be_forgotten(office: Office) -> None:
    with refused("record_unknown"):
        office.do(OLGA, "client.forget", client="cl_none")
