import pytest

from loket.workflow import (
    ActionNotAllowed,
    Cause,
    EffectCall,
    EndlessWorkflow,
    GivenReason,
    NothingToCollect,
    NoTimeOut,
    NotWaiting,
    Outcome,
    ReasonMissing,
    ReasonUnknown,
    Step,
    act,
    allowed_actions,
    answer,
    collected,
    start,
    time_out,
)
from tests.workflow.samples import CONTEXT, FACTS, label, workflow


def test_start_goes_through_automatic_stages_at_once() -> None:
    move = start(workflow(), FACTS, CONTEXT)
    assert move.from_stage == ""
    assert move.to_stage == "check"
    assert move.steps == (Step("", "sort", Cause.START), Step("sort", "check", Cause.AUTOMATIC))
    assert move.effects == (EffectCall("note", "received", "sort"),)
    assert move.outcome is None


def test_start_takes_the_first_branch_that_holds() -> None:
    assert start(workflow(), {**FACTS, "years": 3}, CONTEXT).to_stage == "board"


def test_start_with_an_unanswered_question_takes_the_last_branch() -> None:
    assert start(workflow(), {**FACTS, "years": None}, CONTEXT).to_stage == "check"


def test_start_reports_a_guard_that_could_not_be_worked_out() -> None:
    odd = workflow(
        sort={
            "kind": "automatic",
            "label": label("Received"),
            "choose": [{"when": "1 / years > 0", "to": "board"}, {"to": "check"}],
        }
    )
    move = start(odd, {**FACTS, "years": 0}, CONTEXT)
    assert move.to_stage == "check"
    assert [(fault.stage, fault.code) for fault in move.faults] == [("sort", "division_by_zero")]


def test_effects_keep_their_order_and_their_stage() -> None:
    move = act(workflow(), "check", "approve", FACTS, CONTEXT)
    assert move.outcome is Outcome.GRANTED
    assert [(call.key, call.stage) for call in move.effects] == [
        ("issue", "issue"),
        ("tell", "issue"),
        ("count", "granted"),
    ]
    assert move.effects[1].argument == ["police", "insurer"]


def test_act_refuses_an_action_whose_condition_is_not_met() -> None:
    with pytest.raises(ActionNotAllowed) as refusal:
        act(workflow(), "check", "approve", {**FACTS, "urgent": True}, CONTEXT)
    assert refusal.value.details == {"stage": "check", "action": "approve"}


@pytest.mark.parametrize(
    ("stage", "action"), [("check", "steal"), ("waiting", "approve"), ("granted", "approve"), ("moon", "go")]
)
def test_act_refuses_what_is_not_there(stage: str, action: str) -> None:
    with pytest.raises(ActionNotAllowed):
        act(workflow(), stage, action, FACTS, CONTEXT)


def test_act_refuses_without_the_reason_it_needs() -> None:
    with pytest.raises(ReasonMissing):
        act(workflow(), "check", "refuse", FACTS, CONTEXT, reason=GivenReason(words="  \n"))


@pytest.mark.parametrize("reason", [GivenReason(("expired",)), GivenReason(words="Out of our area.")])
def test_act_takes_a_listed_reason_or_words(reason: GivenReason) -> None:
    assert act(workflow(), "check", "refuse", FACTS, CONTEXT, reason=reason).outcome is Outcome.REFUSED


def test_act_refuses_a_reason_from_nowhere() -> None:
    with pytest.raises(ReasonUnknown):
        act(workflow(), "check", "refuse", FACTS, CONTEXT, reason=GivenReason(("because",)))
    with pytest.raises(ReasonUnknown):
        act(workflow(), "check", "approve", FACTS, CONTEXT, reason=GivenReason(words="I like it."))


def test_allowed_actions_are_those_whose_condition_is_met() -> None:
    assert [key for key, _ in allowed_actions(workflow(), "check", FACTS, CONTEXT)] == [
        "approve",
        "refuse",
        "ask",
    ]
    urgent = {**FACTS, "urgent": True}
    assert [key for key, _ in allowed_actions(workflow(), "check", urgent, CONTEXT)] == ["refuse", "ask"]
    assert allowed_actions(workflow(), "waiting", FACTS, CONTEXT) == ()


def test_answer_returns_to_the_office() -> None:
    move = answer(workflow(), "waiting", FACTS, CONTEXT)
    assert move.steps == (Step("waiting", "check", Cause.ANSWER),)
    with pytest.raises(NotWaiting):
        answer(workflow(), "check", FACTS, CONTEXT)


def test_time_out_goes_where_the_pack_says() -> None:
    move = time_out(workflow(), "waiting", FACTS, CONTEXT)
    assert (move.to_stage, move.outcome, move.steps[0].cause) == (
        "lapsed",
        Outcome.WITHDRAWN,
        Cause.TIME_OUT,
    )
    with pytest.raises(NoTimeOut):
        time_out(workflow(), "check", FACTS, CONTEXT)


def test_a_loop_of_automatic_stages_is_not_followed_for_ever() -> None:
    round_trip = workflow(
        issue={"kind": "automatic", "label": label("Round"), "to": "again"},
        again={"kind": "automatic", "label": label("And round"), "to": "issue"},
    )
    with pytest.raises(EndlessWorkflow):
        act(round_trip, "board", "approve", FACTS, CONTEXT)


def _counter(**more: object) -> dict[str, object]:
    return {"kind": "collect", "label": label("Collect"), "team": "desk", "at": "c", "to": "granted"} | more


def test_what_waits_at_the_counter_goes_on_once_it_is_handed_over() -> None:
    shop = workflow(issue=_counter(within={"days": 30}, on_timeout={"to": "lapsed"}))
    assert act(shop, "check", "approve", FACTS, CONTEXT).to_stage == "issue"
    assert allowed_actions(shop, "issue", FACTS, CONTEXT) == ()
    move = collected(shop, "issue", FACTS, CONTEXT)
    assert (move.to_stage, move.outcome) == ("granted", Outcome.GRANTED)
    assert move.steps == (Step("issue", "granted", Cause.COLLECTED),)
    assert time_out(shop, "issue", FACTS, CONTEXT).to_stage == "lapsed"


def test_nothing_is_collected_elsewhere_and_nothing_runs_out_without_a_term() -> None:
    with pytest.raises(NothingToCollect):
        collected(workflow(), "check", FACTS, CONTEXT)
    with pytest.raises(NoTimeOut):
        time_out(workflow(issue=_counter()), "issue", FACTS, CONTEXT)
