"""What nobody may see is not seen on Firestore either: a sample of the canaries and the laws."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.access.office_cast import EVERYBODY, NOW
from tests.access.outputs import EVERYBODYS, OUTPUTS
from tests.access.test_access_costs import office_in
from tests.access.test_access_laws import deals, paths, records
from tests.access.test_canary import OLGA, actors, allowed, found, with_money
from tests.access.test_canary_words import PRIVATE, leaked, with_words

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.access import Level, Operation, Sight, can, level_of
from kartoteka.domain.errors import KartotekaError
from kartoteka.services.people import actor
from kartoteka.services.read import Look

pytestmark = pytest.mark.emulator
NARROW = {"boris", "dina", "mark", "oper"}
SAMPLE = {"list", "show", "export", "books", "told"}
KINDS = {"deal", "lead", "client", "task"}  # what is seen by itself, not beside another record


@pytest.fixture
def desk(open_firestore):
    return office_in(open_firestore())


def test_planted_words_on_firestore_are_met_by_those_the_rules_name(desk):
    with_words(desk)

    met = {it.name: leaked(desk, it, NARROW) for it in PRIVATE if it.name in SAMPLE}
    assert met == {name: set() for name in SAMPLE}


def test_planted_money_on_firestore_is_found_by_those_who_may_see_it(desk):
    with_money(desk)
    people = [it for it in actors(desk) if it.id.removeprefix("st_") in NARROW]
    readings = [(it, who) for it in OUTPUTS if it.name in SAMPLE for who in people]
    readings += [(it, EVERYBODYS) for it in OUTPUTS if it.book]

    leaks = {
        (output.name, who.id): more
        for output, who in readings
        if (more := found(output.read(desk, who)) - allowed(desk, who))
    }

    assert leaks == {}
    assert found(OUTPUTS[0].read(desk, OLGA)) == {"amount", "cost"}, "they are there to be found"


def test_what_is_read_from_either_store_is_the_same_and_what_the_matrix_opens(desk, tmp_path):
    beside = office_in(SqliteStore(tmp_path / "beside.db"))

    @settings(max_examples=25, deadline=None)
    @given(st.one_of(records(), deals()).filter(lambda it: it.kind in KINDS))
    def law(record):
        for store in (desk.store, beside.store):
            store.run(
                lambda tx: tx.put(record.collection, record.id, record.model_dump(mode="json"))
            )
        for staff in EVERYBODY:
            here, there = (seen(it, staff, record) for it in (desk, beside))
            assert here == there
            check(desk, staff, record, here)

    law()
    beside.store.close()


def seen(desk, staff, record):
    """What this person reads of the record; None when they may not read it at all."""
    person = desk.settings().person(staff)
    if person is None:
        return None
    look = Look(desk.store, desk.settings(), actor(person, desk.settings()), NOW)
    try:
        return look.one(type(record), record.id)
    except KartotekaError:
        return None


def check(desk, staff, record, told):
    person = desk.settings().person(staff)
    if told is None:
        return
    sight = Sight(actor(person, desk.settings()), desk.settings(), NOW)
    assert can(sight.actor, Operation.READ, record, within=desk.settings(), now=NOW)
    closed = {
        path
        for path, value in paths(told)
        if path != "id" and not isinstance(value, bool)
        if level_of(sight, record, path) < Level.READ
    }  # fmt: skip
    assert closed == set()
