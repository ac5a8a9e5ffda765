"""Papers of a stage: made on entry, filled, in the deal's folder, once per entry and template."""

import base64
from dataclasses import dataclass, field

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, OLGA, VIKTOR, Play

from automation import engine, stage_papers
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed, NotFound, ProviderDown
from kartoteka.domain.model import Notice
from kartoteka.paper_ports import Folder, PaperTemplate
from kartoteka.ports import KeptFile, Query
from kartoteka.services.office import Desk

_TEXT = "Договор с {{client.name}} на {{deal.amount}} {{deal.currency}}, ИНН {{company.inn}}"


@dataclass
class Drive:
    """Files and papers of one office in memory; counts what was made."""

    kept: dict[str, tuple[str, str, bytes | None, str]] = field(default_factory=dict)
    made: int = 0
    down: bool = False

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        self.kept.setdefault(key, (name, media_type, content, ""))
        return self._file(key)

    def find(self, key: str) -> KeptFile | None:
        return self._file(key) if key in self.kept else None

    def read(self, key: str) -> bytes:
        return self.kept[key][2] or b""

    def discard(self, key: str) -> None:
        self.kept.pop(key, None)

    def template(self, ref: str) -> PaperTemplate:
        if self.down:
            raise ProviderDown("away")
        if ref not in self.kept:
            raise NotFound("no such file", code="record_unknown")
        return PaperTemplate(*self.kept[ref][:3])

    def put(self, key, name, media_type, *, content, into: Folder) -> KeptFile:
        self.made += key not in self.kept
        self.kept.setdefault(key, (name, media_type, content, into.name))
        return self._file(key)

    def copy(self, key, name, ref, *, into: Folder) -> KeptFile:
        self.made += key not in self.kept
        self.kept.setdefault(key, (name, self.kept[ref][1], None, into.name))
        return self._file(key)

    def _file(self, key: str) -> KeptFile:
        name, media_type, content, _ = self.kept[key]
        return KeptFile(key, name, media_type, len(content or b""), f"https://drive.example/{key}")


@pytest.fixture
def drive() -> Drive:
    drive = Drive()
    drive.kept["doc1"] = ("Бланк", "application/vnd.google-apps.document", None, "")
    return drive


@pytest.fixture
def play(desk: Desk, drive: Drive) -> Play:
    return Play(Desk(desk.store, desk.tasks, desk.clock, desk.settings, desk.waker, files=drive))


def setting(play: Play, *papers: dict[str, str], stage: str = "again") -> None:
    play.do(OLGA, "stage.papers", pipeline=play.desk.settings().office.deals.id, stage=stage,
            papers=list(papers))  # fmt: skip


def text_paper(text: str = _TEXT, name: str = "Договор {{client.name}}.txt") -> dict[str, str]:
    return {"name": name, "content": base64.b64encode(text.encode()).decode()}


def entered(play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock) -> Deal:
    deal = play.move(ANNA, play.new_deal(clock), "again")
    engine.run(play.desk)
    run(play, drive, tasks)
    return play.deal(deal.id)


def run(play: Play, drive: Drive, tasks: FakeTasks) -> list[str]:
    asked = [it for it in tasks.queued if it.path == stage_papers.PATH]
    return [stage_papers.make(play.desk, drive, it.payload) for it in asked]


def told(play: Play) -> list[tuple[str, str]]:
    found = (Notice.model_validate(it.doc) for it in play.desk.store.query(Query("notices")))
    return [(it.code, it.staff_id) for it in found if it.code == "notice_paper_failed"]


def test_entry_fills_the_template_into_the_deals_folder(
    play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock
) -> None:
    setting(play, text_paper(), {"file": "doc1", "name": "Акт"})
    deal = entered(play, drive, tasks, clock)

    first, second = deal.stage_papers
    name, kind, content, folder = drive.kept[first.key]
    assert (name, kind, folder) == ("Договор Ирина.txt", "text/plain", f"Ирина · {deal.name}")
    assert content.decode() == "Договор с Ирина на 0,00 RUB, ИНН {{company.inn}}"
    assert (first.stage, first.missing) == ("again", ("company.inn",))
    assert (second.name, second.url) == ("Акт", f"https://drive.example/{second.key}")


def test_queue_that_calls_twice_makes_one_and_a_second_entry_another(
    play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock
) -> None:
    setting(play, text_paper())
    deal = entered(play, drive, tasks, clock)
    assert run(play, drive, tasks) == ["done"]
    wake = (clock.now().replace(day=28)).isoformat()
    play.move(ANNA, deal, "def", reason="Ждёт", wake_at=wake)
    play.do(ANNA, "deal.restore", deal=deal.id)
    engine.run(play.desk)
    run(play, drive, tasks)

    assert (len(play.deal(deal.id).stage_papers), drive.made) == (2, 2)


def test_crash_between_the_paper_and_its_note_doubles_nothing(
    play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock
) -> None:
    setting(play, text_paper())
    deal = entered(play, drive, tasks, clock)
    before = deal.model_copy(update={"stage_papers": ()}).model_dump(mode="json")
    play.desk.store.run(lambda tx: tx.put("deals", deal.id, before))

    assert run(play, drive, tasks) == ["made"]
    assert (len(play.deal(deal.id).stage_papers), drive.made) == (1, 1)


def test_keeper_that_is_away_is_asked_again(
    play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock
) -> None:
    setting(play, text_paper())
    drive.down = True
    with pytest.raises(ProviderDown):
        entered(play, drive, tasks, clock)
    drive.down = False

    assert run(play, drive, tasks) == ["made"]


def test_template_that_is_gone_is_told_to_the_owner_and_stops_nobody(
    play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock
) -> None:
    setting(play, {"file": "gone", "name": "Акт"}, text_paper())
    deal = entered(play, drive, tasks, clock)

    assert [paper.name for paper in deal.stage_papers] == ["Договор Ирина.txt"]
    assert told(play) == [("notice_paper_failed", "st_anna")]


def test_forgotten_person_leaves_neither_papers_nor_folder(
    play: Play, drive: Drive, tasks: FakeTasks, clock: FixedClock
) -> None:
    setting(play, text_paper())
    deal = entered(play, drive, tasks, clock)
    play.do(OLGA, "client.forget", client=deal.client_id)

    assert deal.stage_papers[0].key not in drive.kept
    assert play.deal(deal.id).stage_papers == ()
    assert run(play, drive, tasks) == ["dropped"]
    assert deal.stage_papers[0].key not in drive.kept
    assert "Договор Ирина" not in str(
        [it.doc for it in play.desk.store.read_log("changes", None, 500)]
    )


@pytest.mark.parametrize(
    ("papers", "code"),
    [
        ([{"name": "x"}], "paper_one"),
        ([{"name": "x", "content": "не base64"}], "paper_damaged"),
        ([{"name": "x", "content": base64.b64encode(b"{{client.nme}}").decode()}], "paper_place"),
    ],
)
def test_wrong_template_is_refused_and_the_last_good_ones_stay(play: Play, papers, code) -> None:
    setting(play, {"file": "doc1"})
    with pytest.raises(Invalid) as raised:
        setting(play, *papers)

    assert raised.value.code == code
    assert [it.file for it in play.desk.settings().office.selling.papers] == ["doc1"]


def test_only_who_sets_the_office_up_says_which_papers_there_are(play: Play) -> None:
    for who in (ANNA, VIKTOR):
        with pytest.raises(NotAllowed):
            play.do(who, "stage.papers", pipeline="deals_law", stage="again", papers=[])
