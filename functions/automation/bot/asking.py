"""What a person asks the bot by a word: my things, find, the day in short, assign, an invoice."""

from datetime import date
from zoneinfo import ZoneInfo

from kartoteka.domain import team_words
from kartoteka.domain.change import Actor
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read
from kartoteka.domain.model import Client, Lead, Role, Staff
from kartoteka.domain.sales_paper import INVOICE
from kartoteka.domain.team_words import Said, Wish
from kartoteka.i18n import text
from kartoteka.services import digests
from kartoteka.services.commands import execute
from kartoteka.services.notice_settings import heard
from kartoteka.services.office import Desk
from kartoteka.services.paper_drawing import may_make
from kartoteka.services.read import Look
from kartoteka.services.registry import COMMANDS
from kartoteka.services.sales_papers import MakePaper, make
from kartoteka.services.staff_search import Hit, find

PRIVATE = frozenset({Wish.MINE, Wish.FIND, Wish.REPORT, Wish.ASSIGN, Wish.INVOICE})
_MOST = 7  # records in an answer
_LONGEST_TITLE = 900


class Asking:
    """Answers one person under that person's rights."""

    def __init__(self, desk: Desk, who: Actor) -> None:
        self._desk = desk
        self._who = who
        self._settings = heard(desk, who.id)
        self._look = Look(desk.store, self._settings, who, desk.now())

    def answer(self, said: Said, chat_id: str, cause: str) -> str:
        """Return the words of the answer; `chat_id` names the chat in whose topic it was asked.

        Raises:
            Rejected, Conflict: as the commands refuse, or what was asked for is not clear.
        """
        match said.wish:
            case Wish.MINE:
                return self._titled("notice_morning", digests.morning(self._look))
            case Wish.REPORT:
                return self._titled("notice_evening", digests.evening(self._look))
            case Wish.FIND:
                return "\n\n".join(self._told(hit) for hit in self._found(said.text))
            case Wish.ASSIGN:
                return self._assign(said, chat_id, cause)
            case _:
                return self._invoice(said, chat_id, cause)

    def one(self, words: str) -> Hit:
        """Return the one open record that the words mean.

        Raises:
            Invalid: they mean none that this person sees, or several, which are named.
        """
        return self._only(self._found(words))

    def _assign(self, said: Said, chat_id: str, cause: str) -> str:
        if not said.named:
            active = ", ".join(it.name for it in self._settings.staff if it.active)
            raise Invalid("name a colleague", code="team_nobody", known=active)
        person = team_words.person_of(said.named[0], self._settings)
        hit = self._only(self._hits(said.text, chat_id))
        command = f"{hit.kind.kind}.assign"
        given = {hit.kind.kind: hit.id, "owner": person.id}
        execute(COMMANDS, self._desk, self._who, command, given=given, cause=cause)
        return self._say("bot_assigned", name=hit.shown.get("name", hit.id), owner=person.name)

    def _invoice(self, said: Said, chat_id: str, cause: str) -> str:
        """Make the invoice of a deal, or ask for it; what for may follow a colon.

        Who makes no invoices, or of a deal without an amount, gives whoever keeps the accounts
        the task to make it.
        """
        wanted, _, what = said.text.partition(":")
        hits = [it for it in self._hits(wanted, chat_id) if it.kind is Deal]
        hit = self._only(hits)
        if self._bills(hit):
            return self._billed(hit, what, cause)
        person = self._accountant(hit)
        title = self._say("bot_invoice_title", name=hit.shown.get("name", hit.id))
        given = {
            "title": title[:_LONGEST_TITLE],
            "text": what.strip(),
            "deal": hit.id,
            "assignee": person.id,
            "due": self._working_day().isoformat(),
        }
        execute(COMMANDS, self._desk, self._who, "task.create", given=given, cause=cause)
        return self._say("bot_invoice", name=hit.shown.get("name", hit.id), person=person.name)

    def _bills(self, hit: Hit) -> bool:
        """Return whether this person can make the invoice of the deal here and now."""
        doc = self._desk.store.get(Deal.collection, hit.id)
        deal = Deal.model_validate(doc) if doc is not None else None
        if deal is None or not deal.amount_minor:
            return False
        return may_make(self._who, self._settings, deal, INVOICE)

    def _billed(self, hit: Hit, what: str, cause: str) -> str:
        """Return the number and the address of the invoice; said again, it is the same one."""
        form = MakePaper(deal=hit.id, what=INVOICE, text=what.strip())
        made = make(self._desk, self._who, form, cause=cause, name=derived("pp", cause))
        name = hit.shown.get("name", hit.id)
        return self._say("bot_billed", name=name, label=made.paper.label, address=made.address)

    def _accountant(self, hit: Hit) -> Staff:
        """Return who makes invoices here; without such a person, whose deal it is."""
        office = self._settings.office
        active = [it for it in self._settings.staff if it.active]
        of_accounts = (it for it in active if office.base_role(it.role) == Role.ACCOUNTANT)
        owner = (it for it in active if it.id == hit.shown.get("owner_id"))
        found = next(of_accounts, None) or next(owner, None)
        if found is None:
            raise Invalid("nobody makes invoices here", code="bot_no_accountant")
        return found

    def _working_day(self) -> date:
        work = self._settings.office.work
        return work.add_minutes(self._desk.now(), 1).astimezone(ZoneInfo(work.zone)).date()

    def _hits(self, words: str, chat_id: str) -> list[Hit]:
        """Return what the words mean; without words, what the chat's client has open."""
        if words.strip() or not chat_id:
            return self._found(words)
        doc = self._desk.store.get(Chat.collection, chat_id)
        found = self._desk.store.get(Client.collection, str(doc["client_id"])) if doc else None
        if found is None:
            return self._found(words)
        client = Client.model_validate(found)
        names = [*client.open_deal_ids, *filter(None, (client.open_lead_id,))]
        return [hit for name in names for hit in find(self._look, name, _MOST)]

    def _found(self, words: str) -> list[Hit]:
        if not words.strip():
            raise Invalid("say what to look for", code="bot_find_what")
        hits = find(self._look, words, _MOST)
        if not hits:
            raise Invalid("nothing is found", code="bot_find_nothing")
        return hits

    def _only(self, hits: list[Hit]) -> Hit:
        """Return the one open record; `Invalid` names them when there are several."""
        open_ones = [hit for hit in hits if hit.kind in {Lead, Deal}]
        if len(open_ones) == 1:
            return open_ones[0]
        if not open_ones:
            raise Invalid("nothing is found", code="bot_find_nothing")
        listed = "\n".join(f"– {it.shown.get('name', '')} · {it.id}" for it in open_ones)
        raise Invalid("there are several", code="bot_find_many", known=listed)

    def _told(self, hit: Hit) -> str:
        """Return a record as this person sees it, the words of clients as typed."""
        shown = hit.shown
        owner = self._settings.person(str(shown.get("owner_id") or ""))
        phones = shown.get("phones")
        due = shown.get("next_at")
        lines = (
            " ".join(str(shown.get("name") or hit.id).split()),
            self._stage(hit),
            ", ".join(map(str, phones)) if isinstance(phones, list) else "",
            owner.name if owner is not None else "",
            self._say("notice_until", when=self._when(str(due))) if due else "",
            hit.id,
        )
        return "\n".join(filter(None, lines))

    def _stage(self, hit: Hit) -> str:
        line = next(
            (it for it in self._settings.office.pipelines if it.id == hit.shown.get("pipeline")),
            None,
        )
        stages = line.stages if line is not None else ()
        stage = next((it for it in stages if it.id == hit.shown.get("stage")), None)
        if stage is None:
            return ""
        return stage.name_en if self._locale == "en" and stage.name_en else stage.name

    def _when(self, spelled: str) -> str:
        local = read(spelled).astimezone(ZoneInfo(self._settings.office.work.zone))
        return f"{local:%d.%m %H:%M}"

    def _titled(self, code: str, lines: tuple[str, ...]) -> str:
        return "\n".join((self._say(code), *lines))

    def _say(self, code: str, **facts: object) -> str:
        return text(code, self._locale, **facts)

    @property
    def _locale(self) -> str:
        return self._settings.office.locale
