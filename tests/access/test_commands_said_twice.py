"""Commands of rules, segments, mailings, approvals, notices, limits and papers, said twice.

A person who is not sure that it went through says it again; and what they type is text, whatever
it looks like.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import STORE
from tests.kartoteka.deals.deal_desk import ANNA, OLGA, VIKTOR, Play
from tests.kartoteka.mailing.mailing_office import person

from kartoteka.adapters.sqlite_moment import SqliteMoment
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import KartotekaError
from kartoteka.domain.model import Notice
from kartoteka.i18n import text
from kartoteka.services.office import Desk
from sync.columns import Frame
from sync.settings_book.pages import PAGES

NOT_COMPARED = {"changes", "timers", "checkpoints"}
HOSTILE = '=HYPERLINK("http://x.example";"a")<script>alert(1)</script>'
STEPS = [{"subject": "Тема", "text": "Добрый день"}]
PAPERS = {"pipeline": "deals_law", "stage": "contract", "papers": [{"file": "drive_file_1"}] * 2}
SETTINGS: dict[str, dict[str, Any]] = {
    "approval.set": {"discount_limit_bp": 1000, "judges": ["st_viktor"]},
    "cross_sell.set": {"category": "Иски", "offer": "SKU1", "after_days": 5},
    "notice.rules": {"quiet_from": "22:00", "quiet_to": "08:00"},
    "notice.set": {"ways": ["mail"]},
    "papers.set": {"papers": [{"category": "Иски", "papers": [{"name": "А", "ref": "https://x"}]}]},
    "repeat.set": {"days": 120},
    "rule.set": {"name": "Новые", "when": "новая сделка", "then": "уведомить руководителя"},
    "segment.scores": {"days": [10, 20, 30, 40]},
    "segment.set": {"name": "Тихие", "kind": "static"},
    "series.set": {"series": "welcome", "name": "Знакомство", "steps": STEPS},
    "sla.set": {"first_minutes": 20},
    "stage.papers": PAPERS,
    "template.set": {"template": "t_x", "name": "Образец", "subject": "Тема", "body": "Текст"},
}


@pytest.fixture
def play(desk: Desk) -> Play:
    play = Play(desk)
    play.do(OLGA, "product.add", sku="SKU1", name="Жалоба", price_minor=100)
    person(desk, "c0")
    return play


def kept(folder: Path) -> dict[str, Any]:
    """All records, without who touched them last."""
    moment = SqliteMoment(folder / STORE)
    return {
        f"{kind}/{one.id}": {k: v for k, v in one.doc.items() if not k.startswith("updated_")}
        for kind in moment.collections()
        if kind not in NOT_COMPARED
        for one in moment.records(kind)
    }


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_said_twice_is_the_same_setting(play: Play, tmp_path: Path, name: str) -> None:
    play.do(OLGA, name, **SETTINGS[name])
    once = kept(tmp_path)
    again(play, OLGA, name, SETTINGS[name])

    assert kept(tmp_path) == once


Act = tuple[Actor, str, dict[str, Any]]


def campaign(play: Play) -> str:
    made = play.do(OLGA, "campaign.create", name="Весна", subject="С", text="Т", clients=["cl_c0"])
    return str(made.id)


def begun(play: Play) -> str:
    name = campaign(play)
    play.do(OLGA, "campaign.start", campaign=name)
    return name


def in_series(play: Play) -> dict[str, Any]:
    play.do(OLGA, "series.set", **SETTINGS["series.set"])
    return {"series": "welcome", "client": "cl_c0"}


def walking(play: Play) -> dict[str, Any]:
    given = in_series(play)
    play.do(OLGA, "series.start", **given)
    return given


def segment(play: Play) -> dict[str, Any]:
    made = play.do(OLGA, "segment.set", **SETTINGS["segment.set"])
    return {"segment": made.id, "clients": ["cl_c0"]}


def wish(play: Play) -> dict[str, Any]:
    deal = play.do(ANNA, "deal.create", name="Иск", client="cl_c0", deal_type="Спор")
    given = {"deal": deal.id, "stage": "wait", "note": "без КП"}
    return {"command": "deal.move", "words": "Клиент очень просит", "given": given}


def waiting(play: Play) -> dict[str, Any]:
    play.do(ANNA, "approval.ask", **wish(play))
    (one,) = play.do(VIKTOR, "approval.list").approvals
    return {"approval": one.id, "approve": False, "reason": "Сначала отправьте КП"}


def notice(play: Play) -> dict[str, Any]:
    one = Notice.model_validate(
        {"id": "no_1", "staff_id": "st_anna", "code": "notice_cold", "at": play.desk.now()}
    )
    play.desk.store.run(lambda tx: tx.put("notices", one.id, one.model_dump(mode="json")))
    return {"notice": one.id}


ACTS: dict[str, Callable[[Play], Act]] = {
    "ask": lambda play: (ANNA, "approval.ask", wish(play)),
    "decide": lambda play: (VIKTOR, "approval.decide", waiting(play)),
    "start": lambda play: (OLGA, "campaign.start", {"campaign": campaign(play)}),
    "stop": lambda play: (OLGA, "campaign.stop", {"campaign": begun(play)}),
    "series": lambda play: (OLGA, "series.start", in_series(play)),
    "no series": lambda play: (OLGA, "series.stop", walking(play)),
    "add": lambda play: (OLGA, "segment.add", segment(play)),
    "drop": lambda play: (OLGA, "segment.drop", segment(play)),
    "seen": lambda play: (ANNA, "notice.seen", notice(play)),
}


@pytest.mark.parametrize("act", ACTS)
def test_act_said_twice_is_done_once(play: Play, tmp_path: Path, act: str) -> None:
    who, name, given = ACTS[act](play)
    play.do(who, name, **given)
    once = kept(tmp_path)
    again(play, who, name, given)

    assert kept(tmp_path) == once


def again(play: Play, who: Actor, name: str, given: dict[str, Any]) -> None:
    """Say it once more; a refusal is in both languages."""
    try:
        play.do(who, name, **given)
    except KartotekaError as refused:
        told = {text(refused.code, locale, **refused.facts) for locale in ("ru", "en")}
        if len(told) == 1:
            raise


def test_portions_started_twice_give_a_client_one_request(play: Play, tmp_path: Path) -> None:
    for _ in range(2):
        play.do(OLGA, "generator.start", title="Возврат", clients=["cl_c0"], owners=["st_anna"])

    assert sum(name.startswith("leads/") for name in kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("approval.ask", {"words": HOSTILE}),
        ("campaign.create", {"name": HOSTILE, "text": "Т", "clients": ["cl_c0"], "subject": "С"}),
        ("cross_sell.set", {"category": HOSTILE, "offer": "SKU1"}),
        ("generator.start", {"title": HOSTILE, "clients": ["cl_c0"], "owners": ["st_anna"]}),
        ("rule.set", {**SETTINGS["rule.set"], "name": HOSTILE, "note": HOSTILE}),
        ("segment.set", {"name": HOSTILE, "kind": "static"}),
        ("series.set", {"series": "x", "name": HOSTILE, "steps": STEPS}),
        ("stage.papers", {**PAPERS, "papers": [{"file": "drive_file_1", "name": HOSTILE}]}),
        ("template.set", {**SETTINGS["template.set"], "name": HOSTILE, "body": HOSTILE}),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)  # fmt: skip
def test_text_that_looks_like_a_formula_or_a_page_stays_as_it_was_typed(
    play: Play, tmp_path: Path, name: str, given: dict[str, Any]
) -> None:
    told = {**wish(play), **given} if name == "approval.ask" else given
    play.do(ANNA if name == "approval.ask" else OLGA, name, **told)

    assert HOSTILE in strings(kept(tmp_path))
    frame = Frame(play.desk.settings())
    pages = {"cross_sell.set": "cross_sell", "rule.set": "rules", "segment.set": "segments",
             "stage.papers": "papers", "template.set": "templates"}  # fmt: skip
    if name in pages:
        rows = PAGES[pages[name]].rows(frame, play.desk.store)
        assert any(HOSTILE in row.cells.values() for row in rows)


def strings(found: Any) -> set[str]:
    if isinstance(found, dict):
        return {one for value in found.values() for one in strings(value)}
    if isinstance(found, list):
        return {one for value in found for one in strings(value)}
    return {found} if isinstance(found, str) else set()
