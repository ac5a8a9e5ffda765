"""Lists and cards as one person sees them, from the store and from the command line."""

import json
from datetime import timedelta

import pytest
from tests.access.office_cast import NOW, activity, client, deal, in_work, lead, task, who

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Client, Lead
from kartoteka.ports import Order, Query
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.read import Look
from kartoteka.services.registry import COMMANDS
from onebox.cli import run
from onebox.office import open_app


def put(store, *records):
    store.run(
        lambda tx: [tx.put(it.collection, it.id, it.model_dump(mode="json")) for it in records]
    )


def look(desk, staff_id):
    return Look(desk.store, desk.settings(), who(staff_id), NOW)


def ids(desk, staff_id, collection, order=()):
    return [row["id"] for row in look(desk, staff_id).rows(Query(collection, order=order))]


def test_each_sees_the_rows_within_reach(desk):
    put(desk.store, lead(), lead(id="ld_2", owner_id="st_boris"), lead(id="ld_3", owner_id=None))
    newest = (Order("created_at"),)

    assert ids(desk, "st_anna", "leads", newest) == ["ld_1", "ld_3"]
    assert ids(desk, "st_viktor", "leads", newest) == ["ld_1", "ld_2", "ld_3"]
    assert ids(desk, "st_dina", "leads", newest) == []


def test_history_is_read_by_way_of_the_request_it_belongs_to(desk):
    put(desk.store, lead(), activity(lead_id="ld_1"), activity(id="ac_2", lead_id="ld_9"))

    assert ids(desk, "st_anna", "activities") == ["ac_1"]
    assert ids(desk, "st_boris", "activities") == []


def test_executor_reaches_the_client_of_the_work_he_does(desk):
    work = in_work(contact_needed=True)
    put(desk.store, work, client(open_deal_ids=("dl_1",)), client(id="cl_2"))

    shown = look(desk, "st_dina").one(Client, "cl_1")

    assert shown["phones"] == ["+79161234567"]
    assert ids(desk, "st_dina", "clients") == ["cl_1"]


def test_record_out_of_reach_is_as_if_it_were_not_there(desk):
    put(desk.store, lead())

    for record_id in ("ld_1", "ld_none"):
        with pytest.raises(NotFound) as refused:
            look(desk, "st_boris").one(Lead, record_id)
        assert refused.value.code == "record_unknown"


def test_machine_reads_the_rows_as_they_are_stored(desk):
    put(desk.store, deal(), task())
    whole = Look(desk.store, desk.settings(), SYSTEM, NOW)

    assert list(whole.rows(Query("deals"))) == [deal().model_dump(mode="json")]


def test_log_leaves_out_what_belongs_to_others(desk):
    put(desk.store, client(), lead(), client(id="cl_2", owner_id="st_boris"),
        lead(id="ld_2", client_id="cl_2", owner_id="st_boris"))  # fmt: skip
    olga = actor_by_email(desk.settings(), "olga@office.example")
    for number in ("1", "2"):
        execute(COMMANDS, desk, olga, "lead.note", given={"lead": f"ld_{number}", "note": "x"},
                cause="command:lead.note")  # fmt: skip

    told = [part["id"] for change in look(desk, "st_anna").log() for part in change["parts"]]

    assert "ld_1" in told
    assert "ld_2" not in told


def test_a_page_of_many_rows_costs_a_few_reads(desk):
    """What leads to the rows is read once a page, not once a row."""
    put(desk.store, lead(), *(activity(id=f"ac_{n:03}", lead_id="ld_1") for n in range(150)))
    counted = Counting(desk.store)

    rows = Look(counted, desk.settings(), who("st_anna"), NOW).rows(Query("activities"))

    assert len(list(rows)) == 150
    assert counted.asked == 1


class Counting:
    """Counts how often the store is asked for records by id."""

    def __init__(self, store):
        self.asked = 0
        self._store = store

    def get_many(self, collection, record_ids):
        self.asked += 1
        return self._store.get_many(collection, record_ids)

    def __getattr__(self, name):
        return getattr(self._store, name)


@pytest.fixture
def data(tmp_path):
    """The folder of an office with a lead each of Anna's and Boris's."""
    folder = tmp_path / "office"
    assert run(["init", "--data", str(folder)]) == 0
    store = open_app(folder).store
    put(store, client(), lead(note="просит скидку"), deal())
    put(store, client(id="cl_2", owner_id="st_boris"),
        lead(id="ld_2", client_id="cl_2", owner_id="st_boris"))  # fmt: skip
    return folder


def printed(capfd, *arguments):
    capfd.readouterr()
    code = run([str(item) for item in arguments])
    told = capfd.readouterr()
    return code, told.out, told.err


def test_command_line_shows_what_that_person_sees(data, capfd):
    about = ("--data", data, "--json", "--as", "anna@office.example")

    _, leads, _ = printed(capfd, "list", "leads", *about)
    _, deals, _ = printed(capfd, "list", "deals", *about)
    code, _, told = printed(capfd, "show", "lead", "ld_2", *about)

    assert [row["id"] for row in json.loads(leads)] == ["ld_1"]
    assert json.loads(leads)[0]["stage_name"] == "Новая заявка"
    assert "amount_minor" not in json.loads(deals)[0]
    assert (code, "Такой записи нет" in told) == (2, True)


def test_command_line_without_a_name_is_the_operators(data, capfd):
    _, leads, _ = printed(capfd, "list", "leads", "--data", data, "--json")

    assert [row["id"] for row in json.loads(leads)] == ["ld_1", "ld_2"]


def test_answer_of_a_command_hides_what_the_person_may_not_see(data, capfd):
    given = json.dumps({"deal": "dl_1", "tags": ["срочно"]})

    code, told, _ = printed(
        capfd, "do", "deal.edit", "--as", "anna@office.example", "--json", given, "--data", data
    )

    assert code == 0
    assert json.loads(told)["tags"] == ["срочно"]
    assert "amount_minor" not in told
    assert "45 000" not in told


def test_stranger_is_refused(data, capfd):
    code, _, told = printed(capfd, "list", "leads", "--as", "x@y.example", "--data", data)

    assert (code, "нет среди сотрудников" in told) == (2, True)


def test_new_owner_edits_in_the_same_write_and_the_former_reads_a_week(desk):
    put(desk.store, client(), lead())
    settings = desk.settings()
    viktor, boris = (actor_by_email(settings, f"{it}@office.example") for it in ("viktor", "boris"))
    cause = "command:lead.assign"
    given = {"lead": "ld_1", "owner": "st_boris"}
    execute(COMMANDS, desk, viktor, "lead.assign", given=given, cause=cause)

    edited = execute(COMMANDS, desk, boris, "lead.edit", given={"lead": "ld_1", "priority": 2},
                     cause="command:lead.edit")  # fmt: skip

    assert edited.priority == 2
    now = desk.now()
    for days, reads in ((0, True), (6, True), (8, False)):
        seen = Look(desk.store, settings, who("st_anna"), now + timedelta(days=days))
        assert bool(list(seen.rows(Query("leads")))) is reads
