"""Cold and nothing planned: two signals that do not stand for each other."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import DealRules, Step, chance, touched
from kartoteka.domain.ids import DealId
from kartoteka.domain.signals import has_nothing_planned, is_cold, limits
from kartoteka.services.setup import read_preset

OFFICE = read_preset("law_firm").office
FLOW = DealRules(OFFICE.deals, OFFICE.work)
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def deal_on(stage: str, **update: object) -> Deal:
    blank = Deal(
        id=DealId("dl_1"),
        name="Дело",
        pipeline="deals_law",
        stage="kp",
        stage_entered_at=MONDAY,
        created_at=MONDAY,
        updated_at=MONDAY,
    )
    entered = FLOW.enter(blank, FLOW.pipeline.stage(stage), Step(by="x", at=MONDAY))
    return entered.model_copy(update=update)


def cold(deal: Deal, now: datetime) -> bool:
    return is_cold(deal, FLOW.stage(deal), FLOW.hours, now)


def test_limit_counts_working_days_from_the_entry_or_the_last_touch() -> None:
    entered = deal_on("wait")
    touched_on_friday = touched(entered, MONDAY + 4 * DAY)

    assert not cold(entered, MONDAY + 3 * DAY - timedelta(seconds=1))
    assert cold(entered, MONDAY + 3 * DAY)
    assert not cold(touched_on_friday, MONDAY + 8 * DAY)
    assert cold(touched_on_friday, MONDAY + 9 * DAY)  # Wednesday after the weekend


def test_planned_action_does_not_warm_and_a_touch_plans_nothing() -> None:
    planned = deal_on("wait")
    idle = touched(planned.model_copy(update={"next_action": None, "next_at": None}), MONDAY)

    assert cold(planned, MONDAY + 4 * DAY)
    assert not has_nothing_planned(planned)
    assert has_nothing_planned(idle)
    assert not cold(idle, MONDAY + DAY)


def test_closed_and_sleeping_deals_have_no_limits() -> None:
    asleep = deal_on("wait", wake_at=MONDAY + 40 * DAY)

    for deal in (deal_on("won"), deal_on("lost"), asleep, deal_on("def")):
        assert limits(deal, FLOW.stage(deal), FLOW.hours) is None
    assert not has_nothing_planned(deal_on("won"))


def test_work_counts_to_the_contract_s_date_once_it_is_known() -> None:
    unknown, known = deal_on("work"), deal_on("work", contractor_due=MONDAY + 10 * DAY)

    assert cold(unknown, MONDAY + 7 * DAY)
    assert not cold(known, MONDAY + 10 * DAY - timedelta(seconds=1))
    assert cold(known, MONDAY + 10 * DAY)
    found = limits(known, FLOW.stage(known), FLOW.hours)
    assert found is not None
    assert found.twice_at == MONDAY + 21 * DAY  # the twentieth day is a Sunday


def test_older_touch_reported_late_changes_nothing() -> None:
    deal = touched(deal_on("wait"), MONDAY + DAY)

    assert touched(deal, MONDAY) is deal


def test_chance_is_the_stage_s_a_person_s_or_certain() -> None:
    stages = {stage.id: stage for stage in OFFICE.deals.stages}

    assert chance(deal_on("kp"), stages["kp"]) == 20
    assert chance(deal_on("kp", probability=66), stages["kp"]) == 66
    assert chance(deal_on("won", probability=66), stages["won"]) == 100
    assert chance(deal_on("lost", probability=66), stages["lost"]) == 0


@given(
    stage=st.sampled_from([item.id for item in OFFICE.deals.stages]),
    touch=st.none() | st.integers(-10_000, 100_000),
    due=st.none() | st.integers(-10_000, 100_000),
)
def test_second_limit_is_never_before_the_first(
    stage: str, touch: int | None, due: int | None
) -> None:
    def at(minutes: int | None) -> datetime | None:
        return None if minutes is None else MONDAY + timedelta(minutes=minutes)

    deal = deal_on(stage, last_touch_at=at(touch), contractor_due=at(due), invoice_due=at(due))
    found = limits(deal, FLOW.stage(deal), FLOW.hours)

    assert found is None or found.cold_at <= found.twice_at
    if found is not None:
        assert not cold(deal, found.cold_at - timedelta(microseconds=1))
        assert cold(deal, found.cold_at)
