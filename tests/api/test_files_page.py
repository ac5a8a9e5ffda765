"""`GET /api/f/…`: who opens the files of a client, and what a browser is given."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from tests.access.office_cast import NOW, client, lead
from tests.api.files_office import PDF, Files, file
from tests.kartoteka.deals.deal_desk import Play

from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import ConfigError, NotAllowed, ProviderDown, RateLimited
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.matrix import BOOK
from kartoteka.domain.model import Client, Role
from kartoteka.services import merge
from kartoteka.services.client_files import listed
from kartoteka.services.file_links import FileKey
from kartoteka.services.forget import forget
from kartoteka.services.read import Look
from kartoteka.services.unit import LOG

OLGA = Actor(kind="staff", id="st_olga", role="director")
TEAM = Actor(kind="staff", id="book", role=BOOK)


@pytest.fixture
def office(desk):
    return Files.of(desk)


def test_who_has_the_record_reads_its_files_and_takes_one(office):
    token = office.token()
    reply, taken = office.open(token), office.open(token, "ac_1.0")

    assert (reply.status, reply.headers["content-language"]) == (200, "ru")
    page = reply.body.decode()
    assert "Файлы: Ирина" in page
    assert f'href="{token}/ac_1.0"' in page
    assert (taken.status, taken.body) == (200, PDF)
    assert taken.headers["content-type"] == "application/pdf"
    assert taken.facts == {"reader": "st_anna", "record": "ld_1", "file": "ac_1"}


def test_request_deal_and_card_lead_to_the_same_files(office):
    for record in ("leads/ld_1", "deals/dl_1", "clients/cl_1"):
        assert "Договор.pdf" in office.page(office.token(record=record))


def test_colleague_who_lost_the_client_loses_the_files(office):
    token = office.token()
    office.put(lead(owner_id="st_boris"), client(owner_id="st_boris"))

    assert office.open(token).status == office.open(token, "ac_1.0").status == 404
    assert "Договор" not in office.page(token)


def test_address_of_somebody_else_s_record_opens_nothing(office):
    token = office.token("boris")

    assert office.open(token).status == 404
    assert office.open(office.token("boris", "leads/ld_2"), "ac_1.0").status == 404
    assert office.drive.read_keys == []


def test_leaver_s_addresses_die_at_once(office):
    token = office.token()
    office.person("anna", active=False)

    assert office.open(token).status == 404


def test_role_without_history_sees_no_file(office):
    token = office.token("olga")
    assert "Договор.pdf" in office.page(token)
    office.person("olga", role=Role.MARKETING)

    assert office.open(token, "ac_1.0").status == 404


def test_address_of_a_shared_book_dies_when_one_of_its_readers_leaves(office):
    shared, directors = office.token_of(TEAM), office.token_of(OLGA.model_copy(update={"id": "b"}))
    assert [office.open(it).status for it in (shared, directors)] == [200, 200]
    office.person("boris", active=False)
    assert [office.open(it).status for it in (shared, directors)] == [404, 200]
    office.person("olga", role=Role.MANAGER)

    assert office.open(directors).status == 404


def test_spoilt_address_opens_nothing(office):
    token = office.token()
    spoilt = [
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.replace("st_anna", "st_olga"),
        token.replace("ld_1", "ld_2"),
        token.replace("lead", "chat"),
        "x" * 5000,
        "~director.lead.ld_1." + "0" * 32,
    ]

    assert [office.open(it).status for it in spoilt] == [404] * len(spoilt)


def test_address_proved_by_another_office_s_secret_opens_nothing(office):
    token = office.token()
    office.put(FileKey(id="files", secret="of another office"))

    assert office.open(token).status == 404


def test_address_stands_neither_in_the_log_nor_in_a_record(office):
    token = office.token()
    entries = [it.doc for it in office.desk.store.read_log(LOG, None, 1000)]

    assert token not in str(entries)
    assert str(office.desk.store.get("file_keys", "files")["secret"]) not in str(entries)


def test_hostile_name_neither_leads_elsewhere_nor_adds_a_header(office):
    token = office.token()
    for name, saved in (
        ("../../etc/passwd", "passwd"),
        ("..\\..\\autorun.inf", "autorun.inf"),
        ("счёт\r\nSet-Cookie: a=b.pdf", "счётSet-Cookie_ a=b.pdf"),
        ('a";filename="b.exe', "a_;filename=_b.exe"),
        ("\u202efdp.exe", "fdp.exe"),
        ("\x00\u200b", "файл"),
        ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
        ("ф" * 400 + ".pdf", "ф" * 116 + ".pdf"),
    ):
        office.sent(file(name))
        said = office.open(token, "ac_1.0").headers["content-disposition"]
        plain, _, whole = said.removeprefix("attachment; ").partition("; filename*=UTF-8''")

        assert re.fullmatch(r"filename=\"[ !#-~]+\"", plain), name
        assert unquote(whole) == saved
        assert f">{saved}</a>" in office.page(token)


def test_file_that_a_browser_would_run_is_given_as_bytes(office):
    for kind in ("text/html", "image/svg+xml", "text/xml", "application/x-sh", ""):
        office.sent(file("страница.html", kind))
        taken = office.open(office.token(), "ac_1.0").headers

        assert taken["content-type"] == "application/octet-stream"
        assert taken["content-disposition"].startswith("attachment;")
        assert taken["x-content-type-options"] == "nosniff"
        assert taken["content-security-policy"].startswith("sandbox;")
        assert taken["cache-control"] == "no-store"


def test_page_runs_nothing_and_loads_nothing(office):
    reply = office.open(office.token())

    assert not re.search(r"(?i)<(script|img|iframe|form)\b|\son\w+=|src=", reply.body.decode())
    assert "script-src" not in reply.headers["content-security-policy"]


def test_file_deleted_in_drive_says_so(office):
    office.drive.kept.clear()
    reply = office.open(office.token(), "ac_1.0")

    assert reply.status == 404
    assert "Этого файла больше нет" in reply.body.decode()


def test_drive_that_gives_nothing_leaves_a_page_that_says_what_to_do(office):
    for fault, status, words in (
        (RateLimited("slow", retry_after=timedelta(seconds=7)), 503, "Подождите"),
        (ProviderDown("500"), 503, "Подождите"),
        (ConfigError("token revoked"), 503, "не подключено"),
        (NotAllowed("forbidden", code="google_forbidden"), 403, "не отдаёт"),
    ):
        office.drive.fault = fault
        reply = office.open(office.token(), "ac_1.0")

        assert (reply.status, words in reply.body.decode()) == (status, True)
        if isinstance(fault, RateLimited):
            assert reply.headers["retry-after"] == "7"


def test_empty_file_and_one_of_ten_megabytes_go_out_whole(office):
    for content in (b"", b"x" * 10_000_000):
        office.drive.kept["fl_1"] = content
        assert office.open(office.token(), "ac_1.0").body == content


def test_file_too_large_for_an_answer_is_not_even_read(office):
    office.drive.sizes["fl_1"] = 30_000_001
    reply = office.open(office.token(), "ac_1.0")

    assert (reply.status, office.drive.read_keys) == (413, [])
    assert "больше 30 МБ" in reply.body.decode()


def test_head_says_what_it_is_and_asks_drive_for_nothing(office):
    reply = office.open(office.token(), "ac_1.0", "HEAD")

    assert (reply.status, reply.body, office.drive.read_keys) == (200, b"", [])


def test_unknown_file_is_not_found(office):
    for name in ("ac_1.1", "ac_1.-1", "ac_1.x", "ac_0.0", ".", "pp_1", "ac_1.²", "ac_1.99999"):
        assert office.open(office.token(), name).status == 404, name


def test_file_of_a_messenger_is_fetched_from_the_account_it_came_by(office):
    account = office.desk.settings().accounts[0]
    came = Inbound(
        id="in_1", channel=account.channel, account=account.id, event_id="1", what="message",
        at=NOW, received_at=NOW,
    )  # fmt: skip
    office.put(came)
    office.sent(file("фото.jpg", "image/jpeg", "photo-7"), inbound_id="in_1")

    assert office.open(office.token(), "ac_1.0").body == f"{account.channel}:photo-7".encode()


def test_link_that_a_client_calls_a_file_leads_nowhere(office):
    office.sent(file("тут", "text/uri-list", "https://evil.example/"), what="message")
    assert "evil.example" not in office.page(office.token())
    office.sent(file("Устав", "text/uri-list", "https://drive.example/1"), what="note")

    assert 'href="https://drive.example/1"' in office.page(office.token())


def test_older_files_are_one_link_away_and_a_made_up_one_is_refused(office):
    office.sent(file("Старый.pdf"), id="ac_0", at=NOW - timedelta(days=1))
    look = Look(office.desk.store, office.desk.settings(), OLGA, office.desk.now())
    newest = listed(look, Client, "cl_1", most=1)
    older = office.page(office.token("olga", "clients/cl_1"), after=str(newest.after))

    assert [it.file.name for it in newest.files] == ["Договор.pdf"]
    assert ("Старый.pdf" in older, "Договор.pdf" in older) == (True, False)
    assert office.open(office.token(), after="xx").status == 422


def test_invoice_stands_below_for_who_may_read_it_and_its_client_did_not_open_it(office):
    play = Play(office.desk)
    play.do(SYSTEM, "deal.line_add", deal="dl_1", name="Пошлина", price_minor=100_00)
    made = play.do(OLGA, "paper.make", deal="dl_1", what="invoice", send=True).paper
    token = office.token("olga")

    assert f"Счёт на оплату № {made.label}" in office.page(token)
    assert office.open(token, made.id).status == 200
    assert office.desk.store.get("papers", made.id)["opened_at"] is None
    assert "Счёт на оплату" not in office.page(office.token())
    assert office.open(office.token(), made.id).status == 404


def test_files_of_a_card_that_became_another_s_are_shown_there(office):
    office.put(client(id="cl_9", name="Ира", created_at=NOW + timedelta(days=1)))
    token = office.token("olga", "clients/cl_9")
    merge.merge(office.desk, OLGA, "cl_1", "cl_9", prefer={"name": "cl_1"}, cause="test")

    assert "Договор.pdf" in office.page(token)


def test_client_forgotten_keeps_no_file_and_no_sign_of_one(office):
    token = office.token("olga", "clients/cl_1")
    assert office.client().has_files
    forget(office.desk, OLGA, "cl_1", cause="forget")

    assert not office.client().has_files
    assert "Договор" not in office.page(token)
    assert office.drive.kept == {}
