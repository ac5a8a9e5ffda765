"""When the office writes to many, how fast each sender may be, which consents count; J8."""

from datetime import time

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.mailing import GMAIL, Limit, MailingRules
from kartoteka.domain.model import Value
from kartoteka.domain.office import Account, Office, Settings
from kartoteka.services.campaign_forms import ShowRules
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.settings_edit import Saved, Versioned, one_of, save_office


class SetMailing(Versioned):
    """What is not given stays."""

    quiet_from: time | None = Field(default=None, description="in the client's time zone")
    quiet_to: time | None = Field(default=None, description="equal to the other: never quiet")
    consents: tuple[str, ...] | None = Field(
        default=None, max_length=100, description="versions of forms' consents to mailings"
    )
    limits: dict[str, Limit] = Field(
        default_factory=dict, max_length=100, description="by id of the account, or gmail"
    )


class MailingShown(Value):
    """The rules in force."""

    rules: MailingRules
    version: AwareDatetime | None = None


def set_mailing(desk: Desk, actor: Actor, form: SetMailing, cause: str) -> Saved:
    """Return what was saved.

    Raises:
        NotAllowed: the actor does not set the office up. Invalid: a limit names no account.
    """
    around = read_settings(desk.store)

    def work(office: Office) -> Office:
        return office.model_copy(update={"mailing": _changed(office.mailing, form, around)})

    return save_office(desk, actor, work, cause=cause, name="mailing", expected=form.expected)


def shown(desk: Desk, actor: Actor, form: ShowRules, cause: str) -> MailingShown:
    """Return the rules in force.

    Raises:
        NotAllowed: the actor does not set the office up.
    """
    del form, cause  # nothing to choose, nothing is written
    around = read_settings(desk.store)
    check_setup(actor, Office, around, field="mailing")
    return MailingShown(rules=around.office.mailing, version=around.office.updated_at)


def _changed(rules: MailingRules, form: SetMailing, around: Settings) -> MailingRules:
    known: dict[str, Account | None] = {it.id: it for it in around.accounts}
    for name in form.limits:
        one_of(known | {GMAIL: None}, name)
    given = form.model_dump(include={"quiet_from", "quiet_to", "consents"}, exclude_none=True)
    limits = {**rules.limits, **form.limits}
    return rules.model_copy(update={**given, "limits": limits})


MAILING_SETTINGS: Registry = {
    "mailing.rules": Command("when and how fast to write to many", SetMailing, set_mailing),
    "mailing.show": Command("the rules of writing to many", ShowRules, shown),
}
