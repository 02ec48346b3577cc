"""Whatever officers, applicants, timers and workers do, in any order, some things always hold."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Part
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from loket.casework import actions, queries
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.refusals import NotAsked, ReplyNotComplete, TooLateToUndo
from loket.casework.types import Happened, Phase
from loket.forms.types import NoSuchPage
from loket.kernel.refusals import Refusal
from loket.notifications.models import Message
from loket.workflow.definition import Applicant, Final, Review
from loket.workflow.engine import ActionNotAllowed, GivenReason
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
ACTIONS = st.sampled_from(
    ["approve", "refuse", "refuse_for_good", "enlarge", "ask", "pass_on", "file", "back", "good"]
)


class Course(RuleBasedStateMachine):
    """One case and a clock; the model remembers what must have been told."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = NOW
        self.case = stall.sent({**stall.ANSWERS, "metres": 11})
        self.service = county.service(stall.KEY)
        self.revision = self.case.revision
        self.to_tell: set[str] = set()
        self._expect_told(stall.events(self.case)[0])

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def _expect_told(self, event: CaseEvent) -> None:
        if self.service.workflow.stages[event.to_stage].silent:
            return
        self.to_tell.add(str(event.id))

    def _nobody_is_asked_twice(self) -> None:
        """A question that was answered, or ran out, before its letter left is not asked by letter."""
        stages = self.service.workflow.stages
        for event in CaseEvent.objects.filter(case=self.case, followed_up_at=None).exclude(to_stage=""):
            if isinstance(stages[event.to_stage], Applicant):
                self.to_tell.discard(str(event.id))

    def _last(self) -> CaseEvent:
        return CaseEvent.objects.filter(case=self.case).exclude(to_stage="").latest("id")

    @rule(minutes=st.sampled_from([0, 0.5, 1, 5, 60 * 24, 60 * 24 * 8, 60 * 24 * 15]))
    def time_passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(action=ACTIONS)
    def somebody_acts(self, action: str) -> None:
        self.case.refresh_from_db()
        team = {stall.team_id("inspectors"): stall.INSPECTOR}.get(self.case.team_id or 0, stall.OFFICER)
        try:
            event = stall.act(
                self.case, action, by=team, now=self.now, message="Which?", questions=("metres",),
                reason=GivenReason(("full",)) if action == "refuse" else None,
            )  # fmt: skip
        except ActionNotAllowed:
            assert action not in self._offered()
        else:
            self._expect_told(event)

    def _offered(self) -> set[str]:
        """What anybody may do here, whatever the answers are."""
        stage = self.service.workflow.stages[self.case.stage]
        if not isinstance(stage, Review):
            return set()
        return {name for name, action in stage.actions.items() if action.when is None}

    @rule(back=st.integers(1, 3))
    def somebody_undoes(self, back: int) -> None:
        moves = list(CaseEvent.objects.filter(case=self.case, happened=Happened.MOVED).order_by("-id"))
        if len(moves) < back:
            return
        event = moves[back - 1]
        pending = not (event.undone_at or event.followed_up_at) and self.now < event.settles_at
        later = CaseEvent.objects.filter(case=self.case, id__gt=event.id, undone_at=None)
        last = not later.exclude(to_stage="").exists()
        try:
            actions.undo(event_id=event.id, staff=self._who(event), now=self.now)
        except TooLateToUndo:
            assert not (pending and last)
        else:
            assert pending
            assert last
            self.to_tell.discard(str(event.id))

    def _who(self, event: CaseEvent) -> Any:
        inspectors = event.before["team_id"] == stall.team_id("inspectors")
        return county.staff(stall.INSPECTOR if inspectors else stall.OFFICER)

    @rule(metres=st.sampled_from(["4", "12", "too many"]), sends=st.booleans())
    def the_applicant_replies(self, metres: str, sends: bool) -> None:
        asked = queries.open_reply(self.case.id, self.now) is not None
        try:
            stall.answer_reply(
                self.case, "size", self.now, metres=metres,
                from_day={"day": ("1",), "month": ("12",), "year": ("2026",)},
            )  # fmt: skip
            if sends:
                actions.send_reply(case_id=self.case.id, now=self.now)
        except (NotAsked, NoSuchPage):
            assert not asked
        except ReplyNotComplete:
            assert asked
        else:
            assert asked
            if sends:
                self._nobody_is_asked_twice()
                self._expect_told(self._last())

    @rule()
    def the_timer_runs(self) -> None:
        due = self.case.id in queries.due_timers(self.now, 10)
        assert actions.time_out(case_id=self.case.id, now=self.now) is due
        assert not actions.time_out(case_id=self.case.id, now=self.now) or due
        if due:
            self._nobody_is_asked_twice()
            for event in CaseEvent.objects.filter(case=self.case, happened=Happened.TIMED_OUT):
                self._expect_told(event)

    @rule(twice=st.booleans())
    def the_worker_works(self, twice: bool) -> None:
        actions.settle(now=self.now)
        if twice:
            assert actions.settle(now=self.now) == 0

    @rule()
    @precondition(lambda self: self.case.phase == Phase.OPEN)
    def somebody_takes_it_on_and_reads(self) -> None:
        for email in (stall.OFFICER, stall.INSPECTOR):
            staff = county.staff(email)
            try:
                actions.assign_to_self(case_id=self.case.id, staff=staff, now=self.now)
                actions.open_for_staff(reference=self.case.reference, reason="", staff=staff, now=self.now)
            except Refusal as refusal:
                assert refusal.code == "no_such_case"  # noqa: PT017 - the other team's

    @invariant()
    def stage_phase_closing_and_outcome_agree(self) -> None:
        self.case.refresh_from_db()
        case, stage = self.case, self.service.workflow.stages[self.case.stage]
        wanted = {Final: Phase.CLOSED, Applicant: Phase.WAITING, Review: Phase.OPEN}[type(stage)]
        assert case.phase == wanted
        assert (case.closed_at is not None) == (wanted is Phase.CLOSED)
        assert case.outcome == (stage.outcome if isinstance(stage, Final) else "")
        assert (case.stage_due_at is not None) == (wanted is Phase.WAITING)
        if isinstance(stage, Review):
            assert case.team_id == stall.team_id(stage.team)
        assert case.due_at >= NOW

    @invariant()
    def every_settled_visible_stage_is_told_once_and_no_other(self) -> None:
        told = Counter(
            Message.objects.filter(subject_id=self.case.id).values_list("idempotency_key", flat=True)
        )
        settled = {
            str(event.id)
            for event in CaseEvent.objects.filter(case=self.case).exclude(followed_up_at=None)
            if event.to_stage
        }
        assert told == Counter(f"event:{event_id}" for event_id in self.to_tell & settled)
        undone = CaseEvent.objects.filter(case=self.case).exclude(undone_at=None)
        assert not {f"event:{event.id}" for event in undone} & set(told)

    @invariant()
    def the_timeline_is_in_order_and_the_revision_grows(self) -> None:
        self.case.refresh_from_db()
        happened = stall.events(self.case)
        assert [event.at for event in happened] == sorted(event.at for event in happened)
        assert self.case.revision >= self.revision
        moves = sum(bool(event.to_stage) for event in happened)
        undone = sum(event.undone_at is not None for event in happened)
        assert self.case.revision == moves + undone
        self.revision = self.case.revision

    @invariant()
    def at_most_one_question_is_open_and_only_while_waiting(self) -> None:
        self.case.refresh_from_db()
        waiting = Inquiry.objects.filter(case=self.case, answered_at=None, withdrawn_at=None).count()
        assert waiting <= (1 if self.case.stage == "waiting" else 0)

    @invariant()
    def the_applicant_is_shown_a_stage_that_has_settled(self) -> None:
        status = queries.case_status(self.case.id, self.now)
        assert status is not None
        pending = CaseEvent.objects.filter(case=self.case, undone_at=None, settles_at__gt=self.now)
        if not pending.exists():
            assert status.stage == self.service.workflow.stages[self.case.stage].label
        if status.phase is not Phase.CLOSED:
            assert (status.outcome, status.closed_at) == ("", None)


def _run(course: type[Course], examples: int, *parts: Part, chance: bool = True) -> None:
    run_state_machine_as_test(
        course,
        settings=settings(
            max_examples=examples, stateful_step_count=15, derandomize=not chance, deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck), print_blob=False, phases=parts or tuple(Part),
        ),
    )  # fmt: skip


def test_any_course_keeps_what_always_holds() -> None:
    stall.open_market()
    _run(Course, 12)


class _ForgetsToClose(Course):
    """An undo that leaves the day of closing behind is what the machine has to notice."""

    @rule()
    def fault(self) -> None:
        Case.objects.filter(id=self.case.id, stage="look").update(stage="granted")


class _TellsTwice(Course):
    @rule()
    def fault(self) -> None:
        CaseEvent.objects.filter(case=self.case).exclude(followed_up_at=None).update(followed_up_at=None)
        Message.objects.filter(subject_id=self.case.id).update(idempotency_key=str(self.now))
        actions.settle(now=self.now)


class _TellsWhatWasUndone(Course):
    @rule()
    @precondition(lambda self: self.case.stage == "look")
    def fault(self) -> None:
        event = stall.asked(self.case, "metres", now=self.now)
        actions.undo(event_id=event.id, staff=county.staff(stall.OFFICER), now=self.now)
        CaseEvent.objects.filter(id=event.id).update(undone_at=None, followed_up_at=None, settles_at=self.now)
        actions.settle(now=self.now)


class _LosesARevision(Course):
    @rule()
    def fault(self) -> None:
        Case.objects.filter(id=self.case.id).update(revision=1)


class _LeavesAQuestionOpen(Course):
    @rule()
    @precondition(lambda self: self.case.stage == "look")
    def fault(self) -> None:
        event = stall.asked(self.case, "metres", now=self.now)
        actions.undo(event_id=event.id, staff=county.staff(stall.OFFICER), now=self.now)
        Inquiry.objects.filter(event=event).update(withdrawn_at=None)


class _ShowsTooMuch(Course):
    @rule()
    def fault(self) -> None:
        CaseEvent.objects.filter(case=self.case).update(settles_at=self.now - timedelta(hours=1))
        Case.objects.filter(id=self.case.id).update(stage="shelf", due_at=NOW - timedelta(days=1))


@pytest.mark.parametrize(
    "faulty",
    [
        _ForgetsToClose,
        _TellsTwice,
        _TellsWhatWasUndone,
        _LosesARevision,
        _LeavesAQuestionOpen,
        _ShowsTooMuch,
    ],
)
def test_a_planted_fault_is_noticed(faulty: type[Course]) -> None:
    """Found is enough; nobody has to read the shortest way to it. The same courses each time."""
    stall.open_market()
    with pytest.raises(AssertionError):
        _run(faulty, 100, Part.generate, chance=False)
