"""A client with a file says so: with the first, in its transaction, by whatever service it came."""

from dataclasses import replace

from tests.access.office_cast import NOW, activity, client

from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.change import SYSTEM, Actor, Change
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Attachment, Client
from kartoteka.ports import Query
from kartoteka.services import merge, undo
from kartoteka.services.file_links import FileLinks
from kartoteka.services.record_inbound import record
from kartoteka.services.unit import LOG, transact

OLGA = Actor(kind="staff", id="st_olga", role="director")
FILE = Attachment(name="a.pdf", media_type="application/pdf", size=1, ref="fl_1")


def keep(desk, *records):
    transact(desk.store, SYSTEM, "test", desk.now(), work=lambda u: [u.save(it) for it in records])


def has_files(desk, name="cl_1"):
    return Client.model_validate(desk.store.get("clients", name)).has_files


def written(desk):
    """Kinds of the records of the newest change."""
    entries = desk.store.read_log(LOG, None, 1000)
    return [part.entity for part in Change.model_validate(entries[-1].doc).parts]


def form(name, *files):
    return Inbound(
        id=f"in_{name}", channel="form", account="consult", event_id=name, what=Kind.FORM, at=NOW,
        received_at=NOW, sender=Person(name="Ирина", phones=(f"+7916000000{name}",)),
        attachments=files,
    )  # fmt: skip


def test_form_with_a_file_makes_a_client_who_has_files_at_no_cost(desk):
    counted = CountedStore(desk.store)
    desk = replace(desk, store=counted)
    record(desk, form("0"))
    with counted.measure() as plain:
        record(desk, form("1"))
    with counted.measure() as filed:
        stored = record(desk, form("2", FILE))

    assert has_files(desk, stored.client_id)
    assert (filed.reads, filed.writes) == (plain.reads, plain.writes)


def test_addresses_of_many_rows_cost_one_read_of_the_key(desk):
    counted = CountedStore(desk.store)
    settings, links = desk.settings(), FileLinks(replace(desk, store=counted))
    links.address(OLGA, settings, client())
    again = FileLinks(replace(desk, store=counted))
    with counted.measure() as spent:
        made = {again.address(OLGA, settings, client(id=f"cl_{number}")) for number in range(50)}

    assert (len(made), spent.reads, spent.writes) == (50, 1, 0)


def test_first_file_is_noted_with_it_and_later_ones_write_nothing_more(desk):
    keep(desk, client(), activity(client_id="cl_1"))
    assert not has_files(desk)
    keep(desk, activity(client_id="cl_1", files=(FILE,)))
    assert (has_files(desk), sorted(written(desk))) == (True, ["activity", "client"])
    keep(desk, activity(id="ac_2", client_id="cl_1", files=(FILE,)))

    assert written(desk) == ["activity"]


def test_file_of_an_event_that_is_of_nobody_waits_for_its_client(desk):
    keep(desk, client(), activity(files=(FILE,)))
    assert not has_files(desk)
    keep(desk, activity(client_id="cl_1", files=(FILE,)))

    assert has_files(desk)


def test_merged_cards_have_the_files_of_both_and_taking_it_back_leaves_the_sign(desk):
    later = {"created_at": NOW.replace(hour=10), "phones": ("+79160000009",)}
    keep(desk, client(), client(id="cl_2", **later))
    keep(desk, activity(client_id="cl_2", files=(FILE,)))
    merge.merge(desk, OLGA, "cl_1", "cl_2", prefer={}, cause="test")
    assert has_files(desk)
    keep(desk, activity(id="ac_own", client_id="cl_1", files=(FILE,)))
    [batch] = desk.store.query(Query("batches"))
    undo.undo(desk, OLGA, batch.id, cause="test")

    assert (has_files(desk), has_files(desk, "cl_2")) == (True, True)
