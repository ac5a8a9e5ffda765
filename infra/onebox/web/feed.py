"""The change log told to people: one line per commit, newest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kartoteka.domain import instant
from kartoteka.domain.change import ActorKind, Change, Part
from kartoteka.domain.model import CallFact, Lead, Task
from kartoteka.domain.office import Settings
from kartoteka.i18n import text as product_text
from onebox.texts import say

LONGEST = 80  # characters of what a client typed
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `icon` is a Material icon name, `tone` a class of the style sheet."""

    at: datetime  # local time of the office
    icon: str
    tone: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts changes into words; `read` gives a record by collection and id."""

    settings: Settings
    locale: str
    read: Callable[[str, str], Mapping[str, Any] | None]

    def lines(self, change: Change) -> Iterator[Line]:
        """Yield what a change means to a person: nothing for bookkeeping."""
        at = change.at.astimezone(ZoneInfo(self.settings.office.work.zone))
        by_kind = {part.entity: part for part in reversed(change.parts)}
        if "office" in by_kind:
            yield Line(at, "domain", "calm", self._say("feed_office"))
            return
        for told in self._told(change, by_kind):
            icon, tone, text, detail = told
            yield Line(at, icon, tone, text, detail)

    def _told(
        self, change: Change, parts: Mapping[str, Part]
    ) -> Iterable[tuple[str, str, str, str]]:
        for kind, tell in (
            ("inbound", self._inbound),
            ("activity", self._activity),
            ("lead", self._lead),
            ("task", self._task),
            ("notice", self._notice),
            ("pair", self._pair),
        ):
            part = parts.get(kind)
            if kind == "notice" and "task" in parts:
                continue  # the task says the same and to whom
            if part is not None and part.after is not None:
                yield from tell(part, change)

    def _inbound(self, part: Part, _change: Change) -> Iterator[tuple[str, str, str, str]]:
        after = part.after or {}
        channel = str(after.get("channel", ""))
        if after.get("state") == "unknown":
            detail = self._say("feed_unknown_channel", channel=channel)
            yield "help", "warn", self._say("feed_unknown"), detail
        elif after.get("state") == "ignored":
            yield "block", "calm", self._say("feed_ignored", channel=channel), ""
        elif after.get("why") == "call_in_progress":
            yield "ring_volume", "call", self._say("feed_ringing"), ""

    def _activity(self, part: Part, change: Change) -> Iterator[tuple[str, str, str, str]]:
        after = part.after or {}
        if part.before is not None:
            return
        name = self._name(str(after.get("lead_id") or ""), change)
        if after.get("call"):
            yield self._call(CallFact.model_validate(after["call"]), after, name)
        elif not _is_new(change, "lead"):
            code = "feed_message" if after.get("what") == "message" else "feed_repeat"
            yield "chat", "new", self._say(code, name=name), _short(str(after.get("text", "")))

    def _call(
        self, call: CallFact, after: Mapping[str, Any], name: str
    ) -> tuple[str, str, str, str]:
        outgoing = after.get("direction") == "out"
        title = self._say("feed_call_out" if outgoing else "feed_call_in", name=name)
        if call.talk_s:
            detail = self._say("feed_call_talk", span=self._span(call.talk_s))
            return "call_made" if outgoing else "call_received", "call", title, detail
        icon, tone = ("phone_missed", "warn") if not outgoing else ("phone_callback", "calm")
        return icon, tone, title, self._say(f"feed_call_{call.status.value}")

    def _lead(self, part: Part, change: Change) -> Iterator[tuple[str, str, str, str]]:
        after = part.after or {}
        if part.before is None:
            yield self._new_lead(after)
            return
        name = self._name(part.id, change)
        if "stage" in after:
            title = self._say("feed_stage", name=name, stage=self._stage(part, after))
            yield "trending_flat", "move", title, self._mover(change)
        if "owner_id" in after:
            owner = self._person(after["owner_id"])
            title = self._say("feed_owner", name=name, owner=owner)
            yield "person", "move", title, self._mover(change)
        if "name" in after:
            yield "edit", "move", self._say("feed_renamed", name=name), self._mover(change)
        if "note" in after:
            title = self._say("feed_note", name=name)
            yield "sticky_note_2", "move", title, _short(str(after["note"]))

    def _new_lead(self, after: Mapping[str, Any]) -> tuple[str, str, str, str]:
        source = str((after.get("first_touch") or {}).get("name", ""))
        title = self._say("feed_lead_new", name=_short(str(after.get("name", ""))))
        if not after.get("owner_id"):
            return "star", "new", title, self._say("feed_lead_new_free", source=source)
        owner = self._person(after["owner_id"])
        return "star", "new", title, self._say("feed_lead_new_owner", source=source, owner=owner)

    def _task(self, part: Part, _change: Change) -> Iterator[tuple[str, str, str, str]]:
        after = part.after or {}
        if part.before is None:
            due = instant.read(str(after["due_at"])).astimezone(
                ZoneInfo(self.settings.office.work.zone)
            )
            who = self._person(after.get("assignee_id"))
            detail = self._say("feed_task_for", who=who, due=f"{due:%d.%m %H:%M}")
            title = self._say("feed_task", title=_short(str(after.get("title", ""))))
            yield "task_alt", "task", title, detail
        elif after.get("state") == "done":
            title = str((self.read(Task.collection, part.id) or {}).get("title", ""))
            yield "check_circle", "good", self._say("feed_task_done", title=_short(title)), ""

    def _notice(self, part: Part, _change: Change) -> Iterator[tuple[str, str, str, str]]:
        after = part.after or {}
        told = product_text(str(after.get("code", "")), self.locale)
        detail = self._say("feed_notice_for", who=self._person(after.get("staff_id")))
        yield "notifications", "warn", self._say("feed_notice", text=told), detail

    def _pair(self, _part: Part, _change: Change) -> Iterator[tuple[str, str, str, str]]:
        yield "group", "warn", self._say("feed_pair"), ""

    def _mover(self, change: Change) -> str:
        if change.evidence:
            return self._say("feed_stage_call")
        if change.actor.kind is ActorKind.STAFF:
            return self._say("feed_stage_hand", who=self._person(change.actor.id))
        return self._say("feed_stage_rule")

    def _stage(self, part: Part, after: Mapping[str, Any]) -> str:
        lead = self.read(Lead.collection, part.id) or {}
        pipeline = self.settings.office.pipeline(str(lead.get("pipeline", "")))
        stage = pipeline.stage(str(after["stage"]))
        return stage.name_en if self.locale == "en" else stage.name

    def _name(self, lead_id: str, change: Change) -> str:
        wanted = (Lead.kind, lead_id)
        here = (p.after or {} for p in change.parts if (p.entity, p.id) == wanted)
        name = next((after["name"] for after in here if "name" in after), None)
        if name is None:
            found = self.read(Lead.collection, lead_id) if lead_id else None
            name = (found or {}).get("name")
        return _short(str(name)) if name else "…"

    def _person(self, staff_id: object) -> str:
        person = self.settings.person(str(staff_id)) if staff_id else None
        return person.name if person else self._say("somebody")

    def _span(self, seconds: float) -> str:
        if seconds < _MINUTE:
            return self._say("seconds", count=round(seconds))
        return self._say("minutes", count=round(seconds / _MINUTE))

    def _say(self, code: str, **facts: object) -> str:
        return say(code, self.locale, **facts)


def _is_new(change: Change, entity: str) -> bool:
    return any(part.entity == entity and part.before is None for part in change.parts)


def _short(typed: str) -> str:
    """Return what somebody typed, on one line and not longer than a line of the feed."""
    line = " ".join(typed.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
