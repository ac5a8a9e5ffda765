"""Gmail boxes of the office: Google tells that something is new, or the minute has passed.

A look asks for the history behind the last position, writes down which letters are waiting, and
records them one by one; a look that breaks off leaves the rest to the next. A letter that cannot be
had now goes to the end of the line. Google tells at most once a second and now and then not at all,
so the scheduler looks every minute too.
"""

from collections.abc import Iterator
from datetime import timedelta

from ingest import catch_up
from ingest.channel import Context
from ingest.channels import gmail
from ingest.intake import Address, kept, understood
from kartoteka.domain.errors import KartotekaError, Malformed, NotFound, Transient
from kartoteka.domain.instant import spell
from kartoteka.domain.office import Account
from kartoteka.http import Call, Reply, json_reply
from kartoteka.log import log, nickname
from kartoteka.mail_ports import Mail, MailboxForgot
from kartoteka.ports import Doc
from kartoteka.services.mailboxes import Mailbox, keep_mailbox, read_mailbox
from kartoteka.services.office import Desk
from kartoteka.wiring import App

_MOST = 50  # letters of one look; the next one goes on
_MOST_FAILURES = 3  # of one look; the box itself is out of reach then
_WATCH_EVERY = timedelta(days=1)
_OVERLAP = timedelta(hours=1)  # looked at again when the history is lost


def look_at_all(app: App) -> Reply:
    """Return how many letters each box brought; a box that fails does not hold up the others.

    Raises:
        Transient: a box did not answer; the scheduler comes again.
    """
    counts: dict[str, int] = {}
    failed: KartotekaError | None = None
    for account in app.desk.settings().accounts:
        if account.channel == gmail.name and account.active:
            try:
                counts[account.id] = look(app, account)
            except KartotekaError as exc:
                log("error", event="mailbox", account=nickname(account.id), code=type(exc).__name__)
                failed = exc
    if isinstance(failed, Transient):
        raise failed
    return json_reply({"letters": sum(counts.values()), "boxes": len(counts)})


def pushed(call: Call, app: App, token: str) -> Reply:
    """Return the acknowledgement of a push of Pub/Sub after the box was looked at.

    Raises:
        NotAuthentic: not the service account of this installation.
        NotFound: there is no such account.
        Transient: the box does not answer; Pub/Sub repeats.
    """
    app.check_internal(call.bearer())
    account = app.desk.settings().account(gmail.name, token)
    if not isinstance(call.json().get("message"), dict):
        raise Malformed("this is no push of Pub/Sub", code="bad_field", field="message")
    return json_reply({"letters": look(app, account)})


def look(app: App, account: Account) -> int:
    """Return how many new letters of the box were recorded.

    Raises:
        KartotekaError: the box, or some letter, could not be had; it waits for the next look.
    """
    desk, mail = app.desk, app.mail(account.api.get("mailbox", ""))
    box = _watched(app, mail, _with_news(desk, mail, read_mailbox(desk.store, account.id)))
    if len(box.waiting) != 1:  # one alone is found again if it is not recorded
        keep_mailbox(desk.store, box)
    count, failures = 0, list[KartotekaError]()
    for letter_id in box.waiting[:_MOST]:
        rest = box.waiting[1:]
        try:
            count += _take(desk, mail, account, letter_id)
        except KartotekaError as exc:
            failures.append(exc)
            rest = (*rest, letter_id)
        box = keep_mailbox(desk.store, box.model_copy(update={"waiting": rest}))
        if len(failures) == _MOST_FAILURES:
            break
    if failures:
        raise failures[-1]
    return count


def _with_news(desk: Desk, mail: Mail, box: Mailbox) -> Mailbox:
    """Return the box with everything that came since the last look as waiting; nothing is kept."""
    now, position = desk.now(), box.position
    found: tuple[str, ...]
    if not position:
        position = mail.position()
        found = mail.since(now - timedelta(days=desk.settings().office.mail.first_days))
    else:
        try:
            news = mail.news(position)
            found, position = news.ids, news.position
        except MailboxForgot:
            log("warning", event="mailbox_history_lost", account=nickname(box.id))
            position = mail.position()
            found = mail.since((box.looked_at or now) - _OVERLAP)
    waiting = tuple(dict.fromkeys((*box.waiting, *found)))
    seen = {"position": position, "waiting": waiting, "looked_at": now}
    return box.model_copy(update=seen)


def _watched(app: App, mail: Mail, box: Mailbox) -> Mailbox:
    """Return the box with its watch renewed, once a day; one that is refused is tried again."""
    topic, now = app.settings.gmail_topic, app.clock.now()
    if not topic or (box.watched_at is not None and now - box.watched_at < _WATCH_EVERY):
        return box
    try:
        until = mail.watch(topic)
    except KartotekaError as exc:  # the look of every minute brings the letters meanwhile
        code = exc.code or type(exc).__name__
        log("error", event="mailbox_unwatched", account=nickname(box.id), code=code)
        return box
    log("info", event="mailbox_watched", account=nickname(box.id), until=spell(until))
    return keep_mailbox(app.store, box.model_copy(update={"watched_at": now}))


def _take(desk: Desk, mail: Mail, account: Account, letter_id: str) -> bool:
    """Return whether a letter came in; one that was deleted meanwhile did not."""
    found = mail.letter(letter_id)
    if found is None or gmail.NOT_INCOMING & set(_labels(found)):
        return False
    office = desk.settings().office
    context = Context(account.id, account.source, office.region, desk.now())
    source = gmail.source_of(str(found.get("raw", "")))
    call = Call("POST", (gmail.name, account.id), body=source)
    letter = understood(gmail, call, context, lambda: [gmail.event(found, source, context)])
    return not kept(desk, letter[0], Address(context, owner_id=account.owner_id)).seen


def _labels(found: Doc) -> Iterator[str]:
    labels = found.get("labelIds")
    if isinstance(labels, list):
        yield from map(str, labels)


def route(call: Call, app: App) -> Reply:
    """Return the answer of the boxes' own addresses.

    Raises:
        NotAuthentic: only the queue, the scheduler and Pub/Sub may call them.
        NotFound: there is no such address.
    """
    match call.path:
        case ("mailboxes",):
            app.check_internal(call.bearer())
            catch_up.every_shop(app)
            return look_at_all(app)
        case ("gmail", token, "push"):
            return pushed(call, app, token)
    raise NotFound("there is no such address", code="address_unknown")
