"""What the queues ask for by name: a timer, a message or a letter, the team's room."""

from collections.abc import Callable, Mapping

from automation import planning, stage_papers, timers
from automation.office_rules import in_turn, sweeping
from automation.room import Showing
from automation.team import Hearing
from kartoteka.domain.errors import NotFound
from kartoteka.services import (
    autodial,
    campaign_looking,
    campaign_running,
    chat_sending,
    mail_delivery,
    notice_delivery,
    order_return,
    payment_check,
    recordings,
)
from kartoteka.services.postings import Outlet
from kartoteka.wiring import App

_Payload = Mapping[str, object]


def do(app: App, what: str, payload: _Payload) -> str:
    """Return what was done.

    Raises:
        NotFound: there is no such task.
        Transient: a messenger does not answer, or it is not this one's turn; the queue repeats.
    """
    if what not in _TASKS:
        raise NotFound(f"there is no task at task/{what}")
    return _TASKS[what](app, payload)


def _timer(app: App, payload: _Payload) -> str:
    return timers.fire(app.desk, str(payload.get("timer", "")))


def _message(app: App, payload: _Payload) -> str:
    return chat_sending.deliver(app.desk, app.messengers, str(payload.get("message", "")))


def _letter(app: App, payload: _Payload) -> str:
    sender = mail_delivery.Sender(app.mail(""), app.settings.google_account)
    return mail_delivery.deliver(app.desk, sender, str(payload.get("letter", "")))


def _order(app: App, payload: _Payload) -> str:
    return order_return.deliver(app.desk, app.shops, str(payload.get("order", "")))


def _room(app: App, payload: _Payload) -> str:
    return Showing(app.desk, app.messengers, app.messengers).show(payload)


def _team(app: App, payload: _Payload) -> str:
    return Hearing(app.desk, app.messengers, app.messengers).hear(str(payload.get("inbound", "")))


def _notice(app: App, payload: _Payload) -> str:
    return notice_delivery.deliver(app.desk, _posts(app), str(payload.get("notice", "")))


def _posts(app: App) -> notice_delivery.Posts:
    """Return the ways of notices; what costs an import is opened by the first that needs it."""

    def address(email: str, about: tuple[str, str] | None) -> str:
        return app.book_links.address(lambda: app.sheets, email, about)

    return notice_delivery.Posts(
        bot=lambda: app.messengers,
        spaces=lambda: app.spaces,
        mail=lambda: mail_delivery.Sender(app.mail(""), app.settings.google_account),
        address=address,
    )


def _paper(app: App, payload: _Payload) -> str:
    return stage_papers.make(app.desk, app.papers, payload)


def _payment(app: App, payload: _Payload) -> str:
    asked, look = (int(str(payload.get(name, 0))) for name in ("asked", "look"))
    asking = payment_check.Asking(str(payload.get("payment", "")), asked, look)
    return payment_check.look_up(app.desk, app.payments, asking)


def _recording(app: App, payload: _Payload) -> str:
    return recordings.copy(app.desk, app.recorder, str(payload.get("activity", "")))


def _outlet(app: App) -> Outlet:
    base_url = app.settings.urls.get("ingest", app.settings.base_url)
    return Outlet(app.senders, base_url, app.settings.google_account)


def _campaign(app: App, payload: _Payload) -> str:
    return campaign_running.portion(app.desk, _outlet(app), str(payload.get("campaign", "")))


def _campaign_test(app: App, payload: _Payload) -> str:
    names = (str(payload.get("campaign", "")), str(payload.get("staff", "")))
    return campaign_looking.send_test(app.desk, _outlet(app), *names)


def _posting(app: App, payload: _Payload) -> str:
    return campaign_running.one(app.desk, _outlet(app), str(payload.get("recipient", "")))


def _firing(app: App, payload: _Payload) -> str:
    following = payload.get("following")
    names = [str(it) for it in following] if isinstance(following, list) else []
    return in_turn.act(app.desk, app.hooks, str(payload.get("firing", "")), names)


def _dial(app: App, payload: _Payload) -> str:
    portion = payload.get("portion")
    number = portion if isinstance(portion, int) else -1
    return autodial.deliver(app.desk, app.hooks, str(payload.get("run", "")), number)


def _sweep(app: App, payload: _Payload) -> str:
    names = str(payload.get("rules", "")).split(",")
    for page in sweeping.pages(app.desk, names):
        planning.plan(app.desk, page)
    return "swept"


_TASKS: Mapping[str, Callable[[App, _Payload], str]] = {
    "sweep": _sweep,
    "dial": _dial,
    "firing": _firing,
    "campaign": _campaign,
    "campaign_test": _campaign_test,
    "letter": _letter,
    "message": _message,
    "notice": _notice,
    "order": _order,
    "paper": _paper,
    "payment": _payment,
    "recording": _recording,
    "posting": _posting,
    "room": _room,
    "team": _team,
    "timer": _timer,
}
