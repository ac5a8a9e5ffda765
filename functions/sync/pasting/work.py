"""What becomes of pasted rows: judged as soon as they are there, taken in when somebody says so.

One choice at the top is one import: its token goes into the table's fingerprint, so a flush that
died in the middle goes on where it stopped, and one that died behind the end finds it done.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from zoneinfo import ZoneInfo

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.domain.ids import fresh
from kartoteka.domain.table_import import NEW, UPDATE, VERDICTS, ImportRun, Verdict
from kartoteka.services import importing, undo
from kartoteka.services.office import Desk
from sync.columns import Frame
from sync.commands import in_words
from sync.pasting.layout import CLEAR, LOAD, UNDO
from sync.pasting.rows import HEADERS, TOP, Pasted, is_answer, names

MOST = 1_500  # rows of one flush; the next goes on
_DONE = "✓ "
_LONGEST = 1_000  # characters of an answer
Line = list[str]


@dataclass(frozen=True, slots=True)
class State:
    """How far the tab is: which rows were judged, under which token, which act took them in."""

    rows: str = ""
    turn: str = ""
    batch: str = ""
    phase: str = ""  # checked, loading, loaded, undone

    @classmethod
    def read(cls, text: str) -> "State":
        """Return the state behind its text; an unknown one is that of an empty tab."""
        try:
            return cls(**json.loads(text)) if text.startswith("{") else cls()
        except (TypeError, ValueError):
            return cls()

    def text(self) -> str:
        """Return the stored form."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass
class Pasting:
    """One look at the tab; `who` gives who chose, None while that is waited for.

    Attributes:
        desk: what services work with.
        frame: the office and the reader of the book.
        there: the tab as read.
        who: who chose what stands at the top: an actor, a refusal in words, or None: wait.
        cause: what commands of this book give as their cause.
        lines: answers to write, by row.
        unsettled: another look is due soon.
    """

    desk: Desk
    frame: Frame
    there: Pasted
    who: Callable[[], Actor | str | None]
    cause: str
    lines: dict[int, Line] = field(default_factory=dict)
    unsettled: bool = False

    def run(self, state: State) -> State:
        """Return the state after this look; what is to be written is in `lines`."""
        if self._is_misplaced():
            return self._says("paste_misplaced", state)
        if not self.there.data:
            self._answer({})
            return self._says("paste_hint", State())
        if self.there.print != state.rows or self.there.said == self.frame.say("paste_hint"):
            return self._judged(state)
        chosen = self.there.chosen.casefold()
        if not chosen:
            return state
        acts = {LOAD: self._load, UNDO: self._undo, CLEAR: self._clear}
        named = {self.frame.say(f"act_{code}").casefold(): act for code, act in acts.items()}
        if chosen not in named:
            return self._says("action_unknown", state)
        return self._acted(state, named[chosen])

    def _acted(self, state: State, act: Callable[[State, Actor], State]) -> State:
        actor = self.who()
        if actor is None:
            return state
        if isinstance(actor, str):
            return self._told(actor, state)
        try:
            return act(state, actor)
        except (Rejected, Conflict) as exc:
            return self._told(in_words(exc, self.frame, ""), state)

    def _checked(self, state: State) -> State:
        """Judge every row as the reader of the book would import it; nothing is written."""
        try:
            plan = self._plan(self.frame.reader, fresh("t"))
            parts = importing.tried(self.desk, plan)
            verdicts = [verdict for part in parts for verdict in part]
        except (Rejected, Conflict) as exc:
            self._answer({})
            return self._told(in_words(exc, self.frame, ""), State(rows=self.there.print))
        self._answer({it.row: self._line(it) for it in verdicts})
        code = "paste_changed" if state.phase == "loading" else "paste_checked"
        totals = Counter(verdict.what for verdict in verdicts)
        told = State(self.there.print, fresh("t"), phase="checked")
        return self._says(code, told, **self._counted(totals))

    def _judged(self, state: State) -> State:
        """Judge the rows; in a tab made anew they are the same: the act that took them in stays."""
        stays = state.phase == "loaded" and self.there.print == state.rows
        checked = self._checked(state)
        return self._says("paste_loaded_earlier", state) if stays else checked

    def _load(self, state: State, actor: Actor) -> State:
        """Take the rows in, so many a look; the choice stands until all are in."""
        if state.phase == "loaded":
            return self._says("paste_loaded_before", state)
        plan = self._plan(actor, state.turn)
        run = importing.earlier(self.desk, plan)
        if run is None or run.state != "done":
            run = importing.begin(self.desk, plan, cause=f"{self.cause}:{state.turn}")
            self._repeat(run.rows)
            run = self._portions(plan, run)
        else:
            self._repeat(run.rows)
        state = replace(state, batch=run.batch_id, phase="loading")
        if run.state != "done":
            self.unsettled = True
            said = self.frame.say("paste_loading", done=run.rows, count=len(self.there.data))
            self.lines[TOP] = [self.there.chosen, said]
            return state
        told = self._counted(Counter(run.totals))
        return self._says("paste_loaded", replace(state, phase="loaded"), **told)

    def _portions(self, plan: importing.Plan, run: ImportRun) -> ImportRun:
        done = 0
        for verdicts in importing.run(self.desk, plan, run):
            for verdict in verdicts:
                self.lines[verdict.row] = self._line(verdict, done=True)
            done += len(verdicts)
            if done >= MOST:
                break
        return importing.earlier(self.desk, plan) or run

    def _repeat(self, count: int) -> None:
        """Say of rows that an earlier look took in that they are in: it may not have said so."""
        taken = {self._word(what) for what in (NEW, UPDATE)}
        for row in self.there.data[:count]:
            what, why = self.there.answers.get(row.number, ("", ""))
            if what in taken:
                self.lines[row.number] = [f"{_DONE}{what}", why]

    def _undo(self, state: State, actor: Actor) -> State:
        if state.phase != "loaded":
            return self._says("paste_no_batch", state)
        try:
            undo.undo(self.desk, actor, state.batch, cause=f"{self.cause}:undo:{state.batch}")
        except Invalid as exc:
            if exc.code != "undone_already":  # by a look that died before it could say so
                raise
        self._checked(State())
        told = State(self.there.print, fresh("t"), phase="undone")
        return self._says("paste_undone", told)

    def _clear(self, _state: State, _actor: Actor) -> State:
        last = max(self.there.answers, default=0)
        for number in range(TOP + 1, last + 1):
            self.lines[number] = [""] * self.there.width
        titles = (self.frame.say("import_verdict"), self.frame.say("import_why"))
        blank = [""] * max(0, self.there.width - len(names(self.frame)) - len(titles))
        self.lines[HEADERS] = [*titles, *names(self.frame), *blank]
        return self._says("paste_hint", State())

    def _plan(self, actor: Actor, turn: str) -> importing.Plan:
        table = self.there.table(self.frame.say("tab_import"), turn)
        return importing.prepare(self.desk, actor, table)

    def _answer(self, lines: dict[int, Line]) -> None:
        """Write what differs from the answers that stand there; rows without one lose theirs."""
        for number, stands in self.there.answers.items():
            if number == HEADERS and number not in lines:
                continue
            wanted = lines.get(number, ["", ""])
            if [*stands] != wanted:
                self.lines[number] = wanted

    def _line(self, verdict: Verdict, *, done: bool = False) -> Line:
        why = " ".join(importing.reasons(verdict, self.frame.locale))
        mark = _DONE if done and verdict.what in {NEW, UPDATE} else ""
        return [f"{mark}{self._word(verdict.what)}", why[:_LONGEST]]

    def _word(self, what: str) -> str:
        return self.frame.say(f"import_{what}")

    def _is_misplaced(self) -> bool:
        """Return whether something stands where only our answers do."""
        words = [mark + self._word(what) for what in VERDICTS for mark in ("", _DONE)]
        words.append(self.frame.say("import_verdict"))
        return self.there.spilled or not all(
            is_answer(stands, words) for stands in self.there.answers.values()
        )

    def _counted(self, totals: Counter[str]) -> dict[str, int]:
        return {**{what: totals[what] for what in VERDICTS}, "count": sum(totals.values())}

    def _says(self, code: str, state: State, **facts: object) -> State:
        local = self.desk.now().astimezone(ZoneInfo(self.frame.settings.office.work.zone))
        return self._told(self.frame.say(code, time=f"{local:%H:%M}", **facts), state)

    def _told(self, said: str, state: State) -> State:
        """Say how it stands and take the choice away; nothing is written when it stands there."""
        if (self.there.chosen, self.there.said) != ("", said):
            self.lines[TOP] = ["", said]
        return state
