"""What a law office expects of its CRM, as a person would write it on a sheet of paper."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Wait: TypeAlias = tuple[Literal["minutes", "days", "week", "sleep", "close"], int]
Step: TypeAlias = tuple[str, Wait]

BIG = 50_000_000  # 500,000 roubles
SOURCES = {"form": "Сайт-форма", "missed": "Звонок", "answered": "Звонок", "telegram": "Telegram"}

# What a request asks for on its stage, and within which time.
REQUEST_STEPS: Mapping[str, Step] = {
    "new": ("first_contact", ("minutes", 15)),
    "r1": ("call", ("minutes", 60)),
    "c1": ("decide", ("minutes", 240)),
    "r2": ("call", ("days", 1)),
    "c2": ("decide", ("minutes", 240)),
    "r3": ("call", ("week", 1)),
    "c3": ("decide", ("minutes", 240)),
    "def": ("wake", ("sleep", 30)),
}
# Tasks that are done as soon as a request goes on.
REQUEST_TASKS = {"first_contact", "call", "decide", "wake"}
# A talk leads here, a call that nobody answered there.
AFTER_CALL = {"new": "c1", "r1": "c1", "r2": "c2", "r3": "c3"}
AFTER_DIAL = {"new": "r1"}
# Deals; STAGE_TASKS give a task on entering already.
DEAL_STEPS: Mapping[str, Step] = {
    "kp": ("send_offer", ("close", 0)),
    "wait": ("await_decision", ("days", 3)),
    "again": ("call", ("minutes", 60)),
    "contract": ("sign_contract", ("days", 2)),
    "work": ("follow_work", ("days", 3)),
    "report": ("report_result", ("minutes", 240)),
    "pay": ("get_payment", ("days", 3)),
}
STAGE_TASKS = frozenset({"kp", "again", "report"})
AFTER_SILENCE = "wait"  # on this stage a silent client is expected to be silent
# Days from the day of payment at which somebody is reminded, while money is missing.
PAY_REMINDERS = {
    "pay_before_3": -3,
    "pay_today": 0,
    "pay_late_3": 3,
    "pay_late_7": 7,
    "pay_late_14": 14,
}
# Everybody at work gets a plan of the day at nine, the head a summary at six.
PEOPLE = (
    "st_olga",
    "st_viktor",
    "st_anna",
    "st_boris",
    "st_vera",
    "st_gleb",
    "st_dina",
    "st_egor",
    "st_inna",
    "st_mark",
)
HEADS = ("st_viktor",)
