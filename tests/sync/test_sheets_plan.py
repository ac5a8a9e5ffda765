"""The laws of the merge and of the plan, over random sheets."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.cells import Base, digest, normal
from sync.merge import Verdict, Winner, judge
from sync.plan import COPY, NEW, UNKNOWN, Row, plan, settle, survey
from sync.shelf.team import LEADS

KEYS = [column.key for column in LEADS.columns]
EDITABLE = {column.key for column in LEADS.columns if column.editable}
values = st.sampled_from(["", "a", "b", "Ж", "5", 5, 5.0, 46349.375, True, "=1+1"])
cells = st.fixed_dictionaries(dict.fromkeys(KEYS, values))
ids = st.integers(0, 9).map(lambda number: f"ld_{number}")


def same(left, right) -> bool:
    return {key: normal(left[key]) for key in KEYS} == {key: normal(right[key]) for key in KEYS}


def written(number: int, record: str, row) -> Row:
    return Row(number, record, Base(record, {key: digest(row[key]) for key in KEYS}), row)


@given(editable=st.booleans(), base=values, sheet=values, store=values)
def test_merge_follows_its_table(editable, base, sheet, store) -> None:
    verdict = judge(editable=editable, base=digest(base), sheet=sheet, store=store)
    sheet_moved = normal(sheet) != normal(base)
    store_moved = normal(store) != normal(base)

    if normal(sheet) == normal(store):
        assert verdict is Verdict.KEEP
    elif not sheet_moved:
        assert verdict is Verdict.WRITE
    elif not editable:
        assert verdict is Verdict.RESTORE
    else:
        assert verdict is (Verdict.CONFLICT if store_moved else Verdict.COMMAND)


@given(values, values)
def test_cell_without_a_base_is_never_overwritten_unseen(sheet, store) -> None:
    verdict = judge(editable=True, base=None, sheet=sheet, store=store)

    lost = normal(sheet) not in {"", normal(store)}
    assert (verdict is Verdict.CONFLICT) == lost


@st.composite
def offices(draw):
    """A store, a sheet as we wrote it, and what people then did to it."""
    store = draw(st.dictionaries(ids, cells, max_size=6))
    old = {record: draw(st.one_of(st.just(row), cells)) for record, row in store.items()}
    rows = [written(0, record, row) for record, row in old.items() if draw(st.booleans())]
    for place, row in enumerate(rows):
        if draw(st.booleans()):
            key = draw(st.sampled_from(KEYS))
            rows[place] = replace(row, cells={**row.cells, key: draw(values)})
    rows += [row for row in rows if draw(st.integers(0, 4)) == 0]
    if draw(st.booleans()):
        rows.append(Row(0, "", None, draw(cells)))
    rows = draw(st.permutations(rows))
    return store, [replace(row, number=place) for place, row in enumerate(rows, start=2)]


@settings(max_examples=300, deadline=None)
@given(offices())
def test_plan_accounts_for_every_row_record_and_edit(office) -> None:
    store, rows = office
    seen = survey(rows, LEADS)
    planned = plan(seen, LEADS, store, store)

    assert set(planned.add) == store.keys() - {row.id for row in rows}
    assert set(planned.change) == store.keys() & {row.id for row in rows}
    marked = [row.number for row, _ in planned.marks]
    taken = [row.number for row in planned.change.values()]
    empty = [row.number for row in rows if row.is_empty]
    assert sorted(marked + taken + empty) == [row.number for row in rows]
    for row, mark in planned.marks:
        assert mark == (COPY if row.id else NEW)


@settings(max_examples=300, deadline=None)
@given(offices())
def test_settled_sheet_equals_the_store_and_every_edit_was_told(office) -> None:
    store, rows = office
    planned = plan(survey(rows, LEADS), LEADS, store, store)
    told = {(edit.record, edit.column) for edit in planned.edits}

    for record, row in planned.change.items():
        result = settle(row, record, store[record], notes={})
        after = {**row.cells, **result.cells}
        assert same(after, store[record])
        assert result.base.hashes == {key: digest(store[record][key]) for key in KEYS}
        base = row.own_base
        assert base is not None
        for key in KEYS:
            moved = digest(row.cells[key]) != base.hashes[key]
            if moved and normal(row.cells[key]) != normal(store[record][key]):
                assert (record, key) in told or _is_anothers(row, rows)


def _is_anothers(row: Row, rows: list[Row]) -> bool:
    """Whether the row shows, whole, what we wrote for some record."""
    shape = {key: digest(row.cells[key]) for key in KEYS}
    return any(other.base is not None and other.base.hashes == shape for other in rows)


@settings(max_examples=100, deadline=None)
@given(offices())
def test_second_flush_finds_nothing_to_do(office) -> None:
    store, rows = office
    planned = plan(survey(rows, LEADS), LEADS, store, store)
    after = [
        written(
            row.number, record, {**row.cells, **settle(row, record, store[record], notes={}).cells}
        )
        for record, row in planned.change.items()
    ]
    again = survey(after, LEADS)

    assert again.suspects == frozenset()
    second = plan(again, LEADS, store, store)
    assert second.edits == ()
    assert not any(
        settle(row, record, store[record], notes={}).is_needed
        for record, row in second.change.items()
    )


@given(offices(), st.randoms())
def test_order_of_rows_changes_nothing(office, random) -> None:
    store, rows = office
    unique = list({row.id: row for row in rows if row.id}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)

    left = plan(survey(unique, LEADS), LEADS, store, store)
    right = plan(survey(shuffled, LEADS), LEADS, store, store)

    assert set(left.edits) == set(right.edits)
    assert set(left.add) == set(right.add)


def row_of(record: str, **changed) -> Row:
    row = {key: f"{key} {record}" for key in KEYS}
    return replace(written(2, record, row), cells={**row, **changed})


def test_whole_row_pasted_over_makes_conflicts_not_commands() -> None:
    row = row_of("ld_1", name="x", phone="y", due="z")
    store = {"ld_1": {key: f"{key} ld_1" for key in KEYS}}

    planned = plan(survey([row], LEADS), LEADS, store, store)

    verdicts = {edit.column: edit.verdict for edit in planned.edits}
    assert verdicts == {
        "name": Verdict.CONFLICT, "phone": Verdict.RESTORE, "due": Verdict.RESTORE
    }  # fmt: skip
    assert not any(edit.is_command for edit in planned.edits)


def test_row_with_anothers_base_takes_the_stores_values_and_keeps_what_was_typed() -> None:
    mine = row_of("ld_1", name="name ld_2", note="typed")
    mine = replace(mine, base=row_of("ld_2").base)
    store = {record: {key: f"{key} {record}" for key in KEYS} for record in ("ld_1", "ld_2")}

    seen = survey([mine, replace(row_of("ld_2"), number=3)], LEADS)
    planned = plan(seen, LEADS, store, store)

    assert seen.suspects == {"ld_1", "ld_2"}
    assert [(edit.column, edit.verdict, edit.winner) for edit in planned.edits] == [
        ("note", Verdict.CONFLICT, Winner.STORE)
    ]
    assert same(
        {**mine.cells, **settle(mine, "ld_1", store["ld_1"], notes={}).cells}, store["ld_1"]
    )


@pytest.mark.parametrize(("doubtful", "leaves"), [({"ld_1"}, True), ((), False)])
def test_row_with_anothers_base_leaves_if_we_may_have_written_there(doubtful, leaves) -> None:
    mine = replace(row_of("ld_1"), base=row_of("ld_2").base)

    planned = plan(survey([mine], LEADS, doubtful), LEADS, {}, ["ld_1"])

    assert planned.leaving == ({"ld_1": mine} if leaves else {})
    assert planned.marks == (() if leaves else ((mine, UNKNOWN),))


def test_held_column_is_left_with_its_base() -> None:
    row = row_of("ld_1", name="typed")
    store = {key: f"{key} ld_1" for key in KEYS}

    result = settle(row, "ld_1", store, held=["name"], notes={})

    assert not result.is_needed


def test_note_of_ours_goes_with_the_column_or_the_stage_and_stays_otherwise() -> None:
    row = row_of("ld_1")
    base = replace(row.base, noted=("name", "phone"))
    row = replace(row, base=base)
    store = dict(row.cells)

    assert settle(row, "ld_1", {**store, "source": "x"}, notes={}).notes == {}
    assert settle(row, "ld_1", {**store, "name": "x"}, notes={}).notes == {"name": ""}
    moved = settle(row, "ld_1", {**store, "stage": "x"}, notes={})
    assert moved.notes == {"name": "", "phone": ""}
    assert moved.base.noted == ()


@given(cells, cells)
def test_row_that_nobody_touched_is_settled_alike_with_its_hashes_and_without(old, store) -> None:
    row = written(2, "ld_1", old)

    quick = settle(row, "ld_1", store, notes={}, exact=True)

    assert quick == settle(row, "ld_1", store, notes={})
