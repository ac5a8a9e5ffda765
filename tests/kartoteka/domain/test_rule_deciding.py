"""Which rules a change wakes, by the change alone."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.change import SYSTEM, Change, Part
from kartoteka.domain.rules.deciding import table_of, timed, woken
from kartoteka.domain.rules.model import (
    Crossed,
    DateField,
    Happened,
    Rule,
    RuleRow,
    Segment,
    Since,
    Trigger,
    Visited,
)
from kartoteka.domain.rules.spans import Span

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def rule(trigger: Trigger, name: str = "r") -> Rule:
    row = RuleRow(id=name, name=name, when="-", then="-")
    return Rule(row=row, trigger=trigger, condition=None, delay=None, actions=())


def change(*parts: Part, cause: str = "command:x") -> Change:
    return Change(id="ch_1", at=NOW, actor=SYSTEM, cause=cause, subject="cl_1", parts=parts)


def part(entity: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Part:
    return Part(entity=entity, id=f"{entity}_1", before=before, after=after)


def wakes(trigger: Trigger, *parts: Part, cause: str = "command:x") -> list[tuple[str, str]]:
    found = woken(change(*parts, cause=cause), table_of([rule(trigger)]))
    return [(it.about, it.record_id) for it in found]


@pytest.mark.parametrize(
    ("trigger", "before", "after"),
    [
        (Happened("deal", "created"), None, {"stage": "kp"}),
        (Happened("deal", "stage"), {"stage": "kp"}, {"stage": "wait"}),
        (Happened("deal", "stage", "wait"), {"stage": "kp"}, {"stage": "wait"}),
        (Happened("deal", "left", "kp"), {"stage": "kp"}, {"stage": "wait"}),
        (Happened("deal", "pipeline", "b"), {"pipeline": "a"}, {"pipeline": "b"}),
        (Happened("deal", "won"), {"state": "ongoing"}, {"state": "won"}),
        (Happened("deal", "owner"), {"owner_id": None}, {"owner_id": "st_anna"}),
        (Happened("deal", "tag", "ВИП"), {"tags": []}, {"tags": ["вип"]}),
        (Happened("deal", "product", "суд"), {"lines": []}, {"lines": [{"category": "Суд"}]}),
        (Happened("deal", "payment"), {"paid_minor": 0}, {"paid_minor": 5}),
        (Happened("deal", "invoice"), {"evidence": {}}, {"evidence": {"invoice": "drive:1"}}),
        (Happened("deal", "changed", "deal.note"), {"note": "a"}, {"note": "b"}),
        (Happened("deal", "filled", "deal.note"), {"note": ""}, {"note": "b"}),
        (Happened("deal", "changed", "deal.fields.city"), {"fields": {}},
         {"fields": {"city": "Омск"}}),
    ],
)  # fmt: skip
def test_what_happened_to_a_deal_wakes_its_rule(
    trigger: Trigger, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    assert wakes(trigger, part("deal", before, after)) == [("deal", "deal_1")]
    assert wakes(trigger, part("lead", before, after)) == []
    assert wakes(trigger, part("deal", before, after), cause="undo:b_1") == []


@pytest.mark.parametrize(
    ("event", "activity"),
    [
        ("call_missed", {"call": {"status": "missed"}}),
        ("call_in", {"call": {"status": "missed"}}),
        ("call_answered", {"call": {"status": "answered", "answered_at": "2026"}}),
        ("message_in", {"what": "message"}),
        ("chat_in", {"what": "message"}),
        ("message_in", {"what": "mail"}),
        ("mail_in", {"what": "mail"}),
        ("mail_out", {"what": "mail", "direction": "out"}),
        ("callback", {"what": "callback"}),
    ],
)
def test_a_touch_wakes_a_rule_about_the_record_it_belongs_to(
    event: str, activity: dict[str, Any]
) -> None:
    told = {"what": "call", "direction": "in", "client_id": "cl_1", "lead_id": "ld_1"} | activity

    assert wakes(Happened("activity", event), part("activity", None, told)) == [("lead", "ld_1")]
    with_deal = told | {"deal_id": "dl_1"}
    assert wakes(Happened("activity", event), part("activity", None, with_deal)) == [
        ("deal", "dl_1")
    ]


def test_a_form_is_known_by_the_request_that_it_brought() -> None:
    lead = part("lead", None, {"last_touch": {"form": "consult"}})
    touch = part("activity", None, {"what": "form", "direction": "in", "lead_id": "lead_1"})

    assert wakes(Happened("activity", "form", "consult"), lead, touch) == [("lead", "lead_1")]
    assert wakes(Happened("activity", "form", "other"), lead, touch) == []


def test_pages_wake_a_rule_when_they_are_new_in_a_visit() -> None:
    first = {"what": "page_view", "client_id": "cl_1", "text": "2\nЦены https://x.ru/price"}
    more = {"text": "3\nЦены https://x.ru/price\nhttps://x.ru/blog/1", "at": "2026"}

    assert wakes(Visited("/price"), part("activity", None, first)) == [("client", "cl_1")]
    seen = part("activity", {"text": first["text"]}, {**more, "client_id": "cl_1"})
    assert wakes(Visited("/price"), seen) == []
    assert wakes(Visited("/blog*"), seen) == [("client", "cl_1")]


def test_coming_into_a_segment_and_leaving_it_wake_their_rules() -> None:
    member = {"segment_id": "best", "client_id": "cl_1"}
    came, left = part("segment_member", None, member), part("segment_member", member, None)

    assert wakes(Segment("best"), came) == [("client", "cl_1")]
    assert wakes(Segment("best"), left) == []
    assert wakes(Segment("best", entered=False), left) == [("client", "cl_1")]
    assert wakes(Segment("other"), came) == []


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_a_threshold_is_crossed_as_often_as_the_amount_rises_through_it(amounts: list[int]) -> None:
    table = table_of([rule(Crossed("deal", "deal.amount_minor", 10))])
    fired, was = 0, 0
    for amount in amounts:
        parts = part("deal", {"amount_minor": was}, {"amount_minor": amount})
        fired += len(list(woken(change(parts), table)))
        was = amount

    path = [0, *amounts]
    assert fired == sum(a < 10 <= b for a, b in pairwise(path))


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        (DateField("deal", "deal.invoice_due", Span(days=3), before=True), {"invoice_due": "x"}),
        (Since("deal", "stage", Span(days=1)), {"stage_version": 2}),
        (Since("deal", "idle", Span(days=1)), {"created_at": "x"}),
        (Since("deal", "won", Span(days=1)), {"state": "won"}),
    ],
)
def test_a_field_that_moves_a_moment_is_looked_at(trigger: Trigger, told: dict[str, Any]) -> None:
    table = table_of([rule(trigger)])

    assert [it.record_id for it in timed(change(part("deal", {}, told)), table)] == ["deal_1"]
    assert list(timed(change(part("deal", {}, {"note": "x"})), table)) == []


def test_a_touch_moves_silences_of_records_still_to_be_found() -> None:
    table = table_of([rule(Since("deal", "silent", Span(work_days=3)))])
    touch = part("activity", None, {"what": "mail", "direction": "out", "client_id": "cl_1"})

    assert [(it.about, it.record_id) for it in timed(change(touch), table)] == [("deal", "")]
