"""What a person may ask of letters and messages to many, field by field."""

from pydantic import AwareDatetime, Field

from kartoteka.domain.mailing import MOST_CLIENTS, Basis, Medium
from kartoteka.domain.model import Value
from kartoteka.domain.worktime import Delay
from kartoteka.services.task_forms import Id

_MOST_SHOWN = 20


class Written(Value):
    """What is sent: a template of the office, or words of one's own."""

    template: Id = Field(default="", description="id of a template; instead of words here")
    medium: Medium = "mail"
    subject: str = Field(default="", max_length=250, description="of a letter")
    text: str = Field(default="", max_length=30_000, description="with {{fields}}")
    html: str = Field(default="", max_length=200_000, description="a letter's second face")
    sender: Id = Field(default="", description="id of the account; empty: the office's mailbox")
    basis: Basis = Field(
        default="consent",
        description="consent: who agreed; relation: everybody who did not refuse, about their own"
        " business",
    )


class CreateCampaign(Written):
    """Prepare a text to many; nothing is sent before it is started."""

    name: str = Field(min_length=1, max_length=200)
    segment: Id = Field(default="", description="id of a segment")
    clients: tuple[Id, ...] = Field(default=(), max_length=MOST_CLIENTS)


class OneCampaign(Value):
    """Name a campaign."""

    campaign: Id


class ChangeCampaign(OneCampaign):
    """Change a campaign that was not started yet; what is not given stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    template: Id = Field(default="", description="id of a template; instead of words here")
    medium: Medium | None = None
    subject: str | None = Field(default=None, max_length=250)
    text: str | None = Field(default=None, max_length=30_000)
    html: str | None = Field(default=None, max_length=200_000)
    sender: Id | None = None
    basis: Basis | None = None
    segment: Id = Field(default="", description="id of a segment, instead of the audience so far")
    clients: tuple[Id, ...] = Field(default=(), max_length=MOST_CLIENTS)


class StartCampaign(OneCampaign):
    """Begin to send, or go on after a stop."""

    at: AwareDatetime | None = Field(default=None, description="not before; now if not given")


class PreviewCampaign(OneCampaign):
    """Read the text as real people would get it."""

    count: int = Field(default=3, ge=1, le=_MOST_SHOWN)


class ListCampaigns(Value):
    """List campaigns, the newest first."""

    count: int = Field(default=20, ge=1, le=200)


class StepForm(Written):
    """One text of a series, so long after the one before."""

    after: Delay = Field(default=Delay(), description="working minutes, working days, days")


class SetSeries(Value):
    """Make a series or change one: all its steps."""

    series: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["welcome"])
    name: str = Field(min_length=1, max_length=200)
    steps: tuple[StepForm, ...] = Field(min_length=1, max_length=50)
    on: bool = True
    leave_on_reply: bool = True
    leave_on_won: bool = True


class ClientInSeries(Value):
    """Name a client and a series."""

    series: Id
    client: Id


class ListSeries(Value):
    """List the series there are."""


class ShowRules(Value):
    """Show the rules of writing to many; there is nothing to choose."""
