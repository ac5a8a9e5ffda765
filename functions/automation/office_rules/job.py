"""One action that is to be done: with which record, for whom, through which store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.firing import Firing, Outcome
from kartoteka.domain.model import Client, Entity, Lead, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.rules.model import Act, ArgValue, Rule
from kartoteka.hook_ports import Hooks
from kartoteka.services.office import Desk
from kartoteka.services.once import Once

About: TypeAlias = Lead | Deal | Client | Task
DONE = ""
NOTHING = "rule_nothing"  # the record is as the rule wants it already
_KINDS: Mapping[str, type[Entity]] = {it.kind: it for it in (Lead, Deal, Client, Task)}


@dataclass(frozen=True)
class Job:
    """One action of one firing.

    Attributes:
        desk: the office; what is done through it is noted with the effect, in one transaction.
        firing: why it is to be done.
        rule: whose action it is.
        number: its place among the rule's actions.
        hooks: the world outside.
    """

    desk: Desk
    firing: Firing
    rule: Rule
    number: int
    hooks: Hooks

    @property
    def act(self) -> Act:
        """Return the action."""
        return self.rule.actions[self.number]

    @property
    def args(self) -> Mapping[str, ArgValue]:
        """Return what the action is to be done with."""
        return self.act.args

    @property
    def settings(self) -> Settings:
        """Return the settings of the office."""
        return self.desk.settings()

    @property
    def actor(self) -> Actor:
        """Return the rule as who acts."""
        return Actor(kind=ActorKind.RULE, id=self.rule.row.id)

    @property
    def cause(self) -> str:
        """Return what the changes of this action name as their cause."""
        return self.firing.cause_of_effects

    def word(self, name: str) -> str:
        """Return an argument that is a text, empty when it was not given."""
        found = self.args.get(name)
        return found if isinstance(found, str) else ""

    def record(self) -> About | None:
        """Return what the rule fired about as it is now, None when it is gone or is the office."""
        kind = _KINDS.get(self.firing.about)
        doc = self.desk.store.get(kind.collection, self.firing.record_id) if kind else None
        found = kind.model_validate(doc) if kind is not None and doc is not None else None
        return found if isinstance(found, Lead | Deal | Client | Task) else None

    def client(self) -> Client | None:
        """Return whose record it is."""
        doc = self.desk.store.get(Client.collection, self.firing.client_id or "")
        return None if doc is None else Client.model_validate(doc)

    def noting(self, *, moves: str = "") -> "Job":
        """Return the job whose first transaction also notes that the action was done."""
        outcome = Outcome(number=self.number, act=self.act.name, state="done")
        once = Once(self.desk.store, self.firing.id, outcome, self.desk.now(), moves=moves)
        return replace(self, desk=replace(self.desk, store=once))


Deed: TypeAlias = Callable[[Job], str]
"""Does an action; returns why there was nothing to do (a code), or `DONE`."""
