"""The office's own settings: people, hours, pipelines, forms and channel accounts."""

from typing import ClassVar, Literal

from pydantic import Field

from kartoteka.domain.calendar_rules import CalendarRules
from kartoteka.domain.channels import EXCHANGES
from kartoteka.domain.chat_line import ChatLine, TeamRoom, WindowTemplate
from kartoteka.domain.errors import NotFound
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.ids import FormId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.mail import MailRules
from kartoteka.domain.mailing import MailingRules
from kartoteka.domain.matrix import RoleSpec
from kartoteka.domain.model import Entity, Role, Staff, Value
from kartoteka.domain.notice_rules import NoticeRules
from kartoteka.domain.papers import CategoryPapers
from kartoteka.domain.phone_rules import PhoneRules
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.recording_rules import RecordingRules
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.domain.rules.model import RuleRow
from kartoteka.domain.sales_rules import SalesRules
from kartoteka.domain.segment import Rfm, Segment
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.domain.site_rules import SiteRules
from kartoteka.domain.sla_rules import SlaRules
from kartoteka.domain.worktime import WorkTime

# What a field of a site's form can be to us; anything else is kept under its own name.
FORM_SLOTS: tuple[str, ...] = (
    *("name", "first", "last", "phone", "email", "text"),
    *("page", "referrer", "submission", "consent"),
)


class FormField(Value):
    """One question of a form; name, phone and email become the client's, others are kept whole."""

    id: str
    label: str
    label_en: str
    type: Literal["text", "tel", "email", "textarea", "select", "file"] = "text"
    required: bool = False
    options: tuple[str, ...] = ()  # of a select
    options_en: tuple[str, ...] = ()  # one for each; none: the same words


class Form(Entity):
    """A form of the office's site."""

    kind: ClassVar[str] = "form"
    collection: ClassVar[str] = "forms"
    id: FormId
    title: str
    title_en: str
    fields: tuple[FormField, ...]
    consent: str
    consent_en: str
    consent_version: str
    source: str = "Сайт-форма"
    owner_id: StaffId | None = None  # B10: whom this form's leads go to; None: the queue
    lead: str = ""  # under the title; empty texts are the usual ones
    lead_en: str = ""
    send: str = ""  # on the button
    send_en: str = ""
    thanks: str = ""
    thanks_en: str = ""
    failure: str = ""  # when it could not be sent
    failure_en: str = ""
    redirect: str = ""  # https: where a visitor goes after sending; empty: thanks in place
    accent: str = ""  # #rrggbb of button and links; empty: the usual green
    radius: int = 16  # of the card's corners, pixels
    hosts: tuple[str, ...] = ()  # sites that may show and send it; none: any
    mapping: dict[str, str] = Field(default_factory=dict)  # field of the site: ours
    least_s: int = 0  # filled in faster it is sent back, by our own page only; 0: only noted
    captcha: bool = False
    creates: Literal["lead", "deal"] = "lead"
    products: tuple[str, ...] = ()  # lines of that deal
    create_invoice: bool = False  # that deal begins with an invoice to make
    active: bool = True
    updated_at: Instant | None = None
    updated_by: str = ""  # id of the actor


class Account(Entity):
    """One connection of one channel; `id` is the unguessable token of its address."""

    kind: ClassVar[str] = "account"
    collection: ClassVar[str] = "accounts"
    id: str
    channel: str
    title: str
    source: str
    secrets: tuple[str, ...] = Field(default=(), repr=False)  # any of them is valid: rotation
    ignored: tuple[str, ...] = Field(default=(), repr=False)  # E.164, such as of a family
    api: dict[str, str] = Field(default_factory=dict, repr=False)  # what the provider gave us
    mapping: dict[str, str] = Field(default_factory=dict)  # field of a site's form: ours
    line: ChatLine | None = None  # how chats are handed out; None: as the office routes leads
    shop: ShopRules | None = None  # what becomes of its orders; None: the usual
    template: WindowTemplate | None = None  # what goes when the client wrote long ago
    recordings: RecordingRules | None = None  # copies of them in our Drive; None: none
    site: SiteRules | None = None  # of a site with our chat; None: the usual
    owner_id: StaffId | None = None
    active: bool = True
    updated_at: Instant | None = None
    updated_by: str = ""  # id of the actor


class Office(Entity):
    """Everything of the office that is not a person, a form or an account."""

    kind: ClassVar[str] = "office"
    collection: ClassVar[str] = "settings"
    id: str = "office"
    name: str
    locale: str = "ru"
    region: str = "RU"
    currency: str = "RUB"
    work: WorkTime = WorkTime()
    first_answer_minutes: int = 15
    head_after_minutes: int = 30
    callback_minutes: int = 15
    pipelines: tuple[Pipeline, ...] = Field(min_length=1)
    routing: tuple[RoutingRule, ...] = ()  # who gets a new request: the first row that fits
    lines: tuple[str, ...] = ()  # E.164: numbers of ours that people dial; never a client's
    default_team: str = ""  # gets what the table asks a region of and nobody can tell it
    teams: dict[str, str] = Field(default_factory=dict)  # team: the one above it, "" for none
    roles: tuple[RoleSpec, ...] = ()  # built-in ones changed, and the office's own
    fields: tuple[FieldSpec, ...] = ()
    sources: tuple[str, ...] = ()  # where requests come from, as the office calls it
    archive_days: int = Field(default=90, ge=7, le=3_650)  # closed so long: into the archive
    admin_reads: bool = True  # False: an administrator sees settings and people only
    phones: PhoneRules = PhoneRules()
    calendars: CalendarRules = CalendarRules()
    mail: MailRules = MailRules()
    mailing: MailingRules = MailingRules()
    selling: SalesRules = SalesRules()
    room: TeamRoom | None = None  # where the team answers chats
    notices: NoticeRules = NoticeRules()
    sla: SlaRules = SlaRules()
    rules: tuple[RuleRow, ...] = ()  # what follows from what, in people's words
    segments: tuple[Segment, ...] = ()  # ready ones changed, and the office's own
    rfm: Rfm = Rfm()
    papers: tuple[CategoryPapers, ...] = ()  # of categories of goods
    updated_at: Instant | None = None
    updated_by: str = ""  # id of the actor

    @property
    def leads(self) -> Pipeline:
        """Return the pipeline in which new leads start."""
        return self.pipelines[0]

    @property
    def deals(self) -> Pipeline:
        """Return the pipeline where deals start; `NotFound` when none is switched on."""
        for pipeline in self.pipelines:
            if pipeline.kind == "sale" and pipeline.active:
                return pipeline
        raise NotFound("no pipeline of deals is switched on", code="pipeline_unknown")

    @property
    def sales(self) -> frozenset[str]:
        """Return the pipelines whose deals are money; hiring, purchases and debts are in no sum."""
        return frozenset(line.id for line in self.pipelines if line.kind == "sale")

    def base_role(self, role: str) -> str:
        """Return the built-in role behind one of the office's own; any other as it is."""
        return next((spec.base.value for spec in self.roles if spec.id == role), role)

    def pipeline(self, pipeline_id: str) -> Pipeline:
        """Return the pipeline with this id."""
        for pipeline in self.pipelines:
            if pipeline.id == pipeline_id:
                return pipeline
        raise NotFound(f"there is no pipeline {pipeline_id!r}", code="pipeline_unknown")


class Settings(Value):
    """All settings at one moment, as the services see them."""

    office: Office
    staff: tuple[Staff, ...]
    forms: tuple[Form, ...] = ()
    accounts: tuple[Account, ...] = ()

    def person(self, staff_id: str | None) -> Staff | None:
        """Return the person with this id."""
        return next((person for person in self.staff if person.id == staff_id), None)

    def by_email(self, email: str) -> Staff | None:
        """Return the active person with this address."""
        wanted = email.strip().lower()
        return next((p for p in self.staff if p.active and p.email == wanted), None)

    def by_name(self, name: str) -> Staff | None:
        """Return the one active person with this name, in any case."""
        wanted = name.strip().casefold()
        found = [p for p in self.staff if p.active and p.name.casefold() == wanted]
        return found[0] if len(found) == 1 else None

    def by_messenger(self, name: str) -> Staff | None:
        """Return the active person who linked this `channel:user id`."""
        return next((p for p in self.staff if p.active and name in p.messengers), None)

    def on_line(self, line: str) -> Staff | None:
        """Return the person behind an extension, own number or address."""
        wanted = line.strip().lower()
        if not wanted:
            return None
        return next((p for p in self.staff if p.email == wanted or wanted in p.phones), None)

    def heads(self) -> tuple[Staff, ...]:
        """Return the people who are told when something is late."""
        heads = tuple(p for p in self.staff if p.active and p.role is Role.HEAD)
        return heads or tuple(p for p in self.staff if p.active and p.role is Role.DIRECTOR)

    def own_numbers(self) -> frozenset[str]:
        """Return the numbers that never belong to a client."""
        own = frozenset(number for person in self.staff for number in person.phones)
        return own.union(self.office.lines)

    def form(self, form_id: str) -> Form:
        """Return the active form with this id."""
        for form in self.forms:
            if form.id == form_id and form.active:
                return form
        raise NotFound(f"there is no form {form_id!r}", code="form_unknown")

    @property
    def hears_calls(self) -> bool:
        """Return whether a telephone exchange tells the office of its calls by itself."""
        return any(account.active and account.channel in EXCHANGES for account in self.accounts)

    def account(self, channel: str, token: str) -> Account:
        """Return the active account behind an address."""
        for account in self.accounts:
            if account.id == token and account.channel == channel and account.active:
                return account
        raise NotFound("there is no such address", code="account_unknown")
