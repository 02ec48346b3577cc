"""What a pack writes under `workflow:`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from loket.kernel.definition import Key, LocalText, Part, Source

EffectSpec = Annotated[dict[Key, JsonValue], Field(min_length=1, max_length=1)]


class Term(Part):
    """A length of time: exactly one of the three."""

    working_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    hours: Annotated[int, Field(ge=1, le=8784)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.working_days, self.days, self.hours)) != 1:
            raise ValueError("write exactly one of working_days, days or hours")
        return self


class ReasonRule(StrEnum):
    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class ReasonOption(Part):
    """A reason from the service's library, so that the same ground always reads the same."""

    value: Key
    label: LocalText


class Action(Part):
    """Something an officer may do in a review stage.

    `asks` opens a question back to the applicant; `reversible` says whether the desk may take it back.
    """

    to: Key
    label: LocalText
    reason: ReasonRule = ReasonRule.NONE
    reasons: tuple[ReasonOption, ...] = Field(default=(), max_length=50)
    when: Source | None = None
    asks: bool = False
    reversible: bool = True

    @model_validator(mode="after")
    def _reasons_fit(self) -> Self:
        if self.reasons and self.reason is ReasonRule.NONE:
            raise ValueError("reasons are listed, but reason is none: write reason: optional or required")
        values = [option.value for option in self.reasons]
        if len(set(values)) != len(values):
            raise ValueError("two reasons have the same value")
        return self


class _Stage(Part):
    label: LocalText
    says: LocalText | None = None
    silent: bool = False


class Review(_Stage):
    """An officer of `team` decides what happens next, ideally `within` the term."""

    kind: Literal["review"]
    team: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    within: Term | None = None
    actions: Mapping[Key, Action] = Field(min_length=1, max_length=20)


class TimeOut(Part):
    to: Key


class Applicant(_Stage):
    """The applicant has to do something; then the case returns to `returns_to`."""

    kind: Literal["applicant"]
    returns_to: Key
    within: Term | None = None
    on_timeout: TimeOut | None = None

    @model_validator(mode="after")
    def _whole_time_out(self) -> Self:
        if (self.within is None) != (self.on_timeout is None):
            raise ValueError("within and on_timeout go together: write both or neither")
        return self


class Collect(_Stage):
    """Something waits for its person at a counter: made, brought to the centre, handed over with proof.

    `at` is the question in which the centre was chosen. `remind` is how long after its arrival the person is
    reminded; what is not collected `within` the term after its arrival goes the way of `on_timeout`.
    """

    kind: Literal["collect"]
    team: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    at: Key
    to: Key
    remind: Term | None = None
    within: Term | None = None
    on_timeout: TimeOut | None = None

    @model_validator(mode="after")
    def _whole_time_out(self) -> Self:
        if (self.within is None) != (self.on_timeout is None):
            raise ValueError("within and on_timeout go together: write both or neither")
        return self


class Choice(Part):
    """A branch of an automatic stage; the last one has no `when` and takes everything left.

    `because` is the rule in words, for whom it decides about.
    """

    to: Key
    when: Source | None = None
    because: LocalText | None = None


class Automatic(_Stage):
    """Passed through at once: causes effects, then goes on."""

    kind: Literal["automatic"]
    effects: tuple[EffectSpec, ...] = Field(default=(), max_length=20)
    to: Key | None = None
    choose: tuple[Choice, ...] | None = Field(default=None, min_length=1, max_length=20)

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        if (self.to is None) == (self.choose is None):
            raise ValueError("write either to or choose")
        if self.choose is not None:
            *guarded, last = self.choose
            if last.when is not None or any(choice.when is None for choice in guarded):
                raise ValueError("every choice needs a when, except the last, which takes all the rest")
        return self

    @property
    def branches(self) -> tuple[Choice, ...]:
        if self.choose is not None:
            return self.choose
        return (Choice(to=self.to or ""),)


class Outcome(StrEnum):
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DONE = "done"


class Final(_Stage):
    """The case is over."""

    kind: Literal["final"]
    outcome: Outcome
    effects: tuple[EffectSpec, ...] = Field(default=(), max_length=20)


Stage = Annotated[Review | Applicant | Automatic | Collect | Final, Field(discriminator="kind")]


# Where a case waits for its fee, and where it ends unpaid: no pack needs to say what is the same in all.
RESERVED_STAGES = frozenset({"awaiting_payment", "lapsed_unpaid", "paid_elsewhere"})


class Workflow(Part):
    start: Key
    stages: Mapping[Key, Stage] = Field(min_length=1, max_length=60)
