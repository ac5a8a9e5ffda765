"""Connections of the office to its channels: an address of its own and secrets for each."""

import secrets

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.channels import CHANNEL_NAMES, SECRET_IN_TWO, SECRET_ISSUED, SENDING_ONLY
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import StaffId, unguessable
from kartoteka.domain.model import Value
from kartoteka.domain.office import Account, Settings
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, edit_part, one_of, stamped
from kartoteka.services.unit import Unit

SECRET_BYTES = 32
_ADDRESSES = (
    *(name for name in CHANNEL_NAMES if name != "form"),  # a form has its own
    *SENDING_ONLY,
)


class AddAccount(Value):
    """Connect a channel; a secret that the provider issues is given, any other is made fresh."""

    channel: str
    title: str = Field(min_length=1, max_length=200)
    source: str = Field(default="", max_length=200, description="empty: as the title")
    secret: str = Field(default="", max_length=500, repr=False)
    owner: str = Field(default="", description="staff id of who gets its new requests")


class Connected(Saved):
    """A new connection: the path to give to the provider behind the office's own address."""

    path: str


def add(desk: Desk, actor: Actor, form: AddAccount, cause: str) -> Connected:
    """Return the new connection: its address and its secret, told once.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: there is no such channel or person, and names those there are; or the provider's
            secret is missing.
    """
    _check_channel(form.channel)
    check_secret(form.channel, form.secret)
    account = Account(
        id=unguessable(form.channel),
        channel=form.channel,
        title=form.title,
        source=form.source or form.title,
        secrets=(form.secret or secrets.token_urlsafe(SECRET_BYTES),),
        owner_id=StaffId(form.owner) if form.owner else None,
    )

    def change(unit: Unit, around: Settings) -> Account:
        if form.owner:
            one_of({person.id: person for person in around.staff if person.active}, form.owner)
        kept = stamped(unit, account, None)
        unit.subject = account.channel
        unit.keep(kept, shown=("channel", "title", "source", "active"))
        return kept

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Connected(
        id=kept.id,
        version=kept.updated_at,
        secret=kept.secrets[0],
        path="" if kept.channel in SENDING_ONLY else f"/ingest/{kept.channel}/{kept.id}",
    )


def _check_channel(name: str) -> None:
    if name not in _ADDRESSES:
        known = ", ".join(_ADDRESSES)
        raise Invalid(
            f"there is no channel {name!r}; known: {known}",
            fields={"channel": "unknown"},
            code="settings_unknown",
            what=name,
            known=known,
        )


def check_secret(name: str, secret: str) -> None:
    """Refuse a secret with which this channel's provider could never prove anything.

    Raises:
        Invalid: the provider issues it and it was not given, or half of a pair is missing.
    """
    if name in SECRET_ISSUED and not secret:
        raise Invalid(
            f"{name} proves itself with a secret that the provider issues: give it",
            fields={"secret": "required"},
            code="secret_needed",
            what=name,
        )
    who, _, proof = secret.partition(":")
    if name in SECRET_IN_TWO and not (who.strip() and proof.strip()):
        raise Invalid(
            f"the secret of {name} is two parts with a colon between them",
            fields={"secret": "invalid"},
            code="secret_in_two",
            what=name,
        )
