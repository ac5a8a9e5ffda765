"""Any JSON to any command: an answer or a refusal in words, never a crash."""

import random
from collections import Counter
from typing import Any

from tests.api.api_office import Api

from kartoteka.i18n import catalogue
from kartoteka.services.registry import COMMANDS

DEEP: Any = "x"
for _ in range(300):
    DEEP = [DEEP]
ODD = [
    *(None, True, -1, 0, 10**30, 1.5, -(2**63), "", " ", "x" * 5_000, "\ud800", "\x00", "=1+1"),
    *("../x", "ld_1", "dl_1", "cl_1", "ts_1", "st_anna", "lead", "deals_law", "kp", "25:99"),
    *("2026-11-24T10:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *("2026-11-24", [], {}, ["x"], [None], {"x": None}, {"": {"": ""}}, {"x" * 3_000: 1}),
    *({"a.b": 1}, {"__x__": 1}, {"x": 10**30}, [{"id": "x"}], {"x": "\ud800"}, DEEP, {"x": DEEP}),
]
# What brings a command further than its form.
LIKELY: dict[str, list[Any]] = {
    "client": ["cl_1"],
    "lead": ["ld_1"],
    "deal": ["dl_1"],
    "task": ["ts_1"],
    "staff": ["st_anna", "st_olga"],
    "owner": ["st_anna"],
    "reason": ["ошиблись номером"],
    "stage": ["c1", "kp", "pay"],
    "pipeline": ["deals_law", "leads_law"],
    "text": ["слово"],
    "name": ["Имя"],
    "title": ["Имя"],
    "what": ["call"],
    "due": ["2026-11-25T10:00:00Z"],
    "due_at": ["2026-11-25T10:00:00Z"],
    "email": ["x@y.example"],
    "phone": ["+79161112233"],
}
ROUNDS = 5


def values(field: str, chance: random.Random) -> list[Any]:
    return LIKELY.get(field, ODD) if chance.random() < 0.8 else ODD


def test_any_json_to_any_command_is_answered_in_words(api: Api) -> None:
    chance = random.Random(77)
    seen: Counter[int] = Counter()
    for name, command in sorted(COMMANDS.items()):
        fields = list(command.form.model_fields)
        for number in range(ROUNDS):
            needed = [field for field in fields if command.form.model_fields[field].is_required()]
            chosen = {*needed, *chance.sample(fields, chance.randint(0, min(2, len(fields))))}
            given = {field: chance.choice(values(field, chance)) for field in sorted(chosen)}
            answer = api.command(name, repeat=f"{name}-{number}", **given)

            seen[answer.status] += 1
            assert answer.status in {200, 400, 403, 404, 409, 422}, (name, given, answer.body)
            if answer.status != 200:
                assert answer.code in catalogue("ru"), (name, given, answer.body)
    assert seen[200] > 100, "the forms are not the only ones that are tried"
