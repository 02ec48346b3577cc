"""Taking an action back while nothing has gone out."""

from datetime import timedelta

import pytest

from loket.casework import actions, queries
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.refusals import NoSuchCase, NotAsked, TooLateToUndo
from loket.casework.types import Phase
from loket.notifications.models import Message
from tests import county
from tests.casework import stall
from tests.casework.at_once import at_once
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
SOON, LATER = NOW + timedelta(seconds=59), NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _undo(event: CaseEvent, by: str = stall.OFFICER, now: object = SOON) -> None:
    assert isinstance(now, type(SOON))
    actions.undo(event_id=event.id, staff=county.staff(by), now=now)


def _plain(case: Case) -> dict[str, object]:
    """Everything of the row that undoing has to put back."""
    return {
        name: value for name, value in Case.objects.values().get(id=case.id).items() if name != "revision"
    }


@pytest.mark.parametrize("action", ["approve", "ask", "pass_on", "file"])
def test_an_undone_action_leaves_the_case_as_it_was(action: str) -> None:
    case = stall.sent()
    officer = county.staff(stall.OFFICER)
    actions.assign_to_self(case_id=case.id, staff=officer, now=NOW)
    actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    before = _plain(case)
    event = stall.act(case, action, message="Which?", questions=("metres",))
    assert _plain(case) != before
    _undo(event)
    assert _plain(case) == before
    case.refresh_from_db()
    assert case.revision == 3


def test_nothing_of_an_undone_action_is_told_or_shown() -> None:
    case = stall.sent()
    actions.settle(now=NOW)
    event = stall.act(case, "approve")
    _undo(event)
    assert actions.settle(now=LATER) == 0
    assert not actions.follow_up(event_id=event.id, now=LATER)
    assert Message.objects.filter(subject_id=case.id).count() == 1
    seen = queries.applicant_case(case.id, LATER)
    assert seen is not None
    assert [entry.stage.get("en") for entry in seen.timeline] == ["We look at it"]
    staff_sees = actions.open_for_staff(
        reference=case.reference, reason="", staff=county.staff(stall.OFFICER), now=LATER
    )
    assert [entry.undone for entry in staff_sees.timeline] == [False, True]


def test_after_the_minute_it_is_too_late() -> None:
    case = stall.sent()
    event = stall.act(case, "approve")
    with pytest.raises(TooLateToUndo):
        _undo(event, now=LATER)


def test_what_was_followed_up_is_not_undone() -> None:
    """A worker whose clock is ahead."""
    event = stall.act(stall.sent(), "approve")
    assert actions.follow_up(event_id=event.id, now=LATER)
    with pytest.raises(TooLateToUndo):
        _undo(event)


def test_an_action_is_undone_once() -> None:
    event = stall.act(stall.sent(), "approve")
    _undo(event)
    with pytest.raises(TooLateToUndo):
        _undo(event)


def test_an_irreversible_action_is_not_undone() -> None:
    with pytest.raises(TooLateToUndo):
        _undo(stall.act(stall.sent(), "refuse_for_good"), now=NOW)


@pytest.mark.parametrize("colleague", [stall.COLLEAGUE, stall.SUPERVISOR])
def test_a_colleague_of_the_team_may_undo(colleague: str) -> None:
    case = stall.sent()
    _undo(stall.act(case, "approve"), by=colleague)
    case.refresh_from_db()
    assert case.stage == "look"


@pytest.mark.parametrize(
    "stranger", [stall.INSPECTOR, stall.OTHER_AGENCY, stall.PRIVACY_OFFICER, stall.ANALYST]
)
def test_a_stranger_may_not_undo(stranger: str) -> None:
    event = stall.act(stall.sent(), "approve")
    with pytest.raises(NoSuchCase):
        _undo(event, by=stranger)


def test_who_passed_a_case_on_may_take_it_back_and_the_other_team_may_not() -> None:
    case = stall.sent()
    event = stall.act(case, "pass_on")
    with pytest.raises(NoSuchCase):
        _undo(event, by=stall.INSPECTOR)
    _undo(event)
    case.refresh_from_db()
    assert case.team_id == stall.team_id("registry-desk")


def test_only_the_last_action_can_be_undone_then_the_one_before() -> None:
    case = stall.sent()
    first = stall.act(case, "file")
    second = stall.act(case, "back")
    with pytest.raises(TooLateToUndo):
        _undo(first)
    _undo(second)
    _undo(first)
    case.refresh_from_db()
    assert case.stage == "look"


def test_a_note_since_does_not_stand_in_the_way() -> None:
    case = stall.sent()
    event = stall.act(case, "approve")
    actions.add_note(case_id=case.id, text="Hm.", staff=county.staff(stall.COLLEAGUE), now=SOON)
    _undo(event)
    case.refresh_from_db()
    assert case.stage == "look"


def test_a_colleague_who_took_the_case_on_meanwhile_keeps_it() -> None:
    case = stall.sent()
    event = stall.act(case, "file")
    actions.assign_to_self(case_id=case.id, staff=county.staff(stall.COLLEAGUE), now=SOON)
    _undo(event)
    case.refresh_from_db()
    assert case.assigned_to_id == stall.person_id(stall.COLLEAGUE)


def test_undoing_a_question_withdraws_it() -> None:
    case = stall.sent()
    event = stall.asked(case, "metres")
    _undo(event)
    inquiry = Inquiry.objects.get(case=case)
    assert inquiry.withdrawn_at == SOON
    assert queries.open_reply(case.id, LATER) is None
    with pytest.raises(NotAsked):
        stall.answer_reply(case, "size", LATER, metres="5", from_day="")
    stall.asked(case, "goods", now=LATER)


def test_the_applicant_sees_the_old_stage_until_it_settles() -> None:
    case = stall.sent()
    stall.act(case, "approve")
    status = queries.case_status(case.id, SOON)
    assert status is not None
    assert (status.stage["en"], status.phase, status.outcome, status.closed_at) == (
        "We look at it",
        Phase.OPEN,
        "",
        None,
    )
    assert len(status.steps) == 1
    status = queries.case_status(case.id, LATER)
    assert status is not None
    assert (status.stage["en"], status.phase, status.outcome) == ("You have a stall", Phase.CLOSED, "granted")
    assert len(status.steps) == 2


def test_two_actions_within_the_minute_show_the_stage_before_both() -> None:
    case = stall.sent()
    stall.act(case, "file")
    stall.act(case, "back", now=NOW + timedelta(seconds=30))
    stall.act(case, "pass_on", now=NOW + timedelta(seconds=40))
    status = queries.case_status(case.id, SOON)
    assert status is not None
    assert status.stage["en"] == "We look at it"
    # The first has settled; the second, from the shelf, hasn't.
    status = queries.case_status(case.id, LATER)
    assert status is not None
    assert status.stage["en"] == "On the shelf"


def test_an_irreversible_action_settles_the_one_before() -> None:
    case = stall.sent()
    stall.act(case, "file")
    stall.act(case, "back", now=NOW + timedelta(seconds=10))
    stall.act(case, "refuse_for_good", now=NOW + timedelta(seconds=20))
    status = queries.case_status(case.id, NOW + timedelta(seconds=21))
    assert status is not None
    assert (status.stage["en"], status.outcome) == ("No stall for you", "refused")


def test_an_undo_is_offered_for_the_minute_only() -> None:
    case = stall.sent()
    event = stall.act(case, "file")
    officer = county.staff(stall.OFFICER)
    seen = actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=SOON)
    assert seen.undo is not None
    assert (seen.undo.event_id, seen.undo.until) == (event.id, LATER)
    seen = actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=LATER)
    assert seen.undo is None


def test_an_unknown_event_is_not_undone() -> None:
    case = stall.sent()
    with pytest.raises(NoSuchCase):
        _undo(stall.events(case)[0])


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_undo_and_follow_up_at_once_exactly_one_wins() -> None:
    for _ in range(5):
        case = stall.sent()
        event = stall.act(case, "approve")
        officer = county.staff(stall.OFFICER)
        outcome = at_once(
            lambda event=event, officer=officer: actions.undo(event_id=event.id, staff=officer, now=SOON),
            lambda event=event: actions.follow_up(event_id=event.id, now=LATER),
        )
        case.refresh_from_db()
        event.refresh_from_db()
        told = Message.objects.filter(idempotency_key=f"event:{event.id}").count()
        if event.undone_at:
            assert (outcome, case.stage, told) == ([None, False], "look", 0)
        else:
            assert isinstance(outcome[0], TooLateToUndo)
            assert (outcome[1], case.stage, told) == (True, "granted", 1)
