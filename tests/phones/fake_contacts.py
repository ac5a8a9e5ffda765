"""A Google account's contacts in memory, as strict as Google: whole batches, etags, sync tokens.

A listing with a sync token may show an older version of a contact (`late`), once: the next one has
the newer.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from tests.mirrored_office import Account

from kartoteka.domain.errors import ConfigError, Conflict, NotFound
from kartoteka.ports import ContactCard, ContactPage, ContactSeen, SyncExpired


class FakeContacts(Account):
    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, ContactSeen] = {}
        self.labels: dict[str, str] = {}
        self.expired = False
        self.late: dict[str, ContactSeen] = {}
        self._log: list[str] = []
        self._born = 0
        self._numbers = count(1)

    def page(self, sync_token: str | None, page_token: str | None) -> ContactPage:
        def work() -> ContactPage:
            if sync_token is None:
                self.expired = False
                return ContactPage(tuple(self.held.values()), None, str(len(self._log)))
            if self.expired:
                raise SyncExpired
            names = dict.fromkeys(self._log[int(sync_token) :])
            seen = tuple(self.late.get(name) or self._shown(name) for name in names)
            token = str(len(self._log))
            self._log += [name for name in names if self.late.pop(name, None)]
            return ContactPage(seen, None, token)

        return self._called("page", work)

    def get(self, resources: Sequence[str]) -> list[ContactSeen | None]:
        assert len(resources) <= 200
        return self._called("get", lambda: [self.held.get(name) for name in resources])

    def create(self, cards: Sequence[ContactCard]) -> list[ContactSeen | None]:
        assert 0 < len(cards) <= 200

        def work() -> list[ContactSeen | None]:
            self._check_labels(cards)
            return [self._keep(f"people/c{next(self._numbers)}", card) for card in cards]

        return self._called("create", work)

    def update(self, seen: Sequence[ContactSeen]) -> list[ContactSeen | None]:
        assert 0 < len(seen) <= 200

        def work() -> list[ContactSeen | None]:
            if any(item.resource not in self.held for item in seen):
                raise NotFound("a contact is not there", code="google_gone")
            self._check_labels([item.card for item in seen])
            if any(self.held[item.resource].etag != item.etag for item in seen):
                raise Conflict("Request person.etag is different")
            return [self._keep(item.resource, item.card) for item in seen]

        return self._called("update", work)

    def delete(self, resources: Sequence[str]) -> None:
        assert 0 < len(resources) <= 500

        def work() -> None:
            if not set(resources) <= set(self.held):
                raise NotFound("a contact to be deleted is not there", code="google_gone")
            for resource in resources:
                self.taken_away(resource)

        self._called("delete", work)

    def groups(self) -> dict[str, str]:
        return self._called("groups", lambda: dict(self.labels))

    def create_group(self, name: str) -> str:
        def work() -> str:
            if name in self.labels:
                raise ConfigError("Contact group name already exists.")
            self.labels[name] = f"contactGroups/{len(self.labels) + 1:x}"
            return self.labels[name]

        return self._called("create_group", work)

    # What a person does on the phone.

    def edited(self, resource: str, **fields: object) -> None:
        held = self.held[resource]
        self._keep(resource, replace(held.card, **fields))  # type: ignore[arg-type]

    def made(self, card: ContactCard) -> str:
        return self._keep(f"people/c{next(self._numbers)}", card).resource

    def taken_away(self, resource: str) -> None:
        del self.held[resource]
        self._log.append(resource)

    def label_deleted(self, name: str) -> None:
        gone = self.labels.pop(name)
        for resource, seen in list(self.held.items()):
            if gone in seen.card.groups:
                self.edited(resource, groups=tuple(it for it in seen.card.groups if it != gone))

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call in {"create", "update", "delete"}]

    def of(self, client_id: str) -> list[ContactSeen]:
        return [it for it in self.held.values() if it.card.external_id == client_id]

    def _check_labels(self, cards: Sequence[ContactCard]) -> None:
        known = set(self.labels.values())
        if any(group not in known for card in cards for group in card.groups):
            raise ConfigError("Contact group not found")

    def _shown(self, resource: str) -> ContactSeen:
        gone = ContactSeen(resource, "", ContactCard(""), deleted=True)
        return self.held.get(resource, gone)

    def _keep(self, resource: str, card: ContactCard) -> ContactSeen:
        self.held[resource] = ContactSeen(resource, f"e{next(self._numbers)}", card)
        self._log.append(resource)
        return self.held[resource]
