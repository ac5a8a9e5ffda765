"""`GET /api/d/…`: what a client sees of an offer or an invoice, and a stranger does not."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from tests.kartoteka.deals.deal_desk import OLGA, Play

from api.paper_page import paper_page
from kartoteka.domain.amount_words import money
from kartoteka.domain.change import SYSTEM, Change
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.services.forget import forget
from kartoteka.services.unit import LOG

HOSTILE = "<script>alert('1')</script>{0}{title}&amp;"
COST = 2_345_678


def ask(desk, token, method="GET"):
    call = Call(method, ("d", token))
    reply = paper_page(call, SimpleNamespace(desk=desk), token)
    return reply, reply.body.decode()


@pytest.fixture
def play(desk):
    return Play(desk)


def sent(play, clock, what="invoice", **given):
    """An invoice of two positions, its deal's name and its words hostile; its token."""
    deal = play.new_deal(clock, name=HOSTILE)
    line = {"name": HOSTILE, "price_minor": 123_450, "quantity_milli": 1500, "discount_bp": 1000}
    play.do(SYSTEM, "deal.line_add", deal=deal.id, cost_minor=COST, **line)
    play.do(SYSTEM, "deal.line_add", deal=deal.id, name="Пошлина", price_minor=100_000_000)
    made = play.do(OLGA, "paper.make", deal=deal.id, what=what, text=HOSTILE, **given).paper
    told = play.do(OLGA, "paper.send", paper=made.id)
    return told.paper, told.address.rpartition("/")[2]


def stored(play, paper):
    return SalesPaper.model_validate(play.desk.store.get("papers", paper.id))


def test_client_reads_lines_and_total_in_the_office_s_language(play, clock):
    paper, token = sent(play, clock)
    reply, page = ask(play.desk, token)

    assert (reply.status, reply.headers["content-language"]) == (200, "ru")
    assert f"Счёт на оплату № {paper.label}" in page
    sums = ("1\u00a0234,50", "1\u00a0666,58", "1\u00a0001\u00a0666,58")
    for told in ("Пошлина", "1,5", "10\u00a0%", *sums):
        assert told in page, told
    assert "Ирина" in page


def test_hostile_words_are_shown_as_words(play, clock):
    _, token = sent(play, clock, subject=HOSTILE)
    _, page = ask(play.desk, token)

    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;{0}{title}&amp;amp;") == 3


def test_page_runs_nothing_loads_nothing_and_shows_no_cost(play, clock):
    _, token = sent(play, clock)
    reply, page = ask(play.desk, token)

    assert not re.search(r"(?i)<(script|img|link|iframe|form|a)\b|\son\w+=|src=|https?://", page)
    assert "23 456" not in page.replace("\u00a0", " ")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["", "pp_1", "x" * 5000, "pp_0-ffffffff" + "0" * 32])
def test_wrong_address_is_a_kind_404(play, token):
    reply, page = ask(play.desk, token)

    assert reply.status == 404
    assert "Попросите в офисе новую" in page


def test_address_that_ran_out_is_the_same_404_until_it_is_sent_again(play, clock):
    paper, token = sent(play, clock)
    clock.advance(timedelta(days=91))
    assert ask(play.desk, token)[0].status == 404

    address = play.do(OLGA, "paper.send", paper=paper.id).address
    assert ask(play.desk, address.rpartition("/")[2])[0].status == 200


def test_first_look_is_noted_once_and_a_head_is_none(play, clock):
    paper, token = sent(play, clock)
    ask(play.desk, token, "HEAD")
    assert stored(play, paper).opened_at is None
    ask(play.desk, token)
    first = stored(play, paper).opened_at
    clock.advance(timedelta(hours=1))
    ask(play.desk, token)

    changes = [Change.model_validate(it.doc) for it in play.desk.store.read_log(LOG, None, 1000)]
    assert (first, stored(play, paper).opened_at) == (clock.now() - timedelta(hours=1), first)
    assert sum(it.cause == f"paper_opened:{paper.id}" for it in changes) == 1


def test_draft_that_a_colleague_looks_at_is_not_opened_by_its_client(play, clock):
    deal = play.new_deal(clock)
    play.do(SYSTEM, "deal.edit", deal=deal.id, amount_minor=100)
    told = play.do(OLGA, "paper.make", deal=deal.id, what="offer")
    _, page = ask(play.desk, told.address.rpartition("/")[2])

    assert "черновик" in page
    assert stored(play, told.paper).opened_at is None


def test_offer_is_told_in_its_own_gender_and_nobody_is_asked_not_to_pay_it(play, clock):
    paper, token = sent(play, clock, "offer")
    assert "отправлено" in ask(play.desk, token)[1]

    play.do(OLGA, "paper.void", paper=paper.id)
    page = ask(play.desk, token)[1]
    assert "отозвано" in page
    assert "не оплачивайте" not in page


def test_each_number_of_a_position_has_its_name_for_a_narrow_screen(play, clock):
    _, token = sent(play, clock)
    page = ask(play.desk, token)[1]

    assert '<td class="n" data-name="Количество">1,5</td>' in page
    assert '<td class="n" data-name="Скидка"></td>' in page  # of the position without one


def test_void_invoice_says_not_to_pay(play, clock):
    paper, token = sent(play, clock)
    play.do(OLGA, "paper.void", paper=paper.id)

    assert "не оплачивайте" in ask(play.desk, token)[1]


def test_paid_part_and_what_is_left_stand_below_the_total(play, clock):
    paper, token = sent(play, clock)
    play.do(SYSTEM, "deal.pay", deal=paper.deal_id, amount_minor=100_000_000, reference="1")
    _, page = ask(play.desk, token)

    assert "оплачен частично" in page
    assert "1\u00a0666,58\u00a0₽" in page


def test_paper_of_a_forgotten_client_opens_no_more_and_keeps_no_words(play, clock):
    paper, token = sent(play, clock, subject=HOSTILE)
    forget(play.desk, OLGA, paper.client_id, cause="forget")

    assert ask(play.desk, token)[0].status == 404
    kept = stored(play, paper)
    assert (kept.subject, kept.text, kept.total_minor) == ("", "", paper.total_minor)


def test_nobody_s_log_and_history_holds_the_address(play, clock):
    _, token = sent(play, clock, "offer")
    entries = play.desk.store.read_log(LOG, None, 1000)

    assert token not in str([it.doc for it in entries])
    assert not [hit for hit in play.desk.store.query(Query("activities")) if token in str(hit.doc)]


@pytest.mark.parametrize(
    ("minor", "ru", "en"),
    [
        (0, "0,00", "0.00"),
        (5, "0,05", "0.05"),
        (123_456_789, "1\u00a0234\u00a0567,89", "1,234,567.89"),
    ],
)
def test_money_is_written_as_people_write_it(minor, ru, en):
    assert (money(minor, "ru"), money(minor, "en")) == (ru, en)
