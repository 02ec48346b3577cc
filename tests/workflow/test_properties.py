"""Whatever officers, applicants and time do, a case stays on the map and no effect is lost."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loket.workflow import (
    Applicant,
    Automatic,
    Collect,
    Final,
    GivenReason,
    Move,
    Review,
    Workflow,
    act,
    allowed_actions,
    answer,
    collected,
    problems,
    start,
    time_out,
)
from tests.workflow.samples import CONTEXT, label

REASON = GivenReason(words="As the law says.")


@st.composite
def definitions(draw: st.DrawFn) -> Workflow:
    """Any shape at all; many have problems."""
    keys = [f"s{number}" for number in range(draw(st.integers(2, 7)))]
    some_key = st.sampled_from(keys)
    stages: dict[str, Any] = {"end": {"kind": "final", "label": label("End"), "outcome": "done"}}
    anywhere = st.one_of(some_key, st.just("end"))
    for key in keys:
        kind = draw(st.sampled_from(["review", "applicant", "automatic", "collect"]))
        stage: dict[str, Any] = {"kind": kind, "label": label(key)}
        if kind == "review":
            stage |= {
                "team": "t",
                "actions": {
                    name: {"to": draw(anywhere), "label": label(name), "reason": "optional"}
                    | ({"when": draw(st.sampled_from(["n > 1", "n <= 1", "missing > 1"]))})
                    for name in draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True))
                },
            }
        elif kind == "applicant":
            stage |= {"returns_to": draw(anywhere)}
            if draw(st.booleans()):
                stage |= {"within": {"days": 1}, "on_timeout": {"to": draw(anywhere)}}
        elif kind == "collect":
            stage |= {"team": "t", "at": "centre", "to": draw(anywhere)}
            if draw(st.booleans()):
                stage |= {"within": {"days": 1}, "on_timeout": {"to": draw(anywhere)}}
        else:
            stage |= {"effects": [{"tell": key}, {"count": key}]}
            if draw(st.booleans()):
                stage |= {"choose": [{"when": "n > 1", "to": draw(anywhere)}, {"to": draw(anywhere)}]}
            else:
                stage |= {"to": draw(anywhere)}
        stages[key] = stage
    return Workflow.model_validate({"start": keys[0], "stages": stages})


def check(workflow: Workflow, move: Move) -> None:
    """What must be true of every move."""
    assert move.to_stage in workflow.stages
    assert move.steps[0].from_stage == move.from_stage
    assert move.steps[-1].to_stage == move.to_stage
    for one, following in zip(move.steps, move.steps[1:], strict=False):
        assert one.to_stage == following.from_stage
    rest = workflow.stages[move.to_stage]
    assert not isinstance(rest, Automatic)
    assert (move.outcome is not None) == isinstance(rest, Final)
    expected = [
        (key, step.to_stage)
        for step in move.steps
        if isinstance(stage := workflow.stages[step.to_stage], Automatic | Final)
        for spec in stage.effects
        for key in spec
    ]
    assert [(call.key, call.stage) for call in move.effects] == expected


def possible(workflow: Workflow, stage: str, facts: dict[str, Any]) -> list[str]:
    here = workflow.stages[stage]
    if isinstance(here, Review):
        return [key for key, _ in allowed_actions(workflow, stage, facts, CONTEXT)]
    if isinstance(here, Applicant):
        return ["<answer>"] + (["<time>"] if here.on_timeout else [])
    if isinstance(here, Collect):
        return ["<collected>"] + (["<time>"] if here.on_timeout else [])
    return []


def walk(workflow: Workflow, facts: dict[str, Any], choices: list[int]) -> list[Move]:
    moves = [start(workflow, facts, CONTEXT)]
    for number in choices:
        stage = moves[-1].to_stage
        ways = possible(workflow, stage, facts)
        if not ways:
            break
        way = ways[number % len(ways)]
        if way == "<answer>":
            moves.append(answer(workflow, stage, facts, CONTEXT))
        elif way == "<collected>":
            moves.append(collected(workflow, stage, facts, CONTEXT))
        elif way == "<time>":
            moves.append(time_out(workflow, stage, facts, CONTEXT))
        else:
            moves.append(act(workflow, stage, way, facts, CONTEXT, reason=REASON))
    return moves


@settings(max_examples=150, deadline=None)
@given(definitions(), st.none() | st.integers(0, 3), st.lists(st.integers(0, 9), max_size=12))
def test_any_sequence_of_allowed_actions_stays_on_the_map(
    workflow: Workflow, n: int | None, choices: list[int]
) -> None:
    if any(problem.code == "automatic-loop" for problem in problems(workflow)):
        return
    moves = walk(workflow, {"n": n, "missing": None}, choices)
    for before, after in itertools.pairwise(moves):
        assert before.to_stage == after.from_stage
    for move in moves:
        check(workflow, move)


def test_the_check_finds_a_lost_effect() -> None:
    workflow = Workflow.model_validate(
        {
            "start": "one",
            "stages": {
                "one": {"kind": "automatic", "label": label("1"), "effects": [{"tell": 1}], "to": "end"},
                "end": {"kind": "final", "label": label("End"), "outcome": "done"},
            },
        }
    )
    move = start(workflow, {}, CONTEXT)
    check(workflow, move)
    with pytest.raises(AssertionError):
        check(workflow, Move("", "end", move.steps, (), move.outcome))
    with pytest.raises(AssertionError):
        check(workflow, Move("", "end", move.steps[:1], move.effects, move.outcome))
