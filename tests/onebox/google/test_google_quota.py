"""Per-minute quotas."""

from typing import Any

import pytest

from onebox.google.errors import GoogleError
from onebox.google.methods import Method, methods
from onebox.google.quota import Quota


class Timer:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def method(name: str) -> Method:
    return next(found for found in methods() if found.id == name)


READ = method("sheets.spreadsheets.values.get")
WRITE = method("sheets.spreadsheets.values.append")


def spent(quota: Quota, kind: Method, user: str = "a@x.ru") -> int:
    """Return how many requests pass before the refusal."""
    for count in range(1000):
        try:
            quota.charge(kind, user)
        except GoogleError:
            return count
    raise AssertionError("never refused")


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (READ, 60),
        (WRITE, 60),
        (method("sheets.spreadsheets.values.batchGetByDataFilter"), 60),
        (method("people.people.connections.list"), 120),
        (method("people.people.createContact"), 90),
    ],
)
def test_user_may_so_much_a_minute(kind: Method, allowed: int) -> None:
    assert spent(Quota(timer=Timer()), kind) == allowed


def test_reads_and_writes_are_counted_apart() -> None:
    quota = Quota(timer=Timer())
    spent(quota, READ)

    quota.charge(WRITE, "a@x.ru")


def test_whole_project_has_a_limit_of_its_own() -> None:
    quota = Quota(timer=Timer())
    passed = [spent(quota, READ, f"user{n}@x.ru") for n in range(6)]

    assert passed == [60, 60, 60, 60, 60, 0]


def test_quota_is_refilled_after_a_minute() -> None:
    timer = Timer()
    quota = Quota(timer=timer)
    spent(quota, READ)
    timer.seconds += 59.9
    assert spent(quota, READ) == 0
    timer.seconds += 0.1

    assert spent(quota, READ) == 60


def test_scale_multiplies_every_limit() -> None:
    assert spent(Quota(scale=0.1, timer=Timer()), READ) == 6


def test_refusal_has_googles_words_and_details() -> None:
    quota = Quota(timer=Timer(), project_number="42")
    spent(quota, WRITE)

    with pytest.raises(GoogleError) as refused:
        quota.charge(WRITE, "a@x.ru")

    error: Any = refused.value.body()["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"] == (
        "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per"
        " user' of service 'sheets.googleapis.com' for consumer 'project_number:42'."
    )
    info = error["details"][0]
    assert info["reason"] == "RATE_LIMIT_EXCEEDED"
    assert info["metadata"]["quota_limit"] == "WriteRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == "60"
