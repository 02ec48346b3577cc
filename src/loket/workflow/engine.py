"""What happens to a case: each function takes where it is and gives the whole move.

A move goes through automatic stages at once, so a case only ever rests in a stage where somebody has to
act or in a final one. Effects are listed, never performed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pydantic import JsonValue

from loket import expressions
from loket.expressions import Context, Expression, Value
from loket.kernel.refusals import Refusal
from loket.workflow.definition import (
    Action,
    Applicant,
    Automatic,
    Collect,
    Final,
    Outcome,
    ReasonRule,
    Review,
    Workflow,
)

Facts = Mapping[str, Value]


class Cause(StrEnum):
    """Why a step was taken."""

    START = "start"
    ACTION = "action"
    ANSWER = "answer"
    COLLECTED = "collected"
    TIME_OUT = "time_out"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Step:
    """From one stage to the next; `from_stage` is empty at the start."""

    from_stage: str
    to_stage: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class EffectCall:
    """An effect to perform: its key, the argument as the pack wrote it, and the stage that causes it."""

    key: str
    argument: JsonValue
    stage: str


@dataclass(frozen=True, slots=True)
class GuardFault:
    """A guard that could not be worked out and so counted as not met."""

    stage: str
    source: str
    code: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Which choices an automatic stage looked at, in order; the last of them was taken."""

    stage: str
    tried: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """All that one happening does: stages entered in order, effects in order, the outcome if it is over.

    `branches` are the decisions that no person took.
    """

    from_stage: str
    to_stage: str
    steps: tuple[Step, ...]
    effects: tuple[EffectCall, ...]
    outcome: Outcome | None
    faults: tuple[GuardFault, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Reasons chosen from the action's library, and the officer's own words."""

    values: tuple[str, ...] = ()
    words: str = ""


NO_REASON = GivenReason()


class NotAllowed(Refusal):
    """The case can't move like that from where it is."""

    code = "not_allowed"


class ActionNotAllowed(NotAllowed):
    """There is no such action in this stage, or its condition isn't met."""

    code = "action_not_allowed"


class NotWaiting(NotAllowed):
    """The case is not waiting for the applicant."""

    code = "not_waiting"


class NothingToCollect(NotAllowed):
    """Nothing waits at a counter in this stage."""

    code = "nothing_to_collect"


class NoTimeOut(NotAllowed):
    """Nothing runs out in this stage."""

    code = "no_time_out"


class ReasonMissing(NotAllowed):
    """The action needs a reason."""

    code = "reason_missing"


class ReasonUnknown(NotAllowed):
    """The reason isn't in the action's library, or the action takes none."""

    code = "reason_unknown"


class EndlessWorkflow(RuntimeError):
    """The workflow goes round through automatic stages; `problems` would have refused it."""


def start(workflow: Workflow, facts: Facts, context: Context) -> Move:
    """The move that opens a case."""
    return _move(workflow, "", workflow.start, Cause.START, facts, context)


def allowed_actions(
    workflow: Workflow, stage: str, facts: Facts, context: Context
) -> tuple[tuple[str, Action], ...]:
    """What an officer may do now, in the pack's order. Empty outside review stages."""
    here = workflow.stages.get(stage)
    if not isinstance(here, Review):
        return ()
    return tuple((key, action) for key, action in here.actions.items() if _holds(action, facts, context))


def act(
    workflow: Workflow,
    stage: str,
    action: str,
    facts: Facts,
    context: Context,
    *,
    reason: GivenReason = NO_REASON,
) -> Move:
    """An officer acts. Raises ActionNotAllowed, ReasonMissing or ReasonUnknown."""
    here = workflow.stages.get(stage)
    chosen = here.actions.get(action) if isinstance(here, Review) else None
    if chosen is None or not _holds(chosen, facts, context):
        raise ActionNotAllowed(stage=stage, action=action)
    _check_reason(chosen, reason)
    return _move(workflow, stage, chosen.to, Cause.ACTION, facts, context)


def answer(workflow: Workflow, stage: str, facts: Facts, context: Context) -> Move:
    """The applicant did what was asked. Raises NotWaiting."""
    here = workflow.stages.get(stage)
    if not isinstance(here, Applicant):
        raise NotWaiting(stage=stage)
    return _move(workflow, stage, here.returns_to, Cause.ANSWER, facts, context)


def collected(workflow: Workflow, stage: str, facts: Facts, context: Context) -> Move:
    """What waited at the counter was handed over. Raises NothingToCollect."""
    here = workflow.stages.get(stage)
    if not isinstance(here, Collect):
        raise NothingToCollect(stage=stage)
    return _move(workflow, stage, here.to, Cause.COLLECTED, facts, context)


def time_out(workflow: Workflow, stage: str, facts: Facts, context: Context) -> Move:
    """The applicant's time to answer or to collect ran out. Raises NoTimeOut where none runs."""
    here = workflow.stages.get(stage)
    if not isinstance(here, Applicant | Collect) or here.on_timeout is None:
        raise NoTimeOut(stage=stage)
    return _move(workflow, stage, here.on_timeout.to, Cause.TIME_OUT, facts, context)


def _check_reason(action: Action, reason: GivenReason) -> None:
    words = reason.words.strip()
    given = bool(reason.values or words)
    if action.reason is ReasonRule.REQUIRED and not given:
        raise ReasonMissing()
    known = {option.value for option in action.reasons}
    if not known.issuperset(reason.values) or (action.reason is ReasonRule.NONE and given):
        raise ReasonUnknown()


def _holds(action: Action, facts: Facts, context: Context) -> bool:
    return action.when is None or expressions.evaluate(parsed(action.when), facts, context).truth


def _move(workflow: Workflow, origin: str, target: str, cause: Cause, facts: Facts, context: Context) -> Move:
    steps = [Step(origin, target, cause)]
    effects: list[EffectCall] = []
    faults: list[GuardFault] = []
    branches: list[Branch] = []
    # A walk that enters more stages than there are has entered one twice with the same facts: it never ends.
    for _ in workflow.stages:
        stage = workflow.stages[target]
        if isinstance(stage, Automatic | Final):
            effects.extend(
                EffectCall(key, argument, target) for spec in stage.effects for key, argument in spec.items()
            )
        if not isinstance(stage, Automatic):
            outcome = stage.outcome if isinstance(stage, Final) else None
            return Move(origin, target, tuple(steps), tuple(effects), outcome, tuple(faults), tuple(branches))
        number = _branch(stage, target, facts, context, faults)
        following = stage.branches[number].to
        if stage.choose is not None:
            branches.append(Branch(target, (*(False,) * number, True)))
        steps.append(Step(target, following, Cause.AUTOMATIC))
        target = following
    raise EndlessWorkflow(target)


def _branch(stage: Automatic, key: str, facts: Facts, context: Context, faults: list[GuardFault]) -> int:
    """The number of the choice taken."""
    *guarded, _last = stage.branches
    for number, choice in enumerate(guarded):
        result = expressions.evaluate(parsed(choice.when or ""), facts, context)
        if result.error is not None:
            faults.append(GuardFault(key, choice.when or "", result.error.code))
        if result.truth:
            return number
    return len(guarded)


@lru_cache(maxsize=4096)
def parsed(source: str) -> Expression:
    """The expression of a guard; published packs repeat few of them. Raises SyntaxProblem."""
    return expressions.parse(source)
