from typing import Any

import pytest

from loket.workflow import Workflow, guards, problems
from tests.workflow.samples import label, licence, workflow


def found(definition: Workflow) -> set[tuple[str, str]]:
    return {(problem.code, "/".join(map(str, problem.path))) for problem in problems(definition)}


def test_a_sound_workflow_has_no_problems() -> None:
    assert problems(workflow()) == ()


def test_a_way_to_nowhere_is_found_at_its_place() -> None:
    assert found(workflow(lapsed=None)) == {("stage-unknown", "stages/waiting/on_timeout/to")}
    assert found(workflow(board=None)) == {("stage-unknown", "stages/sort/choose/0/to")}
    assert found(Workflow.model_validate({**licence(), "start": "moon"})) == {("stage-unknown", "start")}


def test_a_stage_nobody_reaches_is_found() -> None:
    island = {"kind": "final", "label": label("Island"), "outcome": "done"}
    assert found(workflow(island=island)) == {("stage-unreachable", "stages/island")}


def test_a_stage_that_never_ends_is_found() -> None:
    pit: dict[str, Any] = {
        "kind": "review",
        "label": label("With the board"),
        "team": "board",
        "actions": {"again": {"to": "board", "label": label("Look again")}},
    }
    assert found(workflow(board=pit)) == {("stage-never-ends", "stages/board")}


def test_an_automatic_loop_is_found_even_behind_a_condition() -> None:
    loop = {
        "kind": "automatic",
        "label": label("Round"),
        "choose": [{"when": "urgent", "to": "issue"}, {"to": "granted"}],
    }
    assert found(workflow(issue=loop)) == {("automatic-loop", "stages/issue")}


def test_a_counter_leads_on_and_out_of_its_time() -> None:
    counter = {"kind": "collect", "label": label("Collect"), "team": "desk", "at": "c", "to": "granted"}
    assert problems(workflow(issue=counter)) == ()
    lost = workflow(issue=counter | {"to": "nowhere", "within": {"days": 1}, "on_timeout": {"to": "gone"}})
    assert [problem.path for problem in problems(lost)] == [
        ("stages", "issue", "to"),
        ("stages", "issue", "on_timeout", "to"),
    ]


def test_an_action_that_asks_must_lead_to_the_applicant() -> None:
    board = {
        "kind": "review",
        "label": label("With the board"),
        "team": "board",
        "actions": {"ask": {"to": "check", "label": label("Ask"), "asks": True}},
    }
    assert found(workflow(board=board)) == {("asks-nobody", "stages/board/actions/ask/to")}


def test_guards_are_listed_with_their_place() -> None:
    assert [(guard.path, guard.source) for guard in guards(workflow())] == [
        (("stages", "sort", "choose", 0, "when"), "years > 2"),
        (("stages", "check", "actions", "approve", "when"), "!urgent"),
    ]


@pytest.mark.parametrize(
    ("key", "stage", "sentence"),
    [
        (
            "waiting",
            {"kind": "applicant", "label": {"en": "W"}, "returns_to": "check", "within": {"days": 1}},
            "within and on_timeout go together",
        ),
        ("issue", {"kind": "automatic", "label": {"en": "I"}}, "either to or choose"),
        (
            "issue",
            {"kind": "automatic", "label": {"en": "I"}, "choose": [{"when": "true", "to": "granted"}]},
            "except the last",
        ),
        (
            "waiting",
            {
                "kind": "applicant",
                "label": {"en": "W"},
                "returns_to": "check",
                "within": {"days": 1, "hours": 2},
                "on_timeout": {"to": "lapsed"},
            },
            "exactly one of",
        ),
        ("granted", {"kind": "final", "label": {}, "outcome": "granted"}, "at least 1 item"),
        (
            "issue",
            {"kind": "automatic", "label": {"en": "I"}, "to": "granted", "effects": [{"a": 1, "b": 2}]},
            "at most 1 item",
        ),
        (
            "board",
            {
                "kind": "review",
                "label": {"en": "B"},
                "team": "board",
                "actions": {
                    "go": {
                        "to": "granted",
                        "label": {"en": "Go"},
                        "reasons": [{"value": "a", "label": {"en": "A"}}],
                    }
                },
            },
            "reason is none",
        ),
    ],
)
def test_a_half_written_stage_is_refused(key: str, stage: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        workflow(**{key: stage})
