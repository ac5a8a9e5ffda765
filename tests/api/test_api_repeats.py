"""The header Idempotency-Key: one act, one answer, whatever is repeated and whatever dies."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.access.office_cast import task
from tests.api.api_office import Answer, Api, api_of

from automation.nightly import run as nightly
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.domain.api_answer import ApiAnswer
from kartoteka.domain.errors import ProviderDown
from kartoteka.ports import Query
from kartoteka.services import repeatable
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import LOG
from kartoteka.services.wake import Waker

PHONE = {"name": "Ирина", "phone": "+7 916 555-44-33"}


def length(api: Api) -> int:
    return len(api.desk.store.read_log(LOG, None, 1000))


def answers(api: Api) -> list[Any]:
    return [hit.doc for hit in api.desk.store.query(Query(ApiAnswer.collection))]


def test_the_same_request_acts_once_and_gets_the_same_answer(api: Api) -> None:
    program = api.program("write:lead")
    first = program.command("lead.add", repeat="order-77", **PHONE)
    told = length(api)
    api.command("lead.edit", lead=first.body["result"]["id"], note="изменили")
    again = program.command("lead.add", repeat="order-77", **PHONE)

    assert first.status == 200
    assert again.body == first.body, "as it was answered, not as the record is now"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert length(api) == told + 1, "the edit alone"


def test_another_request_under_the_same_name_is_a_conflict(api: Api) -> None:
    program = api.program("write:lead")
    program.command("lead.add", repeat="order-77", **PHONE)
    told = length(api)
    other_body = program.command("lead.add", repeat="order-77", **{**PHONE, "name": "Пётр"})
    other_command = program.command("lead.edit", repeat="order-77", **PHONE)

    for refused in (other_body, other_command):
        assert (refused.status, refused.code) == (409, "api_other_body")
    assert length(api) == told


def test_names_of_requests_belong_to_their_caller(api: Api) -> None:
    for who in (api.program("write:client"), api.program("write:client"), api.person("anna")):
        made = who.command("client.comment", repeat="1", client="cl_1", text="звонил")
        assert made.status == 200
        assert "idempotency-replayed" not in made.headers


def test_a_refusal_is_not_remembered(api: Api) -> None:
    program = api.program("write:lead")
    assert program.command("lead.add", repeat="r", name="без телефона").status == 422

    assert program.command("lead.add", repeat="r", **PHONE).status == 200


@pytest.mark.parametrize("name", ["é", "a b", "x" * 201, "\x00", " "])
def test_a_name_that_cannot_be_one_is_refused(still: Api, name: str) -> None:
    refused = still.command("lead.add", repeat=name, **PHONE)

    assert (refused.status, refused.code) == (400, "api_repeat_key")


def test_what_is_kept_tells_the_office_nothing(api: Api) -> None:
    """Neither a client's data nor a secret that is told once lies in the kept answer."""
    made = api.command("apikey.make", repeat="k-1", title="Касса", scopes=["read"])
    api.command("lead.add", repeat="k-2", **PHONE)
    kept = json.dumps(answers(api), ensure_ascii=False)

    secret = made.body["result"]["key"].partition(".")[2]
    assert len(answers(api)) == 2
    assert not [word for word in (secret, "Ирина", "9165554433", "k-1") if word in kept]
    again = api.command("apikey.make", repeat="k-1", title="Касса", scopes=["read"])
    assert again.body == made.body


def test_a_command_that_only_looks_keeps_nothing(api: Api) -> None:
    first = api.command("apikey.list", repeat="look")
    api.program("read")

    assert answers(api) == []
    assert api.command("apikey.list", repeat="look").body != first.body


def test_answers_older_than_a_day_are_thrown_away_at_night(api: Api) -> None:
    api.command("lead.add", repeat="old", **PHONE)
    api.clock.advance(timedelta(hours=20))
    api.command("client.comment", repeat="young", client="cl_1", text="x")
    api.clock.advance(timedelta(hours=5))
    nightly(api.desk)

    assert [it["at"] for it in answers(api)] == ["2026-11-24T02:00:00.000000Z"]


class Dying(repeatable.Through):
    """A store that dies behind its nth commit."""

    def __init__(self, store: Any, last: int) -> None:
        super().__init__(store)
        self.left = last

    def run(self, work: Callable[..., Any]) -> Any:
        result = super().run(work)
        self.left -= 1
        if self.left == 0:
            raise ProviderDown("gone")
        return result


def with_store(api: Api, store: Any) -> Api:
    desk = api.desk
    return api_of(
        Desk(store, desk.tasks, desk.clock, desk.settings, desk.waker), api_calls_per_minute=0
    ).of(api.token)


def test_an_act_whose_answer_was_lost_is_not_done_twice(api: Api) -> None:
    given = {"client": "cl_1", "text": "звонил"}
    lost = with_store(api, Dying(api.desk.store, 1)).command("client.comment", repeat="r", **given)
    told = length(api)
    again = api.command("client.comment", repeat="r", **given)

    assert lost.status == 503
    assert again.status == 200
    assert again.body["change"] == api.desk.store.read_log(LOG, None, 1000)[-1].id
    assert again.body["result"]["text"] == "звонил"
    assert length(api) == told


def test_a_deletion_that_died_on_its_way_goes_on_when_asked_again(api: Api) -> None:
    hanging = [task(id=f"ts_x{number}", client_id="cl_2") for number in range(260)]
    api.desk.store.run(
        lambda tx: [tx.put(it.collection, it.id, it.model_dump(mode="json")) for it in hanging]
    )
    given = {"client": "cl_2", "reason": "ошибка"}
    api.command("deal.delete", deal="dl_2", reason="ошибка")
    dying = with_store(api, Dying(api.desk.store, 1))
    lost = dying.command("client.delete", repeat="r", **given)
    again = api.command("client.delete", repeat="r", **given)

    assert lost.status == 503
    assert (again.status, again.body["result"]["state"]) == (200, "done")
    assert list(api.desk.store.query(Query("tasks"))) != []
    assert "cl_2" not in str([hit.doc for hit in api.desk.store.query(Query("tasks"))])
    assert api.command("client.delete", repeat="r", **given).body == again.body


def test_two_requests_at_once_act_once(api: Api) -> None:
    gate, found = threading.Barrier(4), []

    def ask() -> None:
        gate.wait(10)
        found.append(api.command("client.comment", repeat="r", client="cl_1", text="звонил"))

    told = length(api)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert same(found)
    assert length(api) == told + 1


def same(found: list[Answer]) -> bool:
    return len(found) == 4 and all(it.body == found[0].body for it in found)


@pytest.mark.emulator
def test_on_firestore_a_request_acts_once_too(
    open_firestore: Callable[..., FirestoreStore], api: Api
) -> None:
    store = open_firestore()
    set_up(store, api.clock, read_preset("law_firm"))
    desk = api.desk
    waker = Waker(desk.tasks, desk.clock)
    cloud = api_of(Desk(store, desk.tasks, desk.clock, SettingsCache(store, 60), waker))
    first = cloud.command("lead.add", repeat="r", **PHONE)
    again = cloud.command("lead.add", repeat="r", **PHONE)

    assert first.status == 200
    assert again.body == first.body
    assert len(cloud.get("leads").body["records"]) == 1
    made = cloud.command("lead.add", phone="+79165554400")
    page = cloud.get("leads?limit=1&sort=created_at").body
    rest = cloud.get(f"leads?limit=5&sort=created_at&after={page['next']}").body
    ids = [record["id"] for record in (*page["records"], *rest["records"])]
    assert sorted(ids) == sorted([first.body["result"]["id"], made.body["result"]["id"]])
