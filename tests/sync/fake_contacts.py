"""A Google account's contacts in memory, with etags that grow stale and answers that get lost."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from kartoteka.domain.errors import Conflict, ProviderDown
from kartoteka.ports import ContactCard, ContactPage, ContactSeen


class FakeContacts:
    """Counts its calls; `lose` makes the answer to the next write vanish after it was applied."""

    def __init__(self) -> None:
        self.held: dict[str, ContactSeen] = {}
        self.labels: dict[str, str] = {}
        self.calls: list[str] = []
        self.lose = False
        self._numbers = count(1)

    def page(self, sync_token: str | None, page_token: str | None) -> ContactPage:
        self.calls.append("page")
        return ContactPage(tuple(self.held.values()), None, "sync1")

    def create(self, cards: Sequence[ContactCard]) -> list[ContactSeen | None]:
        self.calls.append("create")
        made = [self._keep(f"people/c{next(self._numbers)}", card) for card in cards]
        self._maybe_lost()
        return list(made)

    def update(self, seen: Sequence[ContactSeen]) -> list[ContactSeen | None]:
        self.calls.append("update")
        known = [item for item in seen if item.resource in self.held]
        if any(self.held[item.resource].etag != item.etag for item in known):
            raise Conflict("Request person.etag is different")
        done = [self._keep(item.resource, item.card) if item in known else None for item in seen]
        self._maybe_lost()
        return done

    def delete(self, resources: Sequence[str]) -> None:
        self.calls.append("delete")
        for resource in resources:
            self.held.pop(resource, None)

    def groups(self) -> dict[str, str]:
        self.calls.append("groups")
        return dict(self.labels)

    def create_group(self, name: str) -> str:
        self.calls.append("create_group")
        self.labels[name] = f"contactGroups/{len(self.labels) + 1:x}"
        return self.labels[name]

    def touched_by_a_person(self, resource: str) -> None:
        """Change the etag, as an edit on a phone does."""
        held = self.held[resource]
        self.held[resource] = replace(held, etag=held.etag + "x")

    def _keep(self, resource: str, card: ContactCard) -> ContactSeen:
        self.held[resource] = ContactSeen(resource, f"e{next(self._numbers)}", card)
        return self.held[resource]

    def _maybe_lost(self) -> None:
        if self.lose:
            self.lose = False
            raise ProviderDown("Google does not answer")
