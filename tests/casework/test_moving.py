"""Moves: what each action does to the case, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from loket.audit.models import Entry
from loket.casework import actions, queries
from loket.casework.models import Case, CaseEvent
from loket.casework.refusals import NoSuchCase, NothingAsked, Stale
from loket.casework.types import Happened, Phase
from loket.workflow.engine import ActionNotAllowed, GivenReason, ReasonMissing, ReasonUnknown
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def test_a_case_opens_where_the_automatic_stages_lead() -> None:
    case = stall.sent()
    assert (case.stage, case.phase, case.outcome, case.revision) == ("look", Phase.OPEN, "", 1)
    assert case.team_id == stall.team_id("registry-desk")
    assert case.unread


def test_a_final_action_closes_the_case() -> None:
    case = stall.sent()
    later = NOW + timedelta(hours=2)
    event = stall.act(case, "approve", now=later)
    assert (case.stage, case.phase, case.outcome, case.closed_at) == (
        "granted",
        Phase.CLOSED,
        "granted",
        later,
    )
    assert (event.from_stage, event.to_stage, event.happened) == ("look", "granted", Happened.MOVED)
    assert event.settles_at == later + actions.UNDO_FOR
    assert event.actor_name == "Esther Chebet"
    assert case.revision == 2


def test_an_action_that_is_not_reversible_settles_at_once() -> None:
    assert stall.act(stall.sent(), "refuse_for_good").settles_at == NOW


def test_an_action_whose_guard_is_not_met_is_refused() -> None:
    small = stall.sent()
    with pytest.raises(ActionNotAllowed):
        stall.act(small, "enlarge")
    large = stall.sent({**stall.ANSWERS, "metres": 11})
    stall.act(large, "enlarge")
    assert large.stage == "granted"


@pytest.mark.parametrize("action", ["good", "no_such_action", ""])
def test_an_action_of_another_stage_is_refused(action: str) -> None:
    with pytest.raises(ActionNotAllowed):
        stall.act(stall.sent(), action)


def test_a_closed_case_takes_no_action() -> None:
    case = stall.sent()
    stall.act(case, "approve")
    with pytest.raises(ActionNotAllowed):
        stall.act(case, "refuse_for_good")


def test_a_required_reason_is_asked_for() -> None:
    case = stall.sent()
    with pytest.raises(ReasonMissing):
        stall.act(case, "refuse", reason=GivenReason((), "   "))
    stall.act(case, "refuse", reason=GivenReason(("full",), ""))
    assert case.stage == "refused"


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(ReasonUnknown):
        stall.act(stall.sent(), "refuse", reason=GivenReason(("a whim",), "because"))


def test_a_reason_where_none_is_wanted_is_refused() -> None:
    with pytest.raises(ReasonUnknown):
        stall.act(stall.sent(), "approve", reason=GivenReason((), "because"))


def test_a_stale_page_is_refused_and_says_who_was_faster() -> None:
    case = stall.sent()
    seen = case.revision
    stall.act(case, "file", by=stall.COLLEAGUE)
    with pytest.raises(Stale) as refused:
        stall.act(case, "back", revision=seen)
    assert refused.value.details == {"by": "Budi Santoso", "at": NOW.isoformat()}


def test_a_refused_action_changes_nothing() -> None:
    case = stall.sent()
    before = Case.objects.values().get(id=case.id), len(stall.events(case))
    for action, reason in (("refuse", GivenReason()), ("enlarge", GivenReason()), ("ask", GivenReason())):
        with pytest.raises((ReasonMissing, ActionNotAllowed, NothingAsked)):
            stall.act(case, action, reason=reason)
    assert (Case.objects.values().get(id=case.id), len(stall.events(case))) == before


@pytest.mark.parametrize(
    "stranger", [stall.INSPECTOR, stall.OTHER_AGENCY, stall.PRIVACY_OFFICER, stall.ANALYST]
)
def test_who_does_not_work_the_case_may_not_move_it(stranger: str) -> None:
    with pytest.raises(NoSuchCase):
        stall.act(stall.sent(), "approve", by=stranger)


def test_another_team_gets_the_case_unassigned_and_unread() -> None:
    case = stall.sent()
    officer = county.staff(stall.OFFICER)
    actions.assign_to_self(case_id=case.id, staff=officer, now=NOW)
    actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    assert not Case.objects.get(id=case.id).unread
    stall.act(case, "pass_on")
    assert case.team_id == stall.team_id("inspectors")
    assert case.assigned_to_id is None
    assert case.unread
    stall.act(case, "back", by=stall.INSPECTOR)
    assert case.team_id == stall.team_id("registry-desk")


def test_the_same_team_keeps_its_assignment_and_what_it_read() -> None:
    case = stall.sent()
    officer = county.staff(stall.OFFICER)
    actions.assign_to_self(case_id=case.id, staff=officer, now=NOW)
    actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    stall.act(case, "file")
    assert case.assigned_to_id == officer.person_id
    assert not case.unread


@pytest.mark.parametrize(("metres", "stage"), [(4, "granted"), (11, "look")])
def test_automatic_stages_are_passed_at_once_by_the_answers(metres: int, stage: str) -> None:
    case = stall.sent({**stall.ANSWERS, "metres": metres})
    stall.act(case, "pass_on")
    event = stall.act(case, "good", by=stall.INSPECTOR)
    assert (case.stage, event.to_stage) == (stage, stage)
    assert [effect["key"] for effect in event.effects] == ["tell"]


def test_asking_needs_words_and_an_answer_that_was_given() -> None:
    case = stall.sent()
    for message, questions in (
        ("", ("metres",)),
        ("Which?", ()),
        ("Which?", ("no_such_question",)),
        ("Which?", ("dishes",)),  # hidden from this person
    ):
        with pytest.raises(NothingAsked):
            stall.act(case, "ask", message=message, questions=questions)
    assert case.stage == "look"


def test_waiting_starts_the_clock_of_the_stage() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    assert (case.stage, case.phase) == ("waiting", Phase.WAITING)
    # Two weeks, to the end of the last day in Nairobi.
    assert case.stage_due_at == datetime(2026, 11, 30, 20, 59, 59, tzinfo=UTC)
    assert queries.due_timers(datetime(2026, 11, 30, 20, 59, 58, tzinfo=UTC), 9) == ()
    assert queries.due_timers(datetime(2026, 11, 30, 20, 59, 59, tzinfo=UTC), 9) == (case.id,)


def test_a_time_out_happens_once_and_chains_to_the_next() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    over = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
    assert not actions.time_out(case_id=case.id, now=over - timedelta(minutes=1))
    assert actions.time_out(case_id=case.id, now=over)
    assert not actions.time_out(case_id=case.id, now=over)
    case.refresh_from_db()
    assert (case.stage, case.phase) == ("reminded", Phase.WAITING)
    assert queries.open_reply(case.id, over) is None
    last = over + timedelta(days=9)
    assert actions.time_out(case_id=case.id, now=last)
    assert not actions.time_out(case_id=case.id, now=last)
    case.refresh_from_db()
    assert (case.stage, case.outcome, case.closed_at) == ("lapsed", "withdrawn", last)
    kinds = [event.happened for event in stall.events(case)]
    assert kinds == [Happened.SUBMITTED, Happened.MOVED, Happened.TIMED_OUT, Happened.TIMED_OUT]


def test_an_unknown_case_does_not_time_out() -> None:
    event = stall.events(stall.sent())[0]
    assert not actions.time_out(case_id=event.id, now=NOW)


def test_waiting_stops_the_promise_and_every_pause_counts() -> None:
    """Due on Thursday 19; three weeks and more of silence give back the three working days."""
    case = stall.sent()
    assert case.due_at == datetime(2026, 11, 19, 20, 59, 59, tzinfo=UTC)
    stall.asked(case, "metres")
    actions.time_out(case_id=case.id, now=datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    actions.time_out(case_id=case.id, now=datetime(2026, 12, 14, 9, 0, tzinfo=UTC))
    case.refresh_from_db()
    assert case.due_at == datetime(2026, 12, 17, 20, 59, 59, tzinfo=UTC)


def test_every_move_leaves_an_audit_record_without_answers() -> None:
    case = stall.sent()
    stall.act(case, "refuse", reason=GivenReason(("full",), "Wanjiru is too late"))
    entry = Entry.objects.filter(action="case.moved").get()
    assert (entry.about_kind, entry.about_id, entry.facts) == ("case", case.reference, {"stage": "refused"})


def test_a_reason_is_kept_for_the_timeline_only_under_seal() -> None:
    case = stall.sent()
    stall.act(case, "refuse", reason=GivenReason(("full",), "  See the plan.  "))
    row = CaseEvent.objects.filter(case=case).latest("id")
    assert b"plan" not in bytes(row.sealed_details or b"")
    seen = actions.open_for_staff(
        reference=case.reference, reason="", staff=county.staff(stall.OFFICER), now=NOW
    )
    reason = seen.timeline[-1].reason
    assert reason is not None
    assert (reason.words, [chosen["en"] for chosen in reason.chosen]) == (
        "See the plan.",
        ["The market is full."],
    )
