"""Segments as people use them: listed, shown by right, changed, counted, filled by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.kartoteka.segments.segment_office import CLUB, Clients

from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Client
from kartoteka.ports import Query
from kartoteka.services import segments
from kartoteka.services.commands import execute
from kartoteka.services.consents import agree
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.segment_language import (
    names_of,
    segment_of,
)
from kartoteka.services.segments import SEGMENTS

OLGA, ANNA, BORIS, MARK = (f"{it}@office.example" for it in ("olga", "anna", "boris", "mark"))


def do(there: Clients, who: str, command: str, /, **given):
    actor = actor_by_email(there.desk.settings(), who)
    return execute(COMMANDS, there.desk, actor, command, given=given, cause="test")


def shown(clients: Clients, who: str, segment: str) -> set[str]:
    return {it["id"] for it in do(clients, who, "segment.show", segment=segment).clients}


def test_segment_shows_each_person_only_the_clients_they_read(clients):
    first, second = clients.client(1), clients.client(2)
    clients.save(first, owner_id="st_anna")
    clients.save(second, owner_id="st_boris")
    clients.rest()

    assert shown(clients, OLGA, "Новые за 30 дней") == {first.id, second.id}
    assert shown(clients, ANNA, "new_30") == {first.id}
    assert shown(clients, BORIS, "New in 30 days") == {second.id}


def test_segment_that_asks_for_money_is_not_there_for_who_sees_none(clients):
    clients.rest()

    names = {
        who: {it.id for it in do(clients, who, "segment.list").segments} for who in (OLGA, ANNA)
    }
    assert names[OLGA] - names[ANNA] == {"rfm_best", "rfm_loyal", "rfm_first", "rfm_leaving",
                                         "rfm_lost", "rfm_large", "cooling"}  # fmt: skip
    with pytest.raises(NotAllowed) as refused:
        do(clients, ANNA, "segment.show", segment="Лучшие")
    assert refused.value.code == "segment_closed"
    with pytest.raises(NotAllowed):
        do(clients, ANNA, "segment.recount", segment="Лучшие")


def test_size_of_the_whole_office_is_told_only_to_who_sees_its_settings(clients):
    clients.client(1)
    clients.rest()

    sizes = [
        next(it.size for it in do(clients, who, "segment.list").segments if it.id == "new_30")
        for who in (OLGA, ANNA)
    ]
    assert sizes == [1, None]


def test_pages_of_a_segment_follow_each_other_without_a_gap(clients):
    made = {clients.client(which).id for which in range(7)}
    clients.rest()

    first = do(clients, OLGA, "segment.show", segment="new_30", limit=4)
    second = do(clients, OLGA, "segment.show", segment="new_30", limit=4, after=first.after)

    assert [len(first.clients), len(second.clients), second.after] == [4, 3, ""]
    assert {it["id"] for it in (*first.clients, *second.clients)} == made


def test_new_question_is_counted_without_a_word_and_then_tells(clients):
    for which in range(3):
        clients.client(which)
    clients.rest()
    before = len(clients.told())
    saved = do(clients, OLGA, "segment.set", name="С телефоном", condition="телефон заполнено")

    seen = do(clients, OLGA, "segment.recount", segment="с телефоном")
    assert (seen.size, seen.counting, len(clients.told())) == (2, False, before)
    added = clients.client(4)
    clients.rest()
    assert (saved.id, added.id, True) in clients.told()


def test_question_changed_moves_its_clients_without_a_word(clients):
    clients.client(1)
    saved = do(clients, OLGA, "segment.set", name="Мои", condition="телефон заполнено")
    clients.rest()
    told = clients.told()
    do(clients, OLGA, "segment.set", segment=saved.id, condition="телефон пусто")

    clients.rest()

    assert (clients.members().get(saved.id), clients.told()) == (None, told)


def test_segment_taken_away_or_switched_off_leaves_no_membership(clients):
    clients.client(1)
    saved = do(clients, OLGA, "segment.set", name="Мои", condition="телефон заполнено")
    clients.rest()
    do(clients, OLGA, "segment.set", segment="new_30", on=False)
    do(clients, OLGA, "segment.remove", segment="Мои")
    clients.rest()

    assert not {"new_30", saved.id} & clients.members().keys()
    assert saved.id not in dict(names_of(clients.office))
    do(clients, OLGA, "segment.remove", segment="new_30")
    clients.rest()
    assert len(clients.members()["new_30"]) == 1


def test_ready_segment_can_be_renamed_but_asks_the_same(clients):
    do(clients, OLGA, "segment.set", segment="Спящие 90 дней", name="Молчат квартал")

    assert segment_of(clients.office, "молчат КВАРТАЛ").id == "sleeping_90"
    with pytest.raises(Invalid) as refused:
        do(clients, OLGA, "segment.set", segment="sleeping_90", condition="теги пусто")
    assert refused.value.code == "segment_ready_fixed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "А", "condition": "сумма покупак > 5"}, "rule_field"),
        ({"name": "А", "condition": "сумма покупок > вчера"}, "rule_type_money"),
        ({"name": "А", "condition": "сумма сделки > 5"}, "rule_field"),
        ({"name": "А", "condition": "("}, "rule_ends"),
        ({"name": "А"}, "segment_no_condition"),
        ({"name": "А", "kind": "static", "condition": "теги пусто"}, "segment_needs_none"),
        ({"name": "клуб", "kind": "static"}, "settings_taken"),
        ({"segment": "Никакой", "on": False}, "segment_unknown"),
    ],
)
def test_question_that_cannot_be_asked_is_refused_with_the_reason(clients, given, code):
    with pytest.raises(Invalid) as refused:
        do(clients, OLGA, "segment.set", **given)

    assert refused.value.code.removesuffix("_bare") == code


@pytest.mark.parametrize("command", ["set", "remove", "scores"])
def test_only_who_sets_the_office_up_changes_segments(clients, command):
    given = {"set": {"name": "А", "kind": "static"}, "remove": {"segment": "Клуб"}, "scores": {}}

    with pytest.raises(NotAllowed):
        do(clients, ANNA, f"segment.{command}", **given[command])


def test_scores_must_grow(clients):
    with pytest.raises(Invalid) as refused:
        do(clients, OLGA, "segment.scores", wins=[2, 3, 3, 9])

    assert refused.value.fields == {"wins": "segment_limits"}


def test_own_field_that_was_dropped_leaves_its_segment_as_it_was(clients):
    spec = FieldSpec(id="city", entity="client", name="Город")
    clients.settle(fields=(spec,))
    saved = do(clients, OLGA, "segment.set", name="Москва", condition="Город = Москва")
    made = clients.client(1)
    clients.save(made, fields={"city": "Москва"})
    clients.rest()
    clients.settle(fields=())
    clients.rest()
    clients.save(clients.find(Client, made.id), fields={"city": "Тверь"})
    clients.rest()
    assert clients.members()[saved.id] == {made.id}
    listed = do(clients, OLGA, "segment.list").segments
    assert [it.id for it in listed if it.unclear] == [saved.id]

    clients.settle(fields=(spec,))
    clients.rest()

    assert saved.id not in clients.members()


def test_person_puts_only_their_own_clients_into_a_list(clients):
    mine, foreign = clients.client(1), clients.client(2)
    clients.save(mine, owner_id="st_anna")
    clients.save(foreign, owner_id="st_gleb")

    assert do(clients, ANNA, "segment.add", segment="Клуб", clients=[mine.id]).moved == 1
    assert do(clients, ANNA, "segment.add", segment="Клуб", clients=[mine.id]).moved == 0
    with pytest.raises(NotAllowed):
        do(clients, ANNA, "segment.add", segment="Клуб", clients=[foreign.id])
    assert clients.members() == {CLUB.id: {mine.id}}
    assert clients.told() == [(CLUB.id, mine.id, True)]
    assert do(clients, ANNA, "segment.drop", segment="Клуб", clients=[mine.id]).moved == 1
    clients.rest()
    assert CLUB.id not in clients.members()


def test_nobody_is_put_into_a_segment_that_asks(clients):
    made = clients.client(1)

    with pytest.raises(Invalid) as refused:
        do(clients, OLGA, "segment.add", segment="new_30", clients=[made.id])
    assert refused.value.code == "segment_not_static"


def test_all_clients_of_an_import_go_into_a_list_at_once(clients):
    for which in range(3):
        made = clients.client(which)
        told = {"tags": ("ввоз",)}
        clients.act(
            lambda unit, it=made, to=told: unit.save(
                unit.need(Client, it.id).model_copy(update=to)
            ),
            "batch:bt_1",
        )

    assert do(clients, OLGA, "segment.add", segment="Клуб", batch="bt_1").moved == 3


def test_static_members_follow_a_merge_to_the_one_who_stays(clients):
    stays, goes = clients.client(1), clients.client(2)
    do(clients, OLGA, "segment.add", segment="Клуб", clients=[goes.id])
    clients.save(goes, merged_into=stays.id)
    clients.rest()

    assert clients.members()[CLUB.id] == {stays.id}
    assert clients.sizes()[CLUB.id] == 1


def test_entry_names_the_change_that_led_to_it(clients):
    clients.rest()
    made = clients.client(1)
    clients.rest()

    log = [entry.doc for entry in clients.sqlite.read_log("changes", None, 1_000)]
    cause = next(it for it in log if it["parts"][0]["id"] == made.id)
    entries = [it for it in log if it["parts"][0]["entity"] == "segment_member"]
    assert {it["cause"] for it in entries} == {f"change:{cause['id']}"}
    assert {it["subject"] for it in entries} == {made.id}


def test_one_change_costs_few_reads_and_writes_whatever_the_base(clients):
    for which in range(40):
        clients.client(which)
    clients.rest()
    clients.wait(1)
    clients.touch(3)
    counted = Counting(clients.sqlite)
    desk = replace(clients.desk, store=counted)

    segments.drain(desk)

    assert counted.reads <= 24  # sixteen of them once a drain, however much changed
    assert sorted(set(counted.written)) == ["checkpoints", "segment_turns"]


class Counting:
    """A store that counts what it is asked for and names where it is written."""

    def __init__(self, store) -> None:
        self._store, self.reads, self.written = store, 0, []

    def run(self, work):
        return self._store.run(lambda tx: work(CountingTx(tx, self)))

    def __getattr__(self, name):
        self.reads += name in {"get", "get_many", "query", "read_log", "log_head"}
        return getattr(self._store, name)


class CountingTx:
    def __init__(self, tx, counting: Counting) -> None:
        self._tx, self._counting = tx, counting

    def __getattr__(self, name):
        if name in {"put", "create", "delete", "append"}:

            def write(collection, *rest):
                self._counting.written.append(collection)
                return getattr(self._tx, name)(collection, *rest)

            return write
        self._counting.reads += 1
        return getattr(self._tx, name)


def test_quiet_office_is_looked_at_when_the_night_asks(clients):
    made = clients.client(1)
    clients.rest()
    clients.clock.advance(timedelta(days=91))

    execute(COMMANDS, clients.desk, actor_by_email(clients.desk.settings(), OLGA),
            "segment.recount", given={"segment": "sleeping_90"}, cause="test")  # fmt: skip

    assert clients.members()["sleeping_90"] == {made.id}
    assert SEGMENTS.prompt is False


def test_whole_recount_repairs_what_somebody_broke(clients):
    made = clients.client(1)
    clients.rest()
    known = {hit.id: hit.doc for hit in clients.sqlite.query(Query("segment_members"))}
    clients.sqlite.run(lambda tx: tx.delete("segment_members", f"new_30:{made.id}"))
    stray = {**known[f"new_30:{made.id}"], "id": "new_30:cl_gone", "client_id": "cl_gone"}
    clients.sqlite.run(lambda tx: tx.put("segment_members", stray["id"], stray))

    do(clients, OLGA, "segment.recount", segment="new_30", whole=True)

    assert {hit.id: hit.doc for hit in clients.sqlite.query(Query("segment_members"))} == known


def test_consent_given_in_a_form_moves_whoever_uses_the_address(clients):
    first, second = clients.client(1), clients.client(3)
    both = {"client_id": first.id, "people": [first.id, second.id]}
    clients.save(second, phones=first.phones)
    clients.sqlite.run(lambda tx: tx.put("keys", f"phone:{first.phones[0]}", both))
    clients.rest()
    assert clients.members()["no_consent"] == {first.id, second.id}
    form = Inbound(
        id="in_1", channel="form", account="consult", event_id="1", what=Kind.FORM,
        at=clients.clock.now(), received_at=clients.clock.now(), client_id=first.id,
    )  # fmt: skip
    clients.sqlite.run(lambda tx: tx.put("inbounds", form.id, form.model_dump(mode="json")))

    def collected(unit):
        unit.subject = "mailing_consents"
        agree(unit, ("sms", first.phones[0]), "form:in_1", clients.clock.now())

    clients.act(collected)
    clients.rest()

    assert "no_consent" not in clients.members()
