"""A person may be told in another language than the office's: notices, their buttons, the bot."""

from collections import Counter
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest
from tests.automation.notice_office import (
    ANNA,
    BORIS,
    Ways,
    choose,
    deliver_all,
    drained,
    form,
    link_telegram,
    notice_of,
)

from automation.bot.asking import Asking
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.notice_rules import NoticeChoice
from kartoteka.domain.team_words import Said, Wish
from kartoteka.ports import Doc, Store
from kartoteka.services.notice_delivery import deliver
from kartoteka.services.notice_settings import heard
from kartoteka.services.office import Desk


@pytest.fixture
def ways() -> Ways:
    return Ways()


def test_letter_is_in_the_language_of_who_chose_one_and_no_colleagues(
    desk: Desk, ways: Ways
) -> None:
    choose(desk, ANNA, language="en")
    form(desk)
    form(desk, "in_other", "st_boris", phone="+79161234568")

    deliver_all(desk, ways)

    letters = [message_from_bytes(it, policy=policy.default) for it in ways.letters]
    begins = {it["To"]: str(it["Subject"]).split(" · ")[0] for it in letters}
    assert begins["anna@office.example"] == "A new request for you"
    assert begins["boris@office.example"] == "Вам новая заявка"


def test_buttons_and_the_bot_follow_and_are_the_offices_again(desk: Desk, ways: Ways) -> None:
    link_telegram(desk, "st_anna", "77")
    choose(desk, ANNA, language="en")
    form(desk)
    deliver_all(desk, ways)
    [(_, post)] = ways.posts

    assert post.buttons[-1][0].label == "Seen"
    assert (
        Asking(desk, ANNA).answer(Said(Wish.MINE, ""), "77", "c").startswith("Your plan for today")
    )

    assert choose(desk, ANNA, language="").language == ""
    assert Asking(desk, ANNA).answer(Said(Wish.MINE, ""), "77", "c").startswith("План на день")


def test_language_of_the_office_is_no_choice_of_a_person(desk: Desk) -> None:
    assert heard(desk, "st_anna") is desk.settings()
    assert choose(desk, ANNA, language="ru").language == "ru"
    assert heard(desk, "st_anna") is desk.settings()


def test_nobody_chooses_for_a_colleague_nor_a_language_that_is_not_spoken(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        choose(desk, ANNA, language="en", person=BORIS.id)
    with pytest.raises(Invalid):
        choose(desk, ANNA, language="de")


class Counting:
    """A store that counts which single records it is asked for."""

    def __init__(self, store: Store) -> None:
        self.asked: Counter[str] = Counter()
        self._store = store

    def get(self, collection: str, name: str) -> Doc | None:
        self.asked[collection] += 1
        return self._store.get(collection, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_choice_of_a_person_is_read_once_for_a_notice(desk: Desk, ways: Ways) -> None:
    choose(desk, ANNA, language="en")
    form(desk)
    drained(desk)
    counted: Any = Counting(desk.store)

    deliver(replace(desk, store=counted), ways.all(), notice_of(desk, "notice_new_lead").id)

    assert b"A new request for you" in ways.letters[0]
    assert counted.asked[NoticeChoice.collection] == 1
