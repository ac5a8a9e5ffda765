"""What waits for a head's word: asked once, passed on in time, done once as its asker's own."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, OLGA, VIKTOR, Play, staff

from automation import engine, timers
from kartoteka.domain.approval import Approval, following, judges
from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Notice
from kartoteka.ports import Query
from kartoteka.services import approvals
from kartoteka.services.notice_words import Words, words
from kartoteka.services.office import Desk

LINE = {"name": "Консультация", "price_minor": 1_000_000}
OFFICE = staff("st_olga", "director")


@pytest.fixture
def play(desk: Desk) -> Play:
    play = Play(desk)
    sells = {"id": "manager", "name": "Менеджер", "base": "manager", "levels": {"amount": "edit"}}
    play.do(OFFICE, "role.set", **sells)
    play.do(OFFICE, "approval.set", discount_limit_bp=1000, wait_minutes=60)
    return play


@pytest.fixture
def deal(play: Play) -> Deal:
    client = play.do(ANNA, "client.add", name="Ирина", phone="+79161234567")
    made = play.do(
        ANNA, "deal.create", name="Иск", client=client.id, deal_type="Спор", lines=[LINE]
    )
    engine.run(play.desk)
    return made


def refused(code: str):
    return pytest.raises((NotAllowed, Invalid), check=lambda exc: exc.code == code)


def asked(play: Play) -> list[Approval]:
    found = play.desk.store.query(Query("approvals"))
    return [Approval.model_validate(hit.doc) for hit in found]


def ask_for(play: Play, deal: Deal, discount_bp: int = 3000) -> Approval:
    given = {"deal": deal.id, "line": deal.lines[0].id, "discount_bp": discount_bp}
    with refused("sent_for_approval"):
        play.do(ANNA, "deal.line_change", **given, ask=True)
    return asked(play)[-1]


def told(play: Play, code: str) -> list[str]:
    found = (Notice.model_validate(hit.doc) for hit in play.desk.store.query(Query("notices")))
    return sorted(notice.staff_id for notice in found if notice.code == code)


def test_discount_within_the_limit_needs_nobody(play: Play, deal: Deal) -> None:
    after = play.do(ANNA, "deal.line_change", deal=deal.id, line=deal.lines[0].id, discount_bp=1000)

    assert after.amount_minor == 900_000


def test_discount_above_the_limit_is_refused_with_both_numbers(play: Play, deal: Deal) -> None:
    with pytest.raises(NotAllowed) as raised:
        play.do(ANNA, "deal.line_change", deal=deal.id, line=deal.lines[0].id, discount_bp=1001)

    assert raised.value.code == "discount_over_limit"
    assert (raised.value.facts["given"], raised.value.facts["limit"]) == ("10.01", "10")
    assert asked(play) == []


def test_head_gives_any_discount(play: Play, deal: Deal) -> None:
    after = play.do(
        VIKTOR, "deal.line_change", deal=deal.id, line=deal.lines[0].id, discount_bp=9000
    )

    assert after.amount_minor == 100_000


@pytest.mark.parametrize("way", ["price", "amount", "new line", "new deal"])
def test_limit_cannot_be_gone_around(play: Play, deal: Deal, way: str) -> None:
    goods = play.do(OFFICE, "product.add", sku="k1", name="Консультация", price_minor=1_000_000)
    with refused("discount_over_limit"):
        if way == "price":
            play.do(ANNA, "deal.line_add", deal=deal.id, product=goods.id, price_minor=800_000)
        elif way == "amount":
            play.do(ANNA, "deal.edit", deal=deal.id, amount_minor=800_000)
        elif way == "new line":
            play.do(ANNA, "deal.line_add", deal=deal.id, **LINE, discount_bp=2000)
        else:
            lines = [{**LINE, "discount_bp": 2000}]
            play.do(ANNA, "deal.create", name="Ещё", deal_type="Спор", lines=lines)


def test_approved_discount_is_the_askers_act_with_the_approval_behind_it(
    play: Play, deal: Deal
) -> None:
    wish = ask_for(play, deal)
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)
    for _ in range(2):  # the log is read again from the start: nothing is done twice
        play.desk.store.run(lambda tx: tx.delete("checkpoints", "automation"))
        engine.run(play.desk)

    assert play.deal(deal.id).amount_minor == 700_000
    kept = asked(play)[0]
    assert (kept.state, kept.decided_by, kept.given) == ("done", "st_viktor", {})
    log = [Change.model_validate(it.doc) for it in play.desk.store.read_log("changes", None, 500)]
    done = [change for change in log if change.cause == f"approval:{wish.id}"]
    assert [(it.actor.id, it.evidence) for it in done] == [("st_anna", f"approval:{wish.id}")]
    assert told(play, "notice_approval_done") == ["st_anna"]


def test_crash_between_the_act_and_its_note_does_not_double_the_act(play: Play, deal: Deal) -> None:
    with refused("sent_for_approval"):
        play.do(ANNA, "deal.line_add", deal=deal.id, **LINE, discount_bp=5000, ask=True)
    wish = asked(play)[0]
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)
    approved = asked(play)[0].model_dump(mode="json")
    engine.run(play.desk)
    play.desk.store.run(lambda tx: tx.put("approvals", wish.id, approved))
    play.desk.store.run(lambda tx: tx.delete("checkpoints", "automation"))

    engine.run(play.desk)

    assert len(play.deal(deal.id).lines) == 2
    assert asked(play)[0].state == "done"


def test_refusal_says_why_and_changes_nothing(play: Play, deal: Deal) -> None:
    wish = ask_for(play, deal)
    with refused("reason_required"):
        play.do(VIKTOR, "approval.decide", approval=wish.id, approve=False)
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=False, reason="Нет маржи")
    engine.run(play.desk)

    kept = asked(play)[0]
    assert (kept.state, kept.reason) == ("declined", "Нет маржи")
    assert play.deal(deal.id).amount_minor == 1_000_000
    assert told(play, "notice_approval_declined") == ["st_anna"]


def test_pressing_the_button_twice_is_pressing_it_once(play: Play, deal: Deal) -> None:
    wish = ask_for(play, deal)
    first = play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)

    assert play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True) == first
    with refused("approval_decided"):
        play.do(OLGA, "approval.decide", approval=wish.id, approve=False, reason="Поздно")


@pytest.mark.parametrize("who", [ANNA, BORIS])
def test_only_who_was_asked_decides(play: Play, deal: Deal, who) -> None:
    wish = ask_for(play, deal)

    with refused("approval_foreign"):
        play.do(who, "approval.decide", approval=wish.id, approve=True)


def test_silent_judge_is_followed_by_the_director_who_is_waited_for(
    play: Play, deal: Deal, clock: FixedClock
) -> None:
    wish = ask_for(play, deal)
    engine.run(play.desk)
    clock.advance(timedelta(minutes=59))
    timers.fire_late(play.desk)
    assert asked(play)[0].judge_id == "st_viktor"

    clock.advance(timedelta(minutes=1))
    timers.fire_late(play.desk)
    engine.run(play.desk)
    kept = asked(play)[0]
    assert (kept.judge_id, kept.asked, kept.due_at) == ("st_olga", ("st_viktor", "st_olga"), None)
    assert told(play, "notice_approval") == ["st_olga", "st_viktor"]
    clock.advance(timedelta(days=3))
    timers.fire_late(play.desk)
    assert asked(play)[0] == kept
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)  # late, but was asked


def test_same_wish_asked_again_waits_once(play: Play, deal: Deal) -> None:
    first = ask_for(play, deal)

    assert ask_for(play, deal).id == first.id
    assert len(asked(play)) == 1
    assert [it.id for it in approvals.waiting_for(play.desk.store, "st_viktor")] == [first.id]


def test_lists_show_each_person_their_own(play: Play, deal: Deal) -> None:
    wish = ask_for(play, deal)
    seen = {
        who.id: [it.id for it in play.do(who, "approval.list").approvals]
        for who in (ANNA, BORIS, VIKTOR, OLGA, staff("st_inna", "accountant"))
    }

    assert seen == {
        "st_anna": [wish.id],
        "st_boris": [],
        "st_viktor": [wish.id],
        "st_olga": [wish.id],
        "st_inna": [],
    }


def test_lead_leaves_a_gated_stage_with_an_approval(play: Play, clock: FixedClock) -> None:
    lead = play.lead(play.form().lead_id)
    to = "c1"
    with refused("stage_needs_call"):
        play.do(ANNA, "lead.move", lead=lead.id, stage=to)
    wish = play.do(ANNA, "approval.ask", command="lead.move",
                   given={"lead": lead.id, "stage": to}, words="Клиент пришёл сам")  # fmt: skip
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)
    engine.run(play.desk)

    assert play.lead(lead.id).stage == to


def test_deal_goes_on_without_the_call_that_its_stage_wants(play: Play, deal: Deal) -> None:
    play.move(ANNA, deal, "wait", evidence={"offer_file": "kp"})
    play.move(ANNA, deal, "again")
    with refused("proof_call"):
        play.move(ANNA, deal, "wait")
    given = {"deal": deal.id, "stage": "wait"}
    wish = play.do(ANNA, "approval.ask", command="deal.move", given=given, words="Написал в чат")
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)
    engine.run(play.desk)

    stay = play.deal(deal.id).stage_log[-1]
    assert (stay.stage, stay.by) == ("wait", "st_anna")
    assert f"approval:{wish.id}" in stay.evidence


def test_act_that_is_impossible_by_then_fails_and_its_asker_hears(play: Play, deal: Deal) -> None:
    wish = ask_for(play, deal)
    play.do(ANNA, "deal.line_remove", deal=deal.id, line=deal.lines[0].id)
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=True)
    engine.run(play.desk)

    assert (asked(play)[0].state, asked(play)[0].reason) == ("failed", "line_unknown")
    assert told(play, "notice_approval_failed") == ["st_anna"]


def test_command_that_needs_no_approval_is_refused(play: Play, deal: Deal) -> None:
    with refused("approval_command"):
        play.do(ANNA, "approval.ask", command="deal.pay", given={}, words="Очень нужно сейчас")
    with pytest.raises(Invalid) as raised:
        play.do(ANNA, "approval.ask", command="deal.move", given={"deal": deal.id},
                words="Очень нужно сейчас")  # fmt: skip
    assert "given.stage" in raised.value.fields


def test_forgotten_client_leaves_no_words_in_what_waits(play: Play, deal: Deal) -> None:
    given = {"deal": deal.id, "stage": "wait", "note": "Ирина просила"}
    play.do(ANNA, "approval.ask", command="deal.move", given=given, words="Ирина просила очень")
    play.do(OFFICE, "client.forget", client=deal.client_id)

    kept = asked(play)[0]
    assert (kept.given, kept.words) == ({}, "")
    whole = [it.doc for it in play.desk.store.read_log("changes", None, 500)]
    assert "просила" not in str(whole)


def test_nobody_judges_themselves_and_who_left_is_skipped(desk: Desk) -> None:
    settings = desk.settings()
    assert judges(settings, "st_anna") == ("st_viktor", "st_olga")
    assert judges(settings, "st_viktor", "st_olga") == ("st_olga",)
    gone = [p.model_copy(update={"active": p.id != "st_viktor"}) for p in settings.staff]
    left = settings.model_copy(update={"staff": tuple(gone)})
    assert judges(left, "st_anna") == ("st_olga",)
    wish = Approval(id="ap_1", command="x", actor=ANNA, why="rule", at=desk.now(),
                    asked=("st_viktor",))  # fmt: skip
    assert following(wish, settings) == "st_olga"


def notices(play: Play, code: str) -> list[Notice]:
    found = (Notice.model_validate(hit.doc) for hit in play.desk.store.query(Query("notices")))
    return [notice for notice in found if notice.code == code]


def read_by(play: Play, staff_id: str, code: str) -> Words:
    settings = play.desk.settings()
    return words(play.desk, notices(play, code)[0], settings.person(staff_id), settings)


def test_judge_reads_who_asks_for_what_and_has_both_buttons(play: Play, deal: Deal) -> None:
    ask_for(play, deal)

    told = read_by(play, "st_viktor", "notice_approval")

    assert told.lines[:2] == ("Просит: Анна Белова", "Скидка 30 %, предел 10 %")
    assert [button.label for row in told.buttons for button in row] == ["Разрешить", "Отказать"]


def test_asker_reads_why_not(play: Play, deal: Deal) -> None:
    wish = ask_for(play, deal)
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=False, reason="Нет маржи")

    assert "Причина: Нет маржи" in read_by(play, "st_anna", "notice_approval_declined").lines


def test_facts_are_hidden_from_who_sees_no_amounts(play: Play, deal: Deal) -> None:
    blind = {"id": "manager", "name": "Менеджер", "base": "manager"}
    wish = ask_for(play, deal)
    play.do(OFFICE, "role.set", **blind)
    play.do(VIKTOR, "approval.decide", approval=wish.id, approve=False, reason="Нет")

    assert "Скидка" not in read_by(play, "st_anna", "notice_approval_declined").whole
