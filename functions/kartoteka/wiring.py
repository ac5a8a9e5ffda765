"""Which adapter stands behind which port; vendors and services are imported in the builders."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from kartoteka import settings as environment
from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.errors import NotAuthentic
from kartoteka.mail_ports import MailOf
from kartoteka.ports import (
    Captcha,
    Clock,
    ContactsOf,
    Exports,
    Files,
    QueuedTask,
    Sheets,
    Store,
    Tasks,
    TokenVerifier,
    Topics,
)
from kartoteka.settings import Settings
from kartoteka.visits import Visits

if TYPE_CHECKING:
    from kartoteka.adapters.buckets import AmazonBuckets
    from kartoteka.adapters.messengers.all import AllMessengers
    from kartoteka.adapters.recordings import WebRecordings
    from kartoteka.adapters.senders.all import AllSenders
    from kartoteka.adapters.yookassa import YooKassa
    from kartoteka.calendar_ports import CalendarsOf
    from kartoteka.chat_ports import Spaces
    from kartoteka.hook_ports import Hooks
    from kartoteka.paper_ports import Papers
    from kartoteka.services.book_links import BookLinks
    from kartoteka.services.file_links import FileLinks
    from kartoteka.services.office import Desk
    from kartoteka.shop_ports import Shops


@dataclass(frozen=True)
class App:
    """Everything a function needs; ports that cost an import are made on first use."""

    settings: Settings
    clock: Clock
    make_store: Callable[[Settings], Store]

    @cached_property
    def visits(self) -> Visits:
        """Return how often callers came within the minute."""
        return Visits()

    @cached_property
    def store(self) -> Store:
        """Return the truth."""
        return self.make_store(self.settings)

    @cached_property
    def tasks(self) -> Tasks:
        """Return the queues."""
        from kartoteka.adapters.cloud_tasks import build

        return build(self.settings)

    @cached_property
    def sheets(self) -> Sheets:
        """Return the spreadsheets of the office account."""
        from kartoteka.adapters.sheets import build

        return build(self.settings)

    @cached_property
    def contacts_of(self) -> ContactsOf:
        """Return what opens the contacts of one account of the office, each once."""
        from kartoteka.adapters.people import build

        return cache(lambda email: build(self.settings, email))

    @cached_property
    def calendars_of(self) -> "CalendarsOf":
        """Return what opens the calendars of one account of the office, each once."""
        from kartoteka.adapters.calendar import build

        return cache(lambda email: build(self.settings, email))

    @cached_property
    def files(self) -> Files:
        """Return the files of the office account."""
        from kartoteka.adapters.drive import build

        return build(self.settings)

    @cached_property
    def papers(self) -> "Papers":
        """Return the papers of deals: templates, and a folder for each deal."""
        from kartoteka.adapters.drive_papers import build

        return build(self.settings)

    @cached_property
    def captcha(self) -> Captcha:
        """Return what tells people from robots on forms that ask for it."""
        from kartoteka.adapters.captcha import build

        return build(self.settings.captcha, self.settings.captcha_secret.get_secret_value())

    @cached_property
    def exports(self) -> Exports:
        """Return the exports of the database, which Google makes."""
        from kartoteka.adapters.firestore_export import build

        return build(self.settings.project, self.settings.database)

    @cached_property
    def mail(self) -> MailOf:
        """Return the mailboxes of the office by their address."""
        from kartoteka.adapters.gmail import build

        return cache(lambda email: build(self.settings, email))

    @cached_property
    def topics(self) -> Topics:
        """Return the judge of messages of Amazon's topics."""
        from kartoteka.adapters.sns import build

        return build(self.settings.keys_endpoint)

    @cached_property
    def messengers(self) -> "AllMessengers":
        """Return the messengers of clients, and the room of the team."""
        from kartoteka.adapters.messengers.all import build

        return build(self.settings.data if self.settings.messengers == "echo" else None)

    @cached_property
    def spaces(self) -> "Spaces":
        """Return the spaces of Google Chat in which people get notices."""
        from kartoteka.adapters.chat_webhooks import build

        return build(self.settings.data if self.settings.messengers == "echo" else None)

    @cached_property
    def senders(self) -> "AllSenders":
        """Return who sends letters and SMS to many."""
        from kartoteka.adapters.senders.all import build

        echo_in = self.settings.data if self.settings.messengers == "echo" else None
        return build(self.mail, self.settings.google_account, echo_in)

    @cached_property
    def hooks(self) -> "Hooks":
        """Return the addresses to which rules of the office post."""
        from kartoteka.adapters.hooks import build

        return build()

    @cached_property
    def payments(self) -> "YooKassa":
        """Return the payment service that is asked instead of believed."""
        from kartoteka.adapters.yookassa import build

        return build()

    @cached_property
    def buckets(self) -> "AmazonBuckets":
        """Return the buckets in which Amazon keeps letters of the office."""
        from kartoteka.adapters.buckets import build

        return build()

    @cached_property
    def recorder(self) -> "WebRecordings":
        """Return what fetches recordings of calls."""
        from kartoteka.adapters.recordings import build

        return build()

    @cached_property
    def shops(self) -> "Shops":
        """Return the shops in which orders live."""
        from kartoteka.adapters.shops import build

        return build()

    @cached_property
    def book_links(self) -> "BookLinks":
        """Return what finds a record's row in a person's book."""
        from kartoteka.services.book_links import BookLinks

        return BookLinks(self.store, self.clock)

    @cached_property
    def file_links(self) -> "FileLinks":
        """Return what makes the addresses of clients' files."""
        from kartoteka.services.file_links import FileLinks

        return FileLinks(self.desk)

    @cached_property
    def desk(self) -> "Desk":
        """Return what the services work with."""
        from kartoteka.services.office import Desk, SettingsCache
        from kartoteka.services.wake import Waker

        return Desk(
            store=self.store,
            tasks=LazyTasks(self),
            clock=self.clock,
            settings=SettingsCache(self.store, self.settings.settings_ttl_s),
            waker=Waker(LazyTasks(self), self.clock),
            files=self.files,
            base_url=self.settings.urls.get("api", self.settings.base_url),
            intake_url=self.settings.urls.get("ingest", self.settings.base_url),
        )

    @cached_property
    def verifier(self) -> TokenVerifier:
        """Return the judge of tokens on internal addresses and of the add-on."""
        from kartoteka.adapters.certificates import from_google
        from kartoteka.adapters.tokens import GoogleIdentity, SharedSecret

        secret = self.settings.secret.get_secret_value()
        if secret:
            return SharedSecret(secret, self.settings.base_url)
        audiences = [self.settings.base_url, self.settings.addon_audience]
        return GoogleIdentity(audiences, from_google())

    @cached_property
    def callers_of(self) -> Callable[[str], TokenVerifier]:
        """Return what judges Google's identity tokens meant for an address of ours."""
        from kartoteka.adapters.certificates import from_box, from_google
        from kartoteka.adapters.tokens import BoxOrGoogle, GoogleIdentity

        google = from_google()
        if not self.settings.keys_endpoint:
            return lambda address: GoogleIdentity([address], google)
        box = from_box(self.settings.keys_endpoint)
        return lambda address: BoxOrGoogle(
            GoogleIdentity([address], google), GoogleIdentity([address], box)
        )

    def check_internal(self, bearer: str) -> None:
        """Refuse everybody but the queue and the scheduler."""
        if self.verifier.email(bearer) != self.settings.tasks_email:
            raise NotAuthentic("only the queue may call this address")


@dataclass(frozen=True)
class LazyTasks:
    """The queues, connected at the first use."""

    app: App

    def enqueue(self, task: QueuedTask) -> bool:
        """Return True if added, False if the name was already used."""
        return self.app.tasks.enqueue(task)


def _open_store(settings: Settings) -> Store:
    if settings.store == "firestore":
        from kartoteka.adapters.firestore import FirestoreStore

        return FirestoreStore(settings.project, settings.database, log_shards=settings.log_shards)
    from kartoteka.adapters.sqlite import SqliteStore

    return SqliteStore(settings.data / "office.sqlite3")


def build(settings: Settings, clock: Clock | None = None) -> App:
    """Return an app for these settings; real time unless a clock is given."""
    return App(settings, clock or SystemClock(), _open_store)


_installed: list[App] = []


def install(app: App) -> None:
    """Make `app` the one this process works with (one box does, with its own clock)."""
    _installed[:] = [app]


@cache
def _from_environment() -> App:
    return build(environment.read())


def app() -> App:
    """Return this process's app, made from the environment on first use."""
    return _installed[0] if _installed else _from_environment()
