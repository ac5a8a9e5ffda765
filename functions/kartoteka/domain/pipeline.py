"""Pipelines as data: stages, what lets a record leave them and what they ask for."""

from pydantic import Field

from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Value
from kartoteka.domain.worktime import Delay


class Stage(Value):
    """One stage; the id never changes, everything else may be edited by the office."""

    id: str
    name: str
    name_en: str
    state: str  # open, ongoing, won, lost
    gated: bool = False  # only a call leads out; see `domain.ladder`
    colour: str = ""  # #rrggbb of the row
    action: str = ""  # what to do next on entering
    due: Delay | None = None  # when it must be done
    on_conversation: str = ""  # stage after a conversation
    on_attempt: str = ""  # stage after an attempt
    tries: int = 0  # attempts on this rung before `exhausted`
    retry: Delay | None = None  # pause between two attempts
    exhausted: str = ""  # stage when the tries are used up
    leads_to: tuple[str, ...] = ()  # stages a person may choose; empty: none
    free_reasons: tuple[str, ...] = ()  # reasons to go from a gated stage to `lost` uncalled
    needs_reason: bool = False  # entering needs a reason
    needs_wake: bool = False  # entering needs a wake date
    reopen_roles: tuple[str, ...] = ()  # who may take a record out of a final stage


class Pipeline(Value):
    """An ordered set of stages; the first is where records start."""

    id: str
    name: str
    stages: tuple[Stage, ...] = Field(min_length=1)

    @property
    def first(self) -> Stage:
        """Return the stage of a new record."""
        return self.stages[0]

    def stage(self, stage_id: str) -> Stage:
        """Return the stage with this id; `NotFound` names the ones there are."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        known = ", ".join(stage.id for stage in self.stages)
        raise NotFound(f"there is no stage {stage_id!r}; known: {known}", code="stage_unknown")

    def by_name(self, name: str) -> Stage:
        """Return the stage a person means by its Russian or English name or its id."""
        wanted = name.strip().casefold()
        for stage in self.stages:
            if wanted in {stage.id, stage.name.casefold(), stage.name_en.casefold()}:
                return stage
        raise NotFound(f"there is no stage called {name!r}", code="stage_unknown")
