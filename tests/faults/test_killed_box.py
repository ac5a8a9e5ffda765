"""Kill -9 at random moments while events arrive: nothing lost, nothing twice, mirrors equal."""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.faults.conftest import Office

from onebox.demo.acts import Chat, Form, Ring, Update
from onebox.demo.sending import Sent

FULL = bool(os.getenv("FULL"))
EVENTS, KILLS = (500, 50) if FULL else (80, 6)
PEOPLE = EVENTS // 3
SENDERS = 4

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900 if FULL else 300)]


def act(number: int, chance: random.Random) -> Form | Ring | Update:
    """One event of one of the people; every person comes back, some events come twice."""
    person = chance.randrange(PEOPLE)
    phone = f"+7900777{person:04d}"
    match number % 4:
        case 0 | 1:
            fields = {"name": f"Клиент {person}", "phone": phone, "message": f"Вопрос {number}"}
            return Form(fields, "json", times=1 + number % 3 // 2)
        case 2:
            ends = ("missed",) if number % 8 == 2 else ("ringing", "answered", "ended", "ended")
            return Ring(f"k{number}", phone, ends, talked_s=0 if number % 8 == 2 else 40)
        case _:
            chat = Chat(9_000_000_000 + person, f"Гость {person}")
            return Update(number, chat, f"Сообщение {number}", times=1 + number % 2)


def send_all(office: Office, chance: random.Random) -> list[Sent]:
    acts = [act(number, chance) for number in range(EVENTS)]
    with ThreadPoolExecutor(SENDERS) as pool:
        waves = pool.map(lambda one: (time.sleep(PACE_S), office.sender.send(one))[1], acts)
        return [sent for wave in waves for sent in wave]


PACE_S = 0.25


def test_box_killed_at_random_moments_loses_nothing_and_does_nothing_twice(
    served_office: Office,
) -> None:
    chance = random.Random(20261123)
    with ThreadPoolExecutor(1) as sending:
        under_way = sending.submit(send_all, served_office, random.Random(7))
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 1.5))
            served_office.box.kill()
            served_office.box.start()
        sent = under_way.result()

    verdict = served_office.verdict(sent)

    assert verdict.differences == ()
    assert all(one.stored for one in sent)
    assert verdict.counts.events_recorded == len({one.key for one in sent})
