"""The column of actions: what people choose in a row, what comes of it, and never twice."""

from datetime import timedelta

import pytest
from tests.sync.books_office import ANNA_BOOK, BORIS_BOOK, HEAD_BOOK, Shelf
from tests.sync.sheets_office import ANNA, BORIS

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.office import Account
from kartoteka.ports import Query
from kartoteka.services.duplicates import ask
from kartoteka.services.unit import transact
from sync.actions.offers import OFFERS, labels
from sync.columns import Frame
from sync.shelf import payments, tabs

VIKTOR, OLGA, INNA = "viktor@office.example", "olga@office.example", "inna@office.example"


def without_exchange(shelf: Shelf) -> None:
    """The office has no telephony: people write their calls down."""
    store = shelf.app.store
    for found in list(store.query(Query("accounts"))):
        account = Account.model_validate(found.doc)
        off = account.model_copy(update={"active": False}).model_dump(mode="json")
        store.run(lambda tx, key=found.id, doc=off: tx.put("accounts", key, doc))
    shelf.app.desk.settings.forget()


def a_deal(shelf: Shelf, **given: object) -> Deal:
    lead = shelf.request("Ирина")
    return shelf.do(
        "deal.create", VIKTOR, name="Спор", client=shelf.lead(lead).client_id,
        owner="st_anna", deal_type="Иск", **given,
    )  # fmt: skip


def activities(shelf: Shelf) -> list[str]:
    found = shelf.app.store.query(Query("activities"))
    return sorted(str(it.doc["what"]) for it in found if it.doc["manual"])


def test_free_request_is_taken_by_the_first_and_the_second_hears_who(shelf: Shelf) -> None:
    lead = shelf.free("Ничья")
    shelf.drain()
    shelf.there(BORIS_BOOK, tabs.FREE).type(lead, "Действие", "Взять")
    shelf.tells(BORIS_BOOK, BORIS, tabs.FREE, lead)

    shelf.picks(ANNA_BOOK, ANNA, lead, "Взять", tab=tabs.FREE)

    assert shelf.lead(lead).owner_id == "st_anna"
    assert shelf.there(ANNA_BOOK, tabs.FREE).ids() == []
    shelf.drain()
    assert shelf.there(ANNA_BOOK).ids() == [lead]
    assert shelf.there(BORIS_BOOK, tabs.FREE).ids() == []
    assert shelf.wrong_anywhere() == []


def test_action_is_done_said_beside_and_its_cell_is_empty(shelf: Shelf) -> None:
    lead = shelf.request()
    without_exchange(shelf)
    shelf.drain()

    said = shelf.picks(ANNA_BOOK, ANNA, lead, "Не дозвонился: никто не взял трубку")

    assert said == "09:01 ✓ Не дозвонился: никто не взял трубку"
    assert shelf.there(ANNA_BOOK).shown(lead, "Действие") == ""
    assert activities(shelf) == ["call"]


def test_refused_action_says_why(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()

    said = shelf.picks(ANNA_BOOK, ANNA, lead, "В сделку")

    assert said.startswith("09:01 ✗ ")
    assert "только после звонка" in said
    assert shelf.there(ANNA_BOOK).shown(lead, "Действие") == ""
    assert shelf.there(ANNA_BOOK).row_notes == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Плясать", "Такого действия здесь нет"),
        ("Позвонил", "Допишите после двоеточия"),
        ("Позвонил: ", "Допишите после двоеточия"),
        ("Передать: Кто-то", "Такого сотрудника нет"),
        ("Перезвонить когда-нибудь", "Непонятно, когда"),
        ("=IMPORTXML(1)", "Такого действия здесь нет"),
    ],
)
def test_action_nobody_understands_is_explained(shelf: Shelf, typed: str, said: str) -> None:
    lead = shelf.request()
    shelf.drain()

    assert said in shelf.picks(ANNA_BOOK, ANNA, lead, typed)


def test_hook_delivered_twice_does_the_action_once(shelf: Shelf) -> None:
    lead = shelf.request()
    without_exchange(shelf)
    shelf.drain()
    shelf.there(ANNA_BOOK).type(lead, "Действие", "Написал: отправила условия")
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead)
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead)

    shelf.drain()
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead)
    shelf.drain()

    assert activities(shelf) == ["letter"]
    assert shelf.conflicts() == []


@pytest.mark.parametrize("applied", [False, True])
def test_flush_that_dies_after_the_command_does_not_repeat_it(shelf: Shelf, applied: bool) -> None:
    lead = shelf.request()
    without_exchange(shelf)
    shelf.drain()
    shelf.look()
    shelf.there(ANNA_BOOK).type(lead, "Действие", "Написал: отправила условия")
    shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead)
    shelf.sheets.fail_soon(1, applied=applied)
    with pytest.raises(ProviderDown):
        shelf.drain()

    shelf.drain()

    assert activities(shelf) == ["letter"]
    assert "✓" in str(shelf.there(ANNA_BOOK).shown(lead, "Итог"))
    assert shelf.there(ANNA_BOOK).shown(lead, "Действие") == ""


def test_same_action_may_be_chosen_again_later(shelf: Shelf) -> None:
    lead = shelf.request()
    without_exchange(shelf)
    shelf.drain()

    for _ in range(2):
        shelf.picks(ANNA_BOOK, ANNA, lead, "Написал: отправила условия")

    assert activities(shelf) == ["letter", "letter"]


def test_dragged_action_is_done_in_every_row_and_not_in_copies(shelf: Shelf) -> None:
    without_exchange(shelf)
    ids = [shelf.request() for _ in range(4)]
    shelf.drain()
    there = shelf.there(ANNA_BOOK)
    for lead in ids:
        there.type(lead, "Действие", "Написал: письмо всем")
        shelf.tells(ANNA_BOOK, ANNA, tabs.MY_REQUESTS, lead)
    there.insert_row(5, list(there.tab.grid[1]))

    shelf.drain()

    assert activities(shelf) == ["letter"] * 4


def test_stranger_and_colleague_do_nothing_in_a_row(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()

    assert "Вас нет" in shelf.picks(ANNA_BOOK, "who@elsewhere.example", lead, "Брак: спам")
    assert "✗" in shelf.picks(ANNA_BOOK, BORIS, lead, "Брак: спам")
    assert shelf.lead(lead).stage == "new"


def test_outcome_typed_over_is_taken_back(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    shelf.picks(ANNA_BOOK, ANNA, lead, "Плясать")
    shelf.there(ANNA_BOOK).type(lead, "Итог", "сама написала")

    shelf.look()

    assert shelf.there(ANNA_BOOK).shown(lead, "Итог") == ""


def test_hand_over_with_a_reason_moves_the_row(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()

    shelf.picks(ANNA_BOOK, ANNA, lead, "Передать: Борис Ким: ухожу в отпуск")
    shelf.drain()

    assert shelf.lead(lead).owner_id == "st_boris"
    assert shelf.there(ANNA_BOOK).ids() == []
    assert shelf.there(BORIS_BOOK).ids() == [lead]


def test_call_back_wait_and_defer_set_the_next_step(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.put_on_stage(lead, "c1")
    shelf.drain()

    assert "✓" in shelf.picks(ANNA_BOOK, ANNA, lead, "Перезвонить через 1 час")
    assert shelf.lead(lead).next_at == shelf.clock.now() + timedelta(hours=1)
    assert "✓" in shelf.picks(ANNA_BOOK, ANNA, lead, "Ждём ответа через 3 дня")
    assert shelf.lead(lead).wait_until is not None
    assert "✓" in shelf.picks(ANNA_BOOK, ANNA, lead, "Отложить через месяц")
    assert shelf.lead(lead).stage == "def"
    shelf.drain()
    assert shelf.wrong_anywhere() == []


def test_last_task_done_asks_what_is_next_and_takes_the_answer(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    task = shelf.do(
        "task.create", VIKTOR, title="Отправить КП", due="2026-11-23T15:00:00+03:00",
        deal=deal.id, assignee="st_anna",
    ).id  # fmt: skip
    shelf.drain()

    asked = shelf.picks(ANNA_BOOK, ANNA, task, "Готово: отправила", tab=tabs.MY_TASKS)
    shelf.picks(ANNA_BOOK, ANNA, task, "Готово, потом звонок завтра", tab=tabs.MY_TASKS)

    assert "✗" in asked
    assert shelf.app.store.get("tasks", task)["state"] == "done"
    assert shelf.app.store.get("deals", deal.id)["next_action"]["what"] == "call"
    assert task not in shelf.there(ANNA_BOOK, tabs.MY_TASKS).ids()


def test_task_is_started_and_postponed(shelf: Shelf) -> None:
    task = shelf.task(shelf.request())
    shelf.drain()

    assert "✓" in shelf.picks(ANNA_BOOK, ANNA, task, "В работу", tab=tabs.MY_TASKS)
    assert "✓" in shelf.picks(ANNA_BOOK, ANNA, task, "Перенести 24.11 15:30", tab=tabs.MY_TASKS)
    doc = shelf.app.store.get("tasks", task)
    assert (doc["state"], doc["due_at"][:16]) == ("working", "2026-11-24T12:30")


def test_offer_sent_moves_the_deal_with_its_proof(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    shelf.drain()

    said = shelf.picks(ANNA_BOOK, ANNA, deal.id, "КП отправлено: КП-12.pdf", tab=tabs.MY_DEALS)

    doc = shelf.app.store.get("deals", deal.id)
    assert "✓" in said
    assert (doc["stage"], doc["evidence"]["offer_file"]) == ("wait", "КП-12.pdf")


def test_payment_is_recorded_by_the_accountant_only(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    shelf.do("deal.edit", VIKTOR, deal=deal.id, amount_minor=1_500_000,
             invoice_due="2026-12-01T12:00:00+03:00")  # fmt: skip
    shelf.drain()

    said = shelf.picks("payments.st_inna", INNA, deal.id, "Оплата: 5 000,50 № 12",
                       tab=payments.PAYMENTS)  # fmt: skip
    shelf.drain()

    assert "✓" in said
    there = shelf.there("payments.st_inna", payments.PAYMENTS)
    assert (there.shown(deal.id, "Оплачено"), there.shown(deal.id, "Долг")) == (5000.5, 9999.5)


def test_pair_is_merged_or_told_apart_from_its_row(shelf: Shelf) -> None:

    one, two = shelf.request("Ирина Соколова"), shelf.request("Ирина Соколова")
    clients = [shelf.lead(lead).client_id for lead in (one, two)]
    shelf.drain()
    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(),
             work=lambda unit: ask(unit, *clients, why="name"))  # fmt: skip
    shelf.drain()
    there = shelf.there(HEAD_BOOK, tabs.PAIRS)
    [pair] = there.ids()
    assert there.shown(pair, "Первый") == there.shown(pair, "Второй") == "Ирина Соколова"

    shelf.picks(HEAD_BOOK, VIKTOR, pair, "Не дубль", tab=tabs.PAIRS)

    assert shelf.app.store.get("pairs", pair)["state"] == "distinct"
    assert there.ids() == []


def test_amount_is_typed_by_the_head_and_read_by_nobody_below(shelf: Shelf) -> None:
    deal = a_deal(shelf)
    shelf.drain()
    shelf.there(HEAD_BOOK, tabs.DEALS).type(deal.id, "Сумма", 150000)
    shelf.tells(HEAD_BOOK, VIKTOR, tabs.DEALS, deal.id, header="Сумма")

    shelf.drain()
    shelf.drain()

    assert shelf.app.store.get("deals", deal.id)["amount_minor"] == 15_000_000
    assert "150000" not in str(shelf.workbook(ANNA_BOOK).tabs)


@pytest.mark.parametrize("kind", sorted(OFFERS))
def test_every_action_offered_is_understood(shelf: Shelf, kind: str) -> None:
    """Each choice of each dropdown is one of its actions, in both languages."""
    settings = shelf.app.desk.settings()
    for locale in ("ru", "en"):
        office = settings.office.model_copy(update={"locale": locale})
        frame = Frame(settings.model_copy(update={"office": office}))
        names = [offer.name(frame) for offer in OFFERS[kind]]
        assert len(set(names)) == len(names)
        for choice in labels(kind, frame):
            fits = [name for name in names if choice.startswith(name)]
            assert fits


def test_typed_request_becomes_a_record_under_its_author(shelf: Shelf) -> None:
    shelf.drain()
    there = shelf.there(ANNA_BOOK)
    there.insert_row(1, ["", "", "Пётр с рынка", "8 916 555-44-33", *[""] * 5, "просил счёт"])

    shelf.look()
    shelf.clock.advance(timedelta(seconds=2))
    shelf.look()
    shelf.drain()

    [lead] = there.ids()
    record = shelf.lead(lead)
    assert (record.name, record.owner_id, record.note) == (
        "Пётр с рынка", "st_anna", "просил счёт",
    )  # fmt: skip
    assert there.shown(lead, "Телефон") == "+79165554433"
    assert shelf.wrong_anywhere() == []


def test_row_that_lacks_a_number_says_so_and_is_taken_when_it_is_there(shelf: Shelf) -> None:
    shelf.drain()
    there = shelf.there(ANNA_BOOK)
    there.insert_row(1, ["", "", "Пётр"])
    settled(shelf)
    note = there.tab.notes[1, 1]

    there.tab.put(1, 3, "8 916 555-44-33")
    settled(shelf)

    assert "телефон" in note.lower()
    assert there.row_notes == {}
    assert shelf.lead(there.ids()[0]).name == "Пётр"


def settled(shelf: Shelf) -> None:
    for _ in range(3):
        shelf.look()
        shelf.clock.advance(timedelta(seconds=2))


def test_typed_client_and_task_become_records(shelf: Shelf) -> None:
    shelf.drain()
    clients, todo = shelf.there(ANNA_BOOK, tabs.MY_CLIENTS), shelf.there(ANNA_BOOK, tabs.MY_TASKS)
    clients.insert_row(1, ["", "Мария", "", "maria@mail.example", "Ромашка"])
    todo.insert_row(1, ["", "Купить бумагу", "", "", 46350.5])

    settled(shelf)

    assert clients.shown(clients.ids()[0], "Компания") == "Ромашка"
    task = shelf.app.store.get("tasks", todo.ids()[0])
    assert (task["title"], task["personal"], task["due_at"][:16]) == (
        "Купить бумагу", True, "2026-11-24T09:00",
    )  # fmt: skip
    assert shelf.wrong_anywhere() == []


def test_pasted_block_of_rows_becomes_as_many_requests(shelf: Shelf) -> None:
    shelf.drain()
    there = shelf.there(ANNA_BOOK)
    for number in range(60):
        there.insert_row(1, ["", "", f"Клиент {number}", f"+7926{number:07}"])

    settled(shelf)

    assert len(there.ids()) == len(set(there.ids())) == 60
    assert shelf.wrong_anywhere() == []
