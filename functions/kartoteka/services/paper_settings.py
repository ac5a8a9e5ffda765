"""Papers by category of goods, and the secret of webhooks: what actions of rules lean on."""

import secrets
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.model import Entity, Value
from kartoteka.domain.office import Account, Office
from kartoteka.domain.papers import CategoryPapers, check_papers
from kartoteka.ports import Store
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.settings_edit import Saved, Versioned, edit_office
from kartoteka.services.unit import Unit, transact

_MOST = 500
_SECRET_BYTES = 32
_ONE = "hooks"


class HookKey(Entity):
    """What signs the webhooks of rules; never in the log, shown once."""

    kind: ClassVar[str] = "hook_key"
    collection: ClassVar[str] = "hook_keys"
    secret: str = Field(repr=False)


class SetPapers(Versioned):
    """The whole table: which papers belong to which category of goods."""

    papers: tuple[CategoryPapers, ...] = Field(max_length=_MOST)


class RotateHooks(Value):
    """Give the webhooks of rules a new secret; the old one is no more."""


def set_papers(desk: Desk, actor: Actor, form: SetPapers, cause: str) -> Saved:
    """Return what was saved.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: an address is not https, or a category stands twice. Conflict: a stale version.
    """
    check_papers(form.papers)

    def change(office: Office) -> Office:
        return office.model_copy(update={"papers": form.papers})

    office = edit_office(desk, actor, change, cause=cause, expected=form.expected)
    return Saved(id="papers", version=office.updated_at)


def rotate_hooks(desk: Desk, actor: Actor, form: RotateHooks, cause: str) -> Saved:
    """Return the new secret, told once.

    Raises:
        NotAllowed: the actor does not set the office up.
    """
    del form  # nothing to choose
    around = read_settings(desk.store)
    check_setup(actor, Account, around, field="secrets")
    key = HookKey(id=_ONE, secret=secrets.token_urlsafe(_SECRET_BYTES))

    def work(unit: Unit) -> None:
        unit.subject = "hooks"
        unit.keep(key, shown=("id",))

    transact(desk.store, actor, cause, desk.now(), work=work)
    return Saved(id=key.id, secret=key.secret)


def hook_secret(store: Store) -> str:
    """Return what signs the webhooks of rules, empty when nobody has made it yet."""
    doc = store.get(HookKey.collection, _ONE)
    return str(doc["secret"]) if doc is not None else ""


PAPER_SETTINGS: Registry = {
    "papers.set": Command("say which papers belong to which goods", SetPapers, set_papers),
    "rule.secret": Command("give webhooks of rules a new secret", RotateHooks, rotate_hooks),
}
