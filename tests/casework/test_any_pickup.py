"""Whatever counter, person, timers and workers do, in any order, a thing is handed over once and rightly."""

from datetime import timedelta
from typing import ClassVar

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

from loket.casework import actions, letters, queries, reminding, sealing
from loket.casework.erasing import CaseStillOpen
from loket.casework.models import Case, CaseEvent, Collection, Reminder
from loket.casework.refusals import NoSuchCase, NoSuchCentre, NotThere, TooLateToUndo, TooOften, WrongPin
from loket.casework.types import Happened, IdKind, Phase, Pickup, Proof
from loket.kernel.actors import SYSTEM
from loket.notifications.models import Message
from loket.privacy import actions as privacy
from loket.privacy.types import Subject, SubjectKind
from loket.workflow.engine import ActionNotAllowed
from tests import county
from tests.casework import stall, window
from tests.casework.window import NOW, OFFICER

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
CENTRES = st.sampled_from(["bandarini", "mlimani"])
DAY = 60 * 24
REVERSIBLE = (Happened.MOVED, Happened.ARRIVED)


class Pickups(RuleBasedStateMachine):
    """One thing and a clock. `state` is where the model says it is; None before it is made."""

    minutes: ClassVar[list[float]] = [0, 0.5, 1, DAY, DAY * 8, DAY * 31]
    # Whether a course begins with the thing at the counter.
    lies_there: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = NOW
        self.case = window.sent()
        self.staff = county.staff(OFFICER)
        self.state: Pickup | None = None
        self.centre = "bandarini"
        self.tries = 0
        self.erased = False
        # Of the letters with a PIN: what the last one that still counts says.
        self.pin = ""
        if self.lies_there:
            self.it_is_issued()
            self.now += actions.UNDO_FOR
            self.the_worker_works()
            self.it_arrives()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def _row(self) -> Collection | None:
        return Collection.objects.filter(case=self.case).first()

    def _expected(self) -> type[Exception] | None:
        """What whoever wants to have it handed over has to hear, whatever they show."""
        if self.state is None or self.erased:
            return NoSuchCase
        return None if self.state is Pickup.AT_CENTRE else NotThere

    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        self.now += timedelta(minutes=data.draw(st.sampled_from(self.minutes)))

    @rule()
    def it_is_issued(self) -> None:
        self.case.refresh_from_db()
        if self.erased:
            return
        if self.case.stage == "look":
            stall.act(self.case, "approve", now=self.now)
        else:
            with pytest.raises(ActionNotAllowed):
                stall.act(self.case, "approve", now=self.now)

    @rule()
    def the_worker_works(self) -> None:
        arrival = self._arrival()
        actions.settle(now=self.now)
        assert actions.settle(now=self.now) == 0
        self.case.refresh_from_db()
        if self.state is None and self.case.stage == "pickup" and self._row() is not None:
            self.state = Pickup.BEING_MADE
        if arrival is None or self.now < arrival.settles_at or self.state is not Pickup.AT_CENTRE:
            return
        # With the letter the PIN comes, and not before.
        row = self._row()
        assert row is not None
        assert row.sealed_pin is not None
        self.pin = self._sealed(row)
        assert self.pin in window.letters(self.case)[-1]

    def _sealed(self, row: Collection) -> str:
        key = privacy.open_key(self.case.key_id)
        return str(sealing.unseal(key, self.case, "collection-pin", row.sealed_pin or b""))

    def _arrival(self) -> CaseEvent | None:
        """The last arrival that is still to be told."""
        rows = CaseEvent.objects.filter(case=self.case, happened=Happened.ARRIVED, undone_at=None)
        return rows.filter(followed_up_at=None).order_by("-id").first()

    @rule()
    def it_arrives(self) -> None:
        if self.state is None or self.erased:
            with pytest.raises(NoSuchCase):
                actions.arrived(case_ids=(self.case.id,), staff=self.staff, now=self.now)
            return
        done = actions.arrived(case_ids=(self.case.id,), staff=self.staff, now=self.now)
        assert len(done) == (self.state is Pickup.BEING_MADE)
        if done:
            self.state, self.pin = Pickup.AT_CENTRE, ""

    @rule()
    def the_last_step_is_taken_back(self) -> None:
        event = CaseEvent.objects.filter(case=self.case).exclude(to_stage="").order_by("-id").first()
        if event is None or event.happened not in REVERSIBLE:
            return
        pending = not (event.undone_at or event.followed_up_at) and self.now < event.settles_at
        try:
            actions.undo(event_id=event.id, staff=self.staff, now=self.now)
        except TooLateToUndo:
            assert not pending
        else:
            assert pending
            if event.happened == Happened.ARRIVED:
                self.state, self.pin = Pickup.BEING_MADE, ""

    @rule(right=st.booleans())
    def somebody_tells_a_pin(self, right: bool) -> None:
        pin = self.pin if right and self.pin else "not one"
        expected = self._expected() or (None if pin == self.pin else WrongPin)
        try:
            actions.hand_over(case_id=self.case.id, proof=Proof.PIN, pin=pin, staff=self.staff, now=self.now)
        except TooOften:
            assert self.tries >= actions.PIN_TRIES
        except (NoSuchCase, NotThere, WrongPin) as refused:
            self.tries += 1
            assert type(refused) is expected  # noqa: PT017 - which one depends on the model
        else:
            assert expected is None
            self.tries, self.state, self.pin = 0, Pickup.HANDED_OVER, ""

    @rule()
    def somebody_shows_an_id(self) -> None:
        expected = self._expected()
        try:
            actions.hand_over(
                case_id=self.case.id, proof=Proof.ID_SEEN, id_kind=IdKind.PASSPORT,
                staff=self.staff, now=self.now,
            )  # fmt: skip
        except (NoSuchCase, NotThere) as refused:
            assert type(refused) is expected  # noqa: PT017 - which one depends on the model
        else:
            assert expected is None
            self.state, self.pin = Pickup.HANDED_OVER, ""

    @rule(centre=CENTRES)
    def it_is_sent_on(self, centre: str) -> None:
        open_ = self.state in {Pickup.BEING_MADE, Pickup.AT_CENTRE} and not self.erased
        try:
            actions.send_to_other_centre(case_id=self.case.id, centre=centre, staff=self.staff, now=self.now)
        except NoSuchCentre:
            assert centre == self.centre
        except (NoSuchCase, NotThere):
            assert not open_
        else:
            assert open_
            self.state, self.centre, self.pin = Pickup.BEING_MADE, centre, ""

    @rule()
    def the_timer_runs(self) -> None:
        due = self.case.id in queries.due_timers(self.now, 10)
        assert actions.time_out(case_id=self.case.id, now=self.now) is due
        if due:
            assert self.state is Pickup.AT_CENTRE
            self.state, self.pin = Pickup.UNCOLLECTED, ""

    @rule()
    def reminders_are_sent(self) -> None:
        before = window.messages(self.case)
        sent = sum(reminding.send(reminder_id=one, now=self.now) for one in reminding.due(self.now, limit=10))
        assert window.messages(self.case) == before + sent
        assert not sent or self.state is Pickup.AT_CENTRE
        assert sent <= 1

    @rule()
    def it_is_sent_back(self) -> None:
        try:
            actions.return_uncollected(case_id=self.case.id, staff=self.staff, now=self.now)
        except (NoSuchCase, NotThere):
            assert self.state is not Pickup.UNCOLLECTED or self.erased
        else:
            assert self.state is Pickup.UNCOLLECTED

    @rule()
    @precondition(lambda self: self.state in {Pickup.HANDED_OVER, Pickup.UNCOLLECTED, Pickup.AT_CENTRE})
    def its_person_is_forgotten(self) -> None:
        subject = Subject(SubjectKind.CASE, self.case.id)
        closed = self.state is not Pickup.AT_CENTRE
        try:
            with transaction.atomic():
                privacy.erase_subject(subject=subject, by=SYSTEM, now=self.now)
        except CaseStillOpen:
            assert not closed
        else:
            assert closed
            self.erased = True

    @invariant()
    def case_and_thing_agree(self) -> None:
        self.case.refresh_from_db()
        case, row = self.case, self._row()
        assert (row.state if row else None) == self.state
        assert (row.centre if row else "bandarini") == self.centre
        if row is None:
            assert case.stage in {"look", "pickup"}
            return
        assert (case.stage, case.phase, case.outcome) == {
            Pickup.BEING_MADE: ("pickup", Phase.OPEN, ""),
            Pickup.AT_CENTRE: ("pickup", Phase.WAITING, ""),
            Pickup.HANDED_OVER: ("done", Phase.CLOSED, "granted"),
            # As the pack says of what nobody comes for.
            Pickup.UNCOLLECTED: ("gone", Phase.CLOSED, "withdrawn"),
        }[Pickup(row.state)]
        assert (row.arrived_at is None) == (row.state == Pickup.BEING_MADE)
        assert row.ended_at == case.closed_at
        assert row.ordered_at <= (row.arrived_at or self.now) <= (row.ended_at or self.now) <= self.now
        waits = row.state == Pickup.AT_CENTRE
        assert (case.stage_due_at is not None) == waits
        if waits and case.stage_due_at and row.arrived_at:
            assert (case.stage_due_at - row.arrived_at).days == 30

    @invariant()
    def it_is_handed_over_at_most_once_and_on_record(self) -> None:
        handed = CaseEvent.objects.filter(case=self.case, happened=Happened.COLLECTED)
        assert handed.count() == (self.state is Pickup.HANDED_OVER)
        assert Collection.objects.filter(case=self.case).count() <= 1

    @invariant()
    def a_pin_is_there_only_while_its_person_was_told_and_can_come(self) -> None:
        row = self._row()
        if row is None or row.sealed_pin is None:
            assert not self.pin
            return
        assert row.state == Pickup.AT_CENTRE
        arrival = CaseEvent.objects.filter(case=self.case, happened=Happened.ARRIVED).latest("id")
        assert (arrival.at, arrival.undone_at) == (row.arrived_at, None)
        assert arrival.followed_up_at is not None
        assert arrival.followed_up_at >= arrival.at + actions.UNDO_FOR
        assert self._sealed(row) == self.pin

    @invariant()
    def nobody_is_told_of_what_was_taken_back(self) -> None:
        told = set(
            Message.objects.filter(subject_id=self.case.id, purpose=letters.ARRIVED).values_list(
                "idempotency_key", flat=True
            )
        )
        settled = CaseEvent.objects.filter(case=self.case, happened=Happened.ARRIVED, undone_at=None)
        assert told <= {f"event:{event.id}" for event in settled if event.followed_up_at}

    @invariant()
    def what_is_over_reminds_nobody(self) -> None:
        pending = Reminder.objects.filter(case=self.case, sent_at=None, dropped_at=None)
        if self.erased or self.state in {None, Pickup.BEING_MADE, Pickup.HANDED_OVER}:
            assert not pending.exists()


class AtTheCounter(Pickups):
    lies_there = True


def _run(course: type[Pickups], examples: int, *parts: Part, chance: bool = True) -> None:
    run_state_machine_as_test(
        course,
        settings=settings(
            max_examples=examples, stateful_step_count=30, derandomize=not chance, deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck), print_blob=False, phases=parts or tuple(Part),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("course", [Pickups, AtTheCounter])
def test_any_course_of_a_thing_keeps_what_always_holds(course: type[Pickups]) -> None:
    window.open_window()
    _run(course, 8)


class _HandsOverAgain(AtTheCounter):
    """What was handed over lies at the counter once more, and nobody notices from its case."""

    @rule()
    @precondition(lambda self: self.state is Pickup.AT_CENTRE)
    def fault(self) -> None:
        self.somebody_shows_an_id()
        Case.objects.filter(id=self.case.id).update(
            stage="pickup", phase=Phase.WAITING, outcome="", closed_at=None
        )
        Collection.objects.filter(case=self.case).update(
            state=Pickup.AT_CENTRE, ended_at=None, handed_over_by=None, proof="", id_kind=""
        )
        self.state = Pickup.AT_CENTRE
        self.somebody_shows_an_id()


class _TellsThePinTooSoon(AtTheCounter):
    @rule()
    @precondition(lambda self: self.state is Pickup.AT_CENTRE)
    def fault(self) -> None:
        CaseEvent.objects.filter(case=self.case, followed_up_at=None).update(settles_at=self.now)
        self.the_worker_works()


class _ForgetsTheTerm(AtTheCounter):
    @rule()
    @precondition(lambda self: self.state is Pickup.AT_CENTRE)
    def fault(self) -> None:
        Case.objects.filter(id=self.case.id).update(stage_due_at=None)


class _KeepsThePin(AtTheCounter):
    @rule()
    @precondition(lambda self: self.state is Pickup.AT_CENTRE)
    def fault(self) -> None:
        self.somebody_shows_an_id()
        Collection.objects.filter(case=self.case).update(sealed_pin=b"left behind")


class _LeavesTheUncollectedOpen(AtTheCounter):
    @rule()
    @precondition(lambda self: self.state is Pickup.AT_CENTRE)
    def fault(self) -> None:
        self.now += timedelta(days=31)
        self.the_timer_runs()
        Case.objects.filter(id=self.case.id).update(stage="done", outcome="granted")


@pytest.mark.parametrize(
    "faulty",
    [_HandsOverAgain, _TellsThePinTooSoon, _ForgetsTheTerm, _KeepsThePin, _LeavesTheUncollectedOpen],
)
def test_a_planted_fault_in_picking_up_is_noticed(faulty: type[Pickups]) -> None:
    """Found is enough. The same courses each time."""
    window.open_window()
    with pytest.raises(AssertionError):
        _run(faulty, 100, Part.generate, chance=False)
