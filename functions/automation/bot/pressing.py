"""A button under a notice was pressed: its command is done once, the notice says how it went."""

from functools import cached_property

from automation.bot.acts import NEXT_ACTS, Pressed, command
from automation.bot.mine import about
from kartoteka.chat_ports import Button, RoomWords, StaffBot
from kartoteka.domain import press
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Rejected
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.domain.model import Notice, Staff, Task
from kartoteka.domain.notice_rules import MINE
from kartoteka.domain.office import Settings
from kartoteka.domain.press import MARK, Press
from kartoteka.i18n import text
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import execute
from kartoteka.services.notice_settings import heard
from kartoteka.services.notice_words import Rows, subject, words
from kartoteka.services.notices import mark_seen
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import LOG

_WHAT_NEXT = "what_next"


def is_done(desk: Desk, cause: str) -> bool:
    """Return whether the log holds what an earlier try did."""
    query = Query(LOG, (Where("cause", "==", cause),), (Order("at", descending=True),), limit=1)
    return any(True for _ in desk.store.query(query))


def _only_seen(row: tuple[Button, ...]) -> bool:
    told = [press.read(button.data) for button in row]
    return [it.act for it in told if it is not None] == ["seen"]


class Pressing:
    """Hears presses of one person's buttons."""

    def __init__(self, desk: Desk, bot: StaffBot, person: Staff) -> None:
        self._desk = desk
        self._bot = bot
        self._person = person

    def hear(self, inbound: Inbound, message: Message, told: Press, *, cause: str) -> str:
        """Return how the press ended: done, refused, or foreign when the notice is not theirs.

        The cause is the press's own: found in the log, its command is not repeated.

        Raises:
            Transient: the messenger does not take the answer; the queue repeats.
        """
        doc = self._desk.store.get(Notice.collection, told.record)
        asked = about(self._desk, told.record, self._person.id) if doc is None else None
        notice = Notice.model_validate(doc) if doc is not None else asked
        account = self._desk.settings().account(inbound.channel, inbound.account)
        name = message.id.removeprefix(MARK)
        if notice is None or notice.staff_id != self._person.id:
            self._bot.hear_press(account, name, self._say("notice_foreign"))
            return "foreign"
        outcome, said, rows = self._act(notice, told, cause)
        self._bot.hear_press(account, name, said)
        if message.tag:
            post = self._shown(notice, said, rows)
            self._bot.reword(account, (message.peer, message.tag), post)
        return outcome

    def _act(self, notice: Notice, told: Press, cause: str) -> tuple[str, str, Rows]:
        """Return the outcome, its words, and the buttons of a question that it leads to."""
        who = actor(self._person, self._desk.settings())
        try:
            self._run(who, notice, told, cause)
        except (Rejected, Conflict) as exc:
            said = text(exc.code, self._locale, **exc.facts) if exc.code else str(exc)
            asks = exc.code == _WHAT_NEXT and isinstance(subject(self._desk, notice), Task)
            return "refused", said, self._next_rows(notice) if asks else ()
        if told.act != "seen" and notice.code != MINE:
            mark_seen(self._desk, who, notice.id, cause=cause)
        return "done", self._say(f"pressed_{told.act}"), ()

    def _run(self, who: Actor, notice: Notice, told: Press, cause: str) -> None:
        if is_done(self._desk, cause):
            return
        settings, now = self._desk.settings(), self._desk.now()
        record = subject(self._desk, notice)
        name, given = command(told.act, Pressed(notice, record, told.expected, settings, now))
        execute(COMMANDS, self._desk, who, name, given=given, cause=cause)

    def _next_rows(self, notice: Notice) -> Rows:
        found = (Press(act, notice.id) for act in NEXT_ACTS)
        return (tuple(Button(self._say(f"press_{it.act}"), press.spelled(it)) for it in found),)

    def _shown(self, notice: Notice, said: str, rows: Rows) -> RoomWords:
        """Return the notice as it is now, with how the press ended below it."""
        now = words(self._desk, notice, self._person, self._settings)
        kept = tuple(row for row in now.buttons if not _only_seen(row))
        return RoomWords(f"{now.whole}\n\n— {said}", buttons=rows or kept)

    def _say(self, code: str) -> str:
        return text(code, self._locale)

    @cached_property
    def _settings(self) -> Settings:
        """Return the office's settings in the person's language."""
        return heard(self._desk, self._person.id)

    @property
    def _locale(self) -> str:
        return self._settings.office.locale
