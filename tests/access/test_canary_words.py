"""Unique words are planted in each group of fields; the table of roles says who never meets them.

The table is written from the office's rules, not from the code: a person beside whose name a word
stands may not find it in any output, by any role or reach that they have.
"""

from typing import Any

import pytest
from tests.access.office_cast import FINANCE, OPERATOR
from tests.access.outputs import OUTPUTS, Output
from tests.access.test_routing_commands import do

from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Entity, Source, Staff
from kartoteka.ports import Tx
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.record_inbound import record

OLGA, ANNA, VIKTOR = (f"{name}@office.example" for name in ("olga", "anna", "viktor"))
PRIVATE = [output for output in OUTPUTS if not output.book]
# Managers and executors without the client; Gleb is called in by one of the commands played.
STRANGERS = {"boris", "vera", "dina", "egor"}
EVERYBODY = {*STRANGERS, "olga", "viktor", "anna", "inna", "mark", "finn", "oper"}
NEVER = {
    "Канарейкина": STRANGERS | {"mark"},  # the client's name
    "79167654321": EVERYBODY - {"olga", "viktor", "anna", "oper"},  # the operator has new ones
    "canary.mail": EVERYBODY - {"olga", "viktor", "anna", "oper"},
    "канареечный разговор": EVERYBODY - {"olga", "viktor", "anna", "oper"},
    "канареечная заметка": EVERYBODY - {"olga", "viktor", "anna"},
    "7707083893": EVERYBODY - {"olga", "viktor", "inna", "finn"},  # INN
    "Канарподряд": STRANGERS | {"mark", "oper"},
    "canary_utm": STRANGERS | {"inna"},
    "canary_raw": EVERYBODY - {"olga", "viktor", "oper"},
    "канареечное поле": EVERYBODY - {"olga", "viktor"},
    "канареечное дело": EVERYBODY - {"anna"},  # a personal task
    "canary_secret": EVERYBODY,
}


@pytest.fixture
def planted(desk: Desk) -> Desk:
    return with_words(desk)


def with_words(desk: Desk) -> Desk:
    """The law office in which each word stands in its own group of fields."""
    secret = desk.settings().accounts[0].model_copy(update={"secrets": ("canary_secret",)})
    people = [Staff.model_validate(person) for person in (FINANCE, OPERATOR)]
    kept: list[Entity] = [*people, secret]

    def work(tx: Tx) -> None:
        for one in kept:
            tx.put(one.collection, one.id, one.model_dump(mode="json"))

    desk.store.run(work)
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()
    do(desk, OLGA, "field.add", id="canary", entity="deal", name="Поле", read_roles=["head"],
       edit_roles=["head"])  # fmt: skip
    stored = record(desk, form(desk), owner_id="st_anna")
    lead = {"lead": stored.lead_id, "what": "letter", "text": "канареечный разговор"}
    do(desk, ANNA, "activity.log", **lead)
    deal = do(
        desk,
        VIKTOR,
        "lead.convert",
        lead=stored.lead_id,
        deal_type="Суд",
        reason="Клиент подписал договор в офисе",
        owner="st_anna",
        company={"name": "ООО Ромашка", "inn": "7707083893"},
    )
    do(desk, VIKTOR, "deal.edit", deal=deal.id, note="канареечная заметка",
       contractor="Канарподряд", fields={"canary": "канареечное поле"})  # fmt: skip
    due = "2026-11-24T12:00:00+03:00"
    do(desk, ANNA, "task.create", title="канареечное дело", personal=True, due=due)
    return desk


def form(desk: Desk) -> Inbound:
    return Inbound(
        id=InboundId("in_1"),
        channel="form",
        account="consult",
        event_id="1",
        what=Kind.FORM,
        at=desk.now(),
        received_at=desk.now(),
        sender=Person(
            name="Канарейкина", phones=("+79167654321",), emails=("canary.mail@x.example",)
        ),
        source=Source(channel="form", name="Сайт-форма", utm={"source": "canary_utm"}),
        raw='{"token": "canary_raw"}',
    )


def told(desk: Desk, output: Output, staff: str) -> str:
    person: Any = desk.settings().person(f"st_{staff}")
    return output.read(desk, actor(person, desk.settings()))


def leaked(desk: Desk, output: Output, people: set[str]) -> set[tuple[str, str]]:
    """Return who met which word in this output although the rules say never."""
    return {
        (staff, word)
        for staff in sorted(people)
        for page in [told(desk, output, staff)]
        for word, hidden_from in NEVER.items()
        if staff in hidden_from and word in page
    }


@pytest.mark.parametrize("output", PRIVATE, ids=lambda output: output.name)
def test_planted_words_are_met_only_by_those_the_rules_name(planted: Desk, output: Output) -> None:
    assert leaked(planted, output, EVERYBODY) == set()


def test_the_words_are_there_to_be_found(planted: Desk) -> None:
    """The director finds every word but the secret and another's own task: the search works."""
    lists = next(output for output in PRIVATE if output.name == "list")
    page = told(planted, lists, "olga")
    assert {word for word in NEVER if word not in page} == {"canary_secret", "канареечное дело"}
    assert "канареечное дело" in told(planted, lists, "anna")
