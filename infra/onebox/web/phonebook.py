"""The phones of the office, each with the contacts of the account that its owner uses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kartoteka.domain.phone_rules import OFFICE
from onebox.machine import Machine
from onebox.web.phone import Ringing, caller, display_name, ringing
from onebox.web.phonecard import ContactCard, contact_card

_PICKED = 300  # newest contacts offered in the list


@dataclass(frozen=True, slots=True)
class Screen:
    """What a phone shows: the incoming call, and the contact behind it if there is one."""

    ringing: Ringing
    card: ContactCard | None


class Phones:
    """Looks into the contacts exactly as Google (its stand-in) holds them.

    Args:
        machine: the box.
        last_number: the number of the newest incoming call, empty when there was none.
    """

    def __init__(self, machine: Machine, last_number: Callable[[], str]) -> None:
        self._machine = machine
        self._last_number = last_number

    def owners(self) -> dict[str, str]:
        """Return the name of each colleague by id."""
        settings = self._machine.app.desk.settings()
        return {str(person.id): person.name for person in settings.staff if person.active}

    def contacts(self, owner: str) -> dict[str, str]:
        """Return name by resource name on this phone, newest contacts first."""
        account = self._account(owner)
        if account is None:
            return {}
        with account.lock:
            found = sorted(account.contacts(), key=lambda contact: -contact.seq)[:_PICKED]
            return {contact.resource_name: display_name(contact.fields) for contact in found}

    def screen(self, owner: str, resource_name: str) -> Screen | None:
        """Return what this phone shows of a contact, or of the last caller; None: it is quiet."""
        account = self._account(owner)
        if account is None:
            return None
        number = "" if resource_name else self._last_number()
        with account.lock:
            contact = account.live(resource_name) if resource_name else _found(account, number)
            if contact is None:
                return Screen(Ringing(number=number), None) if number else None
            groups = {group.resource_name: group.name for group in account.groups()}
            card = contact_card(contact.fields, [groups.get(it, "") for it in _names(contact)])
            return Screen(ringing(contact.fields, number), card)

    def _account(self, owner: str) -> Any:
        google = self._machine.google
        if google is None:
            return None
        settings = self._machine.app.desk.settings()
        person = settings.person(owner)
        if settings.office.phones.accounts == OFFICE or person is None:
            return google.people.account(self._machine.settings.google_account)
        return google.people.account(person.email)


def _found(account: Any, number: str) -> Any:
    """Return the contact with this number; nobody called yet: the newest contact."""
    if not number:
        return max(account.contacts(), key=lambda contact: contact.seq, default=None)
    return next((it for it in account.contacts() if caller([it.fields], number).known), None)


def _names(contact: Any) -> list[str]:
    return [f"contactGroups/{group}" for group in contact.groups]
