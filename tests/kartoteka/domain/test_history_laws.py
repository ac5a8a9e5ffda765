"""Laws of the time machine: replay is the record, whatever the clocks said."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kartoteka.domain.change import SYSTEM, Change, Part
from kartoteka.domain.history import (
    Stand,
    Step,
    before,
    in_order,
    replay,
    stand,
    undone,
    whole,
)

START = datetime(2026, 11, 23, 6, tzinfo=UTC)
values = st.one_of(st.none(), st.integers(-2, 2), st.text(max_size=2), st.booleans())
names = st.sampled_from(["name", "note", "owner_id", "stage"])
edits = st.lists(st.dictionaries(names, values, min_size=1, max_size=3), max_size=12)
shifts = st.lists(st.integers(-3, 3), min_size=13, max_size=13)


def told(created: dict[str, Any], changes: list[dict[str, Any]]) -> list[tuple[Part, Any]]:
    """The parts that these edits leave in the log, each with the record after it."""
    state = dict(created, updated_at=0)
    found: list[tuple[Part, Any]] = [(part(None, dict(state)), dict(state))]
    for number, change in enumerate(changes, 1):
        changed = {name: value for name, value in change.items() if state.get(name) != value}
        after = {**changed, "updated_at": number}
        old = {name: state.get(name) for name in after}
        state = state | after
        found.append((part(old, after), dict(state)))
    return found


def part(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Part:
    return Part(entity="lead", id="ld_1", before=before, after=after)


def step(one: Part, seconds: int) -> Step:
    at = START + timedelta(seconds=seconds)
    return Step(Change(at=at, actor=SYSTEM, cause="x", subject="cl_1", parts=(one,)), one)


@given(st.dictionaries(names, values, min_size=4, max_size=4), edits, shifts)
@settings(max_examples=60, deadline=None)
def test_replay_is_the_record_at_every_step_though_clocks_disagree(
    created: dict[str, Any], changes: list[dict[str, Any]], shift: list[int]
) -> None:
    truth = told(created, changes)
    steps = [step(one, number + shift[number]) for number, (one, _) in enumerate(truth)]

    ordered = in_order(steps)

    assert [one.part for one in ordered] == [one for one, _ in truth]
    assert [state for _, state in replay(ordered)] == [state for _, state in truth]
    assert whole(ordered, truth[-1][1])


@given(st.dictionaries(names, values, min_size=4, max_size=4), edits)
@settings(max_examples=60, deadline=None)
def test_undoing_each_step_backwards_leads_to_nothing(
    created: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    truth = told(created, changes)
    state: Any = truth[-1][1]
    for number in reversed(range(len(truth))):
        one, wanted = truth[number][0], truth[number - 1][1] if number else None
        assert stand(one, state) is Stand.AFTER
        assert before(state, one) == wanted
        state = undone(one, state, "now")
        assert state == wanted


def test_a_missing_step_is_noticed() -> None:
    truth = told({"name": "a"}, [{"name": "b"}, {"name": "c"}])
    steps = [step(one, number) for number, (one, _) in enumerate(truth)]

    assert whole(in_order(steps), truth[-1][1])
    assert not whole(in_order(steps[::2]), truth[-1][1])
    assert not whole(in_order(steps[1:]), truth[-1][1])
    assert not whole(in_order(steps[:-1]), truth[-1][1])
    assert whole([], None)


def test_a_field_changed_since_is_elsewhere_and_a_stamp_alone_is_not() -> None:
    one = part({"name": "a", "updated_at": 1}, {"name": "b", "updated_at": 2})

    assert stand(one, {"name": "b", "note": "", "updated_at": 3}) is Stand.AFTER
    assert stand(one, {"name": "c", "note": "", "updated_at": 2}) is Stand.ELSEWHERE
    assert stand(one, {"name": "a", "note": "", "updated_at": 9}) is Stand.BEFORE
    assert stand(one, None) is Stand.ELSEWHERE
    later = {"name": "b", "note": "", "updated_at": 3}
    assert undone(one, later, 4) == {"name": "a", "note": "", "updated_at": 4}
