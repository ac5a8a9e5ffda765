"""The comparison finds what it is for: each kind of difference is planted once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tests.fakes import FixedClock

from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import Client, Lead
from kartoteka.ports import ContactCard, ContactPage, ContactSeen
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record
from onebox.demo.acts import Edit
from onebox.demo.check import Verdict, compare, shortened
from onebox.demo.playing import Edited, Played
from onebox.demo.sending import Sent
from onebox.demo.sheet import Grid
from sync.card import card, stamped
from sync.columns import ID, Frame, Tab
from sync.shelf.team import TASKS, TWO_WAY
from sync.views import everything, load


class PaperBook:
    """A workbook that shows what it is given."""

    def __init__(self, grids: dict[str, Grid]) -> None:
        self.grids = grids

    def grid(self, tab: str) -> Grid:
        return self.grids[tab]


class PaperContacts:
    """Contacts that are what they are given."""

    def __init__(self, cards: Sequence[ContactCard]) -> None:
        self.cards = list(cards)

    def page(self, _sync_token: str | None, _page_token: str | None) -> ContactPage:
        seen = [ContactSeen(f"people/c{at}", "e", shown) for at, shown in enumerate(self.cards)]
        return ContactPage(tuple(seen), None, "t")


class Scene:
    """One lead of one form, in store, sheet and contacts; a test breaks something."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self.desk = desk
        event = Inbound(
            id=InboundId("in_1"),
            channel="form",
            account="consult",
            event_id="1",
            what=Kind.FORM,
            at=now,
            received_at=now,
            sender=Person(name="Мария", phones=("+79005550101",)),
            text="Вопрос",
        )
        self.stored = record(desk, event)
        self.frame = Frame(desk.settings())
        self.book = PaperBook({self.title(tab): self.shown(tab) for tab in TWO_WAY})
        self.contacts = PaperContacts([self.card()])
        self.played = Played(now, sent=[Sent("form:Вопрос", 0.0, 200, right=True, stored=True)])

    def title(self, tab: Tab) -> str:
        return self.frame.say(tab.title)

    def shown(self, tab: Tab) -> Grid:
        views = load(self.desk.store, tab, everything(self.desk.store, tab))
        rows: Grid = [list(tab.keys)]
        for view in views.values():
            cells: dict[str, Any] = {ID: view.id, **tab.row(view, self.frame)}
            rows.append([cells.get(key, "") for key in tab.keys])
        return rows

    def card(self) -> ContactCard:
        store = self.desk.store
        client = Client.model_validate(store.get("clients", self.stored.client_id or ""))
        lead = Lead.model_validate(store.get("leads", self.stored.lead_id or ""))
        made = card(client, lead, self.desk.settings())
        return stamped(made, self.desk.now(), self.desk.settings())

    def verdict(self) -> Verdict:
        return compare(self.desk.store, self.book, self.contacts, self.played)  # type: ignore[arg-type]


@pytest.fixture
def scene(desk: Desk, clock: FixedClock) -> Scene:
    return Scene(desk, clock.now())


def leads_grid(scene: Scene) -> Grid:
    return scene.book.grids[scene.title(TWO_WAY[0])]


def test_equal_sides_have_no_differences(scene: Scene) -> None:
    verdict = scene.verdict()

    assert verdict.ok
    assert verdict.counts.leads == verdict.counts.contacts == verdict.counts.sheet_rows == 1


def test_event_that_the_store_never_saw_is_lost(scene: Scene) -> None:
    scene.played.sent.append(Sent("call:k1:ended", 0.0, 200, right=True, stored=True))

    verdict = scene.verdict()

    assert verdict.counts.lost == 1
    assert "lost: call:k1:ended" in verdict.differences


def test_cell_that_shows_something_else_is_found(scene: Scene) -> None:
    leads_grid(scene)[1][1] = "Марья"

    assert any("name" in line for line in scene.verdict().differences)


def test_missing_and_doubled_rows_are_found(scene: Scene) -> None:
    row = leads_grid(scene).pop()
    assert any("is missing" in line for line in scene.verdict().differences)

    leads_grid(scene).extend([row, list(row)])
    verdict = scene.verdict()
    assert verdict.counts.duplicates_created == 1
    assert any(line.startswith("twice: row leads") for line in verdict.differences)


def test_row_of_no_record_is_found(scene: Scene) -> None:
    scene.book.grids[scene.title(TASKS)].append(["tk_ghost"])

    assert "row tasks tk_ghost has no record" in scene.verdict().differences


def test_contact_that_shows_an_old_stage_is_found(scene: Scene) -> None:
    scene.contacts.cards[0] = replace(scene.contacts.cards[0], title="Старая стадия")

    assert any("contact of" in line for line in scene.verdict().differences)


def test_wrong_answer_late_lead_and_failed_edit_are_told(scene: Scene) -> None:
    scene.played.sent.append(Sent("form:x", 0.0, 500, right=False, stored=False))
    scene.played.unseen.append("ld_1")
    edit = Edit("anna@office.example", "+79005550101", "stage", "Новая")
    scene.played.edits.append(Edited(edit, done=False, waited_s=10.0))

    told = scene.verdict().differences

    assert len(told) == 3


def test_many_equal_differences_are_told_shortly() -> None:
    told = shortened([f"cell {number}" for number in range(20)])

    assert len(told) == 6
    assert "15" in told[-1]
