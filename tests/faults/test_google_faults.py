"""Google refuses, breaks, answers nothing and is edited meanwhile: the mirrors still end equal."""

import contextlib
import random

import gspread
import pytest
from tests.faults.conftest import Office
from tests.faults.test_killed_box import act

from kartoteka.domain.change import SYSTEM
from kartoteka.ports import Query
from kartoteka.services import leads
from onebox.demo.sending import Sent
from sync.columns import Frame
from sync.shelf.team import LEADS

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

_EVENTS = 24


def send_some(office: Office, seed: int) -> list[Sent]:
    chance = random.Random(seed)
    numbers = range(seed * 1000, seed * 1000 + _EVENTS)
    return [sent for number in numbers for sent in office.sender.send(act(number, chance))]


def test_every_kind_of_refusal_and_silence_ends_with_equal_mirrors(served_office: Office) -> None:
    sent = send_some(served_office, 1)
    for match in ("sheets", "people"):
        for action in ("429", "500", "502", "503", "drop-after-apply", "drop"):
            served_office.box.order_fault(match, action)
    sent += send_some(served_office, 2)

    verdict = served_office.verdict(sent)

    assert served_office.box.faults_waiting() == []
    assert verdict.differences == ()


def test_writes_whose_answers_were_lost_are_not_done_twice(served_office: Office) -> None:
    sent = send_some(served_office, 3)
    assert served_office.verdict(sent).differences == ()
    for match in ("spreadsheets.batchUpdate", "batchCreateContacts"):
        served_office.box.order_fault(match, "drop-after-apply")
    desk = served_office.app.desk
    for found in list(desk.store.query(Query("leads"))):
        leads.write_note(desk, SYSTEM, found.id, "Перезвонить в пятницу", cause="test")
    sent += send_some(served_office, 4)

    verdict = served_office.verdict(sent)

    assert served_office.box.faults_waiting() == []
    assert verdict.differences == ()
    assert verdict.counts.duplicates_created == 0


def test_colleague_who_sorts_while_the_mirror_writes_moves_rows_not_records(
    served_office: Office,
) -> None:
    title = Frame(served_office.settings).say(LEADS.title)
    sent = send_some(served_office, 6)
    with contextlib.closing(served_office.book()) as book:
        sheet = gspread.Client(None, http_client=lambda *_: book._client()).open_by_key(book.id)
        tab = sheet.worksheet(title)
        for order in ("asc", "des", "asc", "des"):
            tab.sort((2, order), range=f"A2:K{tab.row_count}")
            sent += send_some(served_office, 7 + len(sent))

    verdict = served_office.verdict(sent)

    assert verdict.differences == ()
