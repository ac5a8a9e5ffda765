"""Which letters the office does not take, and which domains are its own; A6."""

import re
from collections.abc import Callable

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.mail import MailRules
from kartoteka.domain.office import Office
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office

_DOMAIN = re.compile(r"(?=.{1,253}$)[^\s@<>\"',;:/]{1,63}(?:\.[^\s@<>\"',;:/]{1,63})+")
_MOST = 2_000


class Place(Versioned):
    """An address, or a domain with everything below it."""

    place: str = Field(min_length=1, max_length=254, description="name@domain or domain")


class SetMailRules(Versioned):
    """What letters are the office's own, and how far back a new mailbox is read."""

    own_domains: tuple[str, ...] | None = Field(
        default=None, max_length=100, description="beside those of the staff's addresses"
    )
    first_days: int | None = Field(default=None, ge=0, le=30)


def exclude(desk: Desk, actor: Actor, form: Place, cause: str) -> Saved:
    """Return what was saved: letters from there are kept as ignored and make no requests.

    Raises:
        Invalid: neither an address nor a domain, or the list is full.
        NotAllowed: the actor does not set the office up.
    """
    place = _place(form.place, "place")

    def change(rules: MailRules) -> MailRules:
        listed = tuple(sorted({*rules.excluded, place}))
        if len(listed) > _MOST:
            raise Invalid("the list is full", fields={"place": "full"}, code="mail_list_full")
        return rules.model_copy(update={"excluded": listed})

    return _saved(desk, actor, change, form=form, cause=cause, name=place)


def include(desk: Desk, actor: Actor, form: Place, cause: str) -> Saved:
    """Return what was saved: letters from there are taken again; taking twice is harmless."""
    place = form.place.strip().lower()

    def change(rules: MailRules) -> MailRules:
        left = tuple(item for item in rules.excluded if item != place)
        return rules.model_copy(update={"excluded": left})

    return _saved(desk, actor, change, form=form, cause=cause, name=place)


def set_rules(desk: Desk, actor: Actor, form: SetMailRules, cause: str) -> Saved:
    """Return what was saved; what is not given stays."""
    given: dict[str, object] = {}
    if form.own_domains is not None:
        given["own_domains"] = tuple(_place(item, "own_domains") for item in form.own_domains)
    if form.first_days is not None:
        given["first_days"] = form.first_days

    def change(rules: MailRules) -> MailRules:
        return rules.model_copy(update=given)

    return _saved(desk, actor, change, form=form, cause=cause, name="mail")


def _saved(
    desk: Desk,
    actor: Actor,
    change: Callable[[MailRules], MailRules],
    *,
    form: Versioned,
    cause: str,
    name: str,
) -> Saved:
    def work(office: Office) -> Office:
        return office.model_copy(update={"mail": change(office.mail)})

    return save_office(desk, actor, work, cause=cause, name=name, expected=form.expected)


def _place(text: str, field: str) -> str:
    place = text.strip().lower().removeprefix("@")
    if identity.email(place) or _DOMAIN.fullmatch(place):
        return place
    raise Invalid(
        f"{text!r} is neither an address nor a domain",
        fields={field: "place"},
        code="mail_place",
        place=text,
    )


MAIL_SETTINGS: Registry = {
    "mail.exclude": Command("take no letters from an address or a domain", Place, exclude),
    "mail.include": Command("take letters from there again", Place, include),
    "mail.rules": Command(
        "name the office's own domains and how far back to read", SetMailRules, set_rules
    ),
}
