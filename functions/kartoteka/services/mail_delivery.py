"""Letters of ours go out: once as far as the mailbox can tell, and what failed is told.

Before a second attempt the box is asked whether it holds the letter already: its Message-ID is
ours, so an answer that was lost on the way is recognised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, Rejected, Transient
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.mail import Outgoing
from kartoteka.domain.model import Notice
from kartoteka.mail_ports import Mail, SentMail
from kartoteka.ports import Query, Where
from kartoteka.services import lost_letters
from kartoteka.services.mail_send import hand_over
from kartoteka.services.office import Desk
from kartoteka.services.paper_links import with_addresses
from kartoteka.services.unit import Unit, transact

_ACTOR = Actor(kind=ActorKind.SYSTEM, id="mail")
_LATE = timedelta(minutes=10)
_GIVE_UP = timedelta(hours=12)
_MOST = 100
_LONGEST_LOCAL = 64


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the box and its address."""

    mail: Mail
    address: str


def deliver(desk: Desk, sender: Sender, letter_id: str) -> str:
    """Return how far the letter is now: sent, failed, or done before.

    Raises:
        Transient: the box does not answer; the queue repeats.
    """
    letter = transact(
        desk.store, _ACTOR, "send", desk.now(), work=lambda unit: _tried(unit, letter_id)
    )
    if letter is None:
        return "done"
    try:
        source = _source(desk, sender, letter)
        sent = _found(sender, letter) or sender.mail.send(source, letter.thread)
    except (Rejected, ConfigError) as exc:
        return _ended(desk, letter, "failed", why=exc.code or "mail_refused")
    except Transient:
        if desk.now() - letter.at > _GIVE_UP:
            return _ended(desk, letter, "failed", why="mail_gave_up")
        raise
    return _ended(desk, letter, "sent", sent=sent)


def hand_over_late(desk: Desk) -> int:
    """Ask again for letters that wait although their task should have sent them."""
    before = spell(desk.now() - _LATE)
    where = (Where("state", "==", "queued"), Where("at", "<=", before))
    found = [hit.id for hit in desk.store.query(Query(Outgoing.collection, where, limit=_MOST))]
    for letter_id in found:
        hand_over(desk, letter_id, again=desk.now())
    return len(found)


def composed(letter: Outgoing, sender: str, author: str, contents: Sequence[bytes] = ()) -> bytes:
    """Return the raw letter; `author` is the name beside the office's address.

    `contents` are those of the letter's files, in their order.
    """
    local, _, domain = sender.partition("@")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(author, local, domain)
    message["To"] = letter.to
    message["Reply-To"] = f"{local[: _LONGEST_LOCAL - 17]}+{letter.token}@{domain}"
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.message_id}>"
    message["Date"] = letter.at
    if letter.earlier:
        message["In-Reply-To"] = f"<{letter.earlier[-1]}>"
        message["References"] = " ".join(f"<{name}>" for name in letter.earlier)
    message.set_content(letter.text)
    for file, content in zip(letter.files, contents, strict=True):
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(
            content, maintype=main, subtype=sub or "octet-stream", filename=file.name
        )
    return message.as_bytes()


def _tried(unit: Unit, letter_id: str) -> Outgoing | None:
    """Return the letter with one attempt more; None when there is nothing to send."""
    letter = unit.find(Outgoing, letter_id)
    if letter is None or letter.state != "queued":
        return None
    unit.keep(letter.model_copy(update={"attempts": letter.attempts + 1}))
    return letter


def _found(sender: Sender, letter: Outgoing) -> SentMail | None:
    return sender.mail.sent(letter.message_id) if letter.attempts else None


def _source(desk: Desk, sender: Sender, letter: Outgoing) -> bytes:
    settings = desk.settings()
    person = settings.person(letter.staff_id)
    office = settings.office.name
    author = f"{person.name}, {office}" if person else office
    words = with_addresses(desk, letter.text, letter.client_id)
    whole = letter.model_copy(update={"text": words})
    return composed(whole, sender.address, author, _contents(desk, letter))


def _contents(desk: Desk, letter: Outgoing) -> list[bytes]:
    """Return the contents of the letter's files.

    Raises:
        NotFound: one is not kept any more. ConfigError: the office keeps no files.
    """
    if letter.files and desk.files is None:
        raise ConfigError("the office keeps no files")
    return [desk.files.read(file.ref) for file in letter.files] if desk.files else []


def _ended(
    desk: Desk, letter: Outgoing, state: str, *, why: str = "", sent: SentMail | None = None
) -> str:
    def work(unit: Unit) -> None:
        now = unit.need(Outgoing, letter.id)
        update = {
            "sent_at": unit.now if sent else None,
            "thread": sent.thread if sent else now.thread,
        }
        if now.state != "bounced":  # a server on its way back may be quicker than our own record
            update |= {"state": state, "why": why}
        unit.keep(now.model_copy(update=update))
        if state == "failed":
            unit.subject = now.client_id
            unit.save(_notice(unit, letter))
            lost_letters.tell(unit, letter.id, desk.settings().office.locale)

    transact(desk.store, _ACTOR, "send", desk.now(), work=work)
    if state == "failed":
        desk.waker.after_commit()
    return state


def _notice(unit: Unit, letter: Outgoing) -> Notice:
    return Notice(
        id=derived("no", "unsent", letter.id),
        staff_id=letter.staff_id,
        code="notice_unsent",
        at=unit.now,
    )
