"""Whatever people, the office, Google and crashes do: contacts are the store, and nothing is lost.

A machine of random acts on three phones: edits by people, changes by the office, drains and looks
that break before or after any call to Google and before any commit, tokens that expire, lists that
show old versions, cards that move to other accounts. In the end every card is there once and says
what the store says, every word that a person typed is in the store, in the journal or in a contact
of their own, and no name that the office replaced has come back.
"""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from tests.mirrored_office import FULL, STORIES, MirrorMachine, prepared
from tests.phones.fake_contacts import FakeContacts
from tests.phones.phone_office import Phones

from kartoteka.domain.errors import Conflict, Rejected
from kartoteka.domain.model import Client
from kartoteka.ports import ContactCard, ContactSeen, Query
from kartoteka.services.office import Desk
from sync.phones import accounts, links
from sync.phones.digest import digests, named
from sync.phones.links import OFF, PRIVATE
from sync.phones.writer import Writer

pytestmark = [pytest.mark.fault, pytest.mark.timeout(3600)] if FULL else []

PEOPLE = ("st_anna", "st_boris", "st_olga")
GONE = ("st_viktor", "st_vera", "st_gleb", "st_dina", "st_egor", "st_inna", "st_mark")
PLACES = st.integers(0, 30)
BREAKS = st.sampled_from(["", "lose", "fail", "left"])


@cache
def three_people() -> bytes:
    def change(desk: Desk) -> None:
        for staff_id in GONE:
            Phones(desk, {}).do("staff.dismiss", staff=staff_id)

    return prepared(change)


@cache
def office(*, per_person: bool, rename: str, restore: bool) -> bytes:
    """Three people with phones, or the office's one account."""
    accounts = "staff" if per_person else "office"

    def change(desk: Desk) -> None:
        Phones(desk, {}).do("phones.set", accounts=accounts, rename=rename, restore=restore)

    return prepared(change, three_people())


class PhonesMachine(MirrorMachine):
    @initialize(
        per_person=st.booleans(),
        rename=st.sampled_from(["command", "propose", "ignore"]),
        restore=st.booleans(),
    )
    def open_office(self, per_person: bool, rename: str, restore: bool) -> None:
        desk = self.open_desk(office(per_person=per_person, rename=rename, restore=restore))
        self.phones = Phones(desk, defaultdict(FakeContacts))
        self.numbers = count(1)
        self.typed: dict[str, str] = {}  # token: what it was typed as
        self.copied: set[str] = set()
        self.past: set[str] = set()  # names that the office replaced
        self.phones.client(next(self.numbers), "st_anna")
        self.attempt(self.phones.drain)

    # The office.

    @rule(owner=st.sampled_from(PEOPLE[:2]))
    def client_comes(self, owner: str) -> None:
        self.phones.client(next(self.numbers), owner)

    @rule(place=PLACES)
    def client_is_renamed(self, place: int) -> None:
        client = self.client(place)
        if client:
            self.past.add(client.name)
            self.phones.do("client.edit", client=client.id, name=f"Имя {next(self.numbers)}")

    @rule(place=PLACES, owner=st.sampled_from(PEOPLE[:2]))
    def client_changes_hands(self, place: int, owner: str) -> None:
        client = self.client(place)
        if client and client.open_lead_id:
            self.phones.do("lead.assign", lead=client.open_lead_id, owner=owner)

    @rule(left=PLACES, right=PLACES)
    def clients_are_merged(self, left: int, right: int) -> None:
        one, other = self.client(left), self.client(right)
        if one and other and one.id != other.id:
            prefer = dict.fromkeys(("name", "company", "segment", "owner_id"), one.id)
            try:
                self.phones.do("client.merge", left=one.id, right=other.id, prefer=prefer)
            except (Rejected, Conflict):
                return

    @rule(mode=st.sampled_from(["office", "staff"]), often=st.integers(0, 2))
    def cards_move_to_other_accounts(self, mode: str, often: int) -> None:
        if not often:
            self.phones.do("phones.set", accounts=mode)

    @rule(minutes=st.sampled_from([1, 20, 600]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    # People.

    @rule(phone=PLACES, place=PLACES)
    def words_are_typed(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            token = self.token("words")
            account.edited(seen.resource, note=f"{seen.card.note}\n{token}")

    @rule(phone=PLACES, place=PLACES)
    def contact_is_renamed(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            self.typed.pop(seen.card.given_name, None)
            account.edited(seen.resource, given_name=self.token("name"))

    @rule(phone=PLACES, place=PLACES)
    def number_is_added(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            number = f"+7495{next(self.numbers):07}"
            self.typed[number] = "number"
            account.edited(seen.resource, phones=(*seen.card.phones, (number, "work")))

    @rule(phone=PLACES, place=PLACES)
    def line_of_ours_is_changed(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            account.edited(seen.resource, title="Моя", suffix="", note=f"шапка\n{seen.card.note}")

    @rule(phone=PLACES, place=PLACES)
    def contact_is_deleted(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            said = json.dumps(repr(seen.card), ensure_ascii=False)
            self.typed = {it: what for it, what in self.typed.items() if it not in said}
            account.taken_away(seen.resource)

    @rule(phone=PLACES, place=PLACES)
    def contact_is_copied(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            said = repr(seen.card)
            self.copied |= {token for token in self.typed if token in said}
            account.made(replace(seen.card, note=f"{seen.card.note}\n{self.token('words')}"))

    @rule(phone=PLACES)
    def new_contact_is_made(self, phone: int) -> None:
        account = self.account(phone)
        label = account.labels.get("К·Новый")
        if label:
            number = f"+7812{next(self.numbers):07}"
            self.typed[number] = "number"
            self.make(account, number, label)

    @rule(phone=PLACES, place=PLACES)
    def known_client_is_made_anew(self, phone: int, place: int) -> None:
        account, client = self.account(phone), self.client(place)
        label = account.labels.get("К·Новый")
        if client and client.phones and label:
            self.make(account, client.phones[0], label)

    # Google and we.

    @rule(way=BREAKS, call=st.integers(1, 6))
    def drained(self, way: str, call: int) -> None:
        self.broken(way, call)
        self.attempt(self.phones.drain)

    @rule(way=BREAKS, call=st.integers(1, 6))
    def looked(self, way: str, call: int) -> None:
        self.broken(way, call)
        self.attempt(self.phones.look)

    @rule(phone=PLACES)
    def token_expires(self, phone: int) -> None:
        self.account(phone).expired = True

    @rule(phone=PLACES, place=PLACES)
    def list_lags_behind(self, phone: int, place: int) -> None:
        found = self.contact(phone, place)
        if found:
            account, seen = found
            account.late[seen.resource] = seen

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def no_card_is_there_twice_by_our_hand(self) -> None:
        for book in accounts.wanted(self.phones.desk.settings()).values():
            resources = [it.resource for it in links.of_account(self.store, book.key)]
            known = [name for name in resources if name]
            assert len(known) == len(set(known))

    def everything_settles(self) -> None:
        self.broken("", 0)
        for _ in range(3):
            self.phones.settle()
        for book in accounts.wanted(self.phones.desk.settings()).values():
            self.check_account(Writer(self.phones.desk, self.phones.accounts[book.email], book))
        left = [seen.card for account in self.retired() for seen in account.held.values()]
        assert [card for card in left if card.external_id] == []
        self.check_words()
        self.check_names()
        for account in self.phones.accounts.values():
            account.calls.clear()
        self.phones.settle()
        assert [account.writes for account in self.phones.accounts.values() if account.writes] == []

    def check_account(self, writer: Writer) -> None:
        clients = [hit.id for hit in self.store.query(Query("clients"))]
        meant = writer.meant(clients)
        account = writer.contacts
        assert isinstance(account, FakeContacts)
        ours = [seen for seen in account.held.values() if seen.card.external_id]
        others = {name for name, it in account.held.items() if not it.card.external_id}
        of_account = list(links.of_account(self.store, writer.book.key))
        assert others == {link.resource for link in of_account if link.state == PRIVATE}
        deleted = {link.client_id for link in of_account if link.state == OFF}
        assert not deleted or not self.phones.desk.settings().office.phones.restore
        meant = {name: card for name, card in meant.items() if name not in deleted}
        shown = Counter(seen.card.external_id for seen in ours)
        assert shown == Counter(meant.keys())
        for seen in ours:
            said = digests(named(seen.card, account.labels), "RU")
            assert said == digests(meant[seen.card.external_id], "RU")

    def check_words(self) -> None:
        kept = {
            name: json.dumps([hit.doc for hit in self.store.query(Query(name))], ensure_ascii=False)
            for name in ("activities", "clients", "leads", "proposals", "conflicts")
        }
        log = [entry.doc for entry in self.store.read_log("changes", None, 10_000)]
        kept["log"] = json.dumps(log, ensure_ascii=False, default=str)
        cards = [it.card for one in self.phones.accounts.values() for it in one.held.values()]
        kept["own"] = repr([card for card in cards if not card.external_id])
        lost = {it for it in self.typed if not any(it in said for said in kept.values())}
        assert lost == set()
        words = [it for it, what in self.typed.items() if what == "words"]
        twice = [it for it in words if kept["activities"].count(it) > 1]
        assert set(twice) <= self.copied

    def check_names(self) -> None:
        """What the office replaced does not come back: nobody typed it."""
        docs = [hit.doc for hit in self.store.query(Query("clients"))]
        assert {str(it["name"]) for it in docs if not it["merged_into"]} & self.past == set()

    # What a rule works on.

    def token(self, what: str) -> str:
        token = f"слово{next(self.numbers):05}"
        self.typed[token] = what
        return token

    def make(self, account: FakeContacts, number: str, label: str) -> None:
        name, note = self.token("name"), self.token("words")
        account.made(ContactCard("", name, phones=((number, ""),), note=note, groups=(label,)))

    def client(self, place: int) -> Client | None:
        docs = [hit.doc for hit in self.store.query(Query("clients"))]
        living = [it for it in map(Client.model_validate, docs) if not it.merged_into]
        return living[place % len(living)] if living else None

    def account(self, phone: int) -> FakeContacts:
        books = list(accounts.wanted(self.phones.desk.settings()).values())
        return self.phones.accounts[books[phone % len(books)].email]

    def retired(self) -> list[FakeContacts]:
        books = accounts.wanted(self.phones.desk.settings()).values()
        wanted = {book.email for book in books}
        return [it for email, it in self.phones.accounts.items() if email not in wanted]

    def contact(self, phone: int, place: int) -> tuple[FakeContacts, ContactSeen] | None:
        account = self.account(phone)
        seen = [it for it in account.held.values() if it.card.external_id]
        return (account, seen[place % len(seen)]) if seen else None

    def broken(self, way: str, call: int) -> None:
        for account in self.phones.accounts.values():
            account.lose = account.fail = 0
            if way and way != "left":
                setattr(account, way, call)
        self.mortal.left = call if way == "left" else 0


TestPhones = PhonesMachine.TestCase
TestPhones.settings = STORIES


def test_words_in_a_card_and_in_its_copy_are_told_once_whatever_dies_between() -> None:
    """A story that chance found: the mark of what was taken moves between two looks at the copy."""
    story = PhonesMachine()
    story.open_office(per_person=True, rename="propose", restore=False)
    story.line_of_ours_is_changed(phone=9, place=25)
    story.client_is_renamed(place=29)
    story.words_are_typed(phone=27, place=28)
    story.drained(way="left", call=4)
    story.contact_is_copied(phone=3, place=11)
    story.looked(way="left", call=4)
    story.drained(way="lose", call=3)
    story.teardown()
