"""What health tells of phones and calendars that stand still, or hold a part of the clients."""

from tests.phones.phone_office import Phones

from kartoteka.domain.ids import StaffId
from kartoteka.services import health
from sync.calendars import agendas
from sync.phones import accounts
from sync.phones.writer import Writer


def lines(phones: Phones, about: str) -> list[str]:
    desk = phones.desk
    return [it for it in health.words(health.examine(desk), "ru") if it.startswith(about)]


def test_phone_over_the_limit_is_told_until_all_clients_fit_again(phones: Phones) -> None:
    phones.do("phones.set", most=3, recent_days=30)
    for number in range(3):
        phones.client(number)
    phones.drain()
    assert lines(phones, "Телефон") == []

    phones.client(4)
    phones.drain()
    [said] = lines(phones, "Телефон office: клиентов больше 3")
    assert "за 30 дн." in said

    phones.do("phones.set", most=10)
    phones.drain()
    assert lines(phones, "Телефон") == []


def test_phone_as_full_as_google_allows_is_told_until_it_is_judged_again(phones: Phones) -> None:
    phones.do("phones.set", most=1)
    phones.drain()
    clients = [phones.client(number) for number in range(3)]
    book = accounts.wanted(phones.desk.settings())["office"]
    tight = Writer(phones.desk, phones.office, book, full=2)
    tight.refresh(clients)
    tight.refresh(clients)
    assert len(phones.office.held) == 2
    assert len(lines(phones, "Телефон office: Google больше не принимает контактов")) == 1

    phones.do("phones.set", most=10)
    phones.drain()
    assert lines(phones, "Телефон") == []


def test_account_that_google_refuses_is_told_until_it_is_connected(phones: Phones) -> None:
    phones.per_person()
    phones.of("st_anna").refuse = True
    phones.client(1, "st_anna")
    phones.drain()
    assert len(lines(phones, "Телефон st_anna: Google не пускает")) == 1

    phones.of("st_anna").refuse = False
    phones.look()
    assert lines(phones, "Телефон") == []


def test_calendar_that_google_refuses_is_told(phones: Phones) -> None:
    store, key = phones.desk.store, f"staff-{StaffId('st_anna')}"
    agendas.remember(store, key, agendas.stuck(agendas.recall(store, key), "revoked"))

    assert len(lines(phones, f"Календарь {key}: Google не пускает")) == 1
