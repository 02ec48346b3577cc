"""From an approved application over the counter into its person's hands."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from loket.casework import actions, queries
from loket.casework.erasing import CaseStillOpen
from loket.casework.models import Case, Collection, Reminder
from loket.casework.refusals import NoSuchCase, NoSuchCentre, NotThere, TooLateToUndo, TooOften, WrongPin
from loket.casework.types import Happened, IdKind, Phase, Pickup, Proof
from loket.kernel.actors import SYSTEM
from loket.privacy import actions as privacy
from loket.privacy.queries import accesses_of
from loket.privacy.types import AccessKind, Subject, SubjectKind
from tests import county
from tests.casework import stall, window
from tests.casework.window import NOW, OFFICER

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
SETTLED = NOW + actions.UNDO_FOR
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _open() -> None:
    window.open_window()


@pytest.fixture
def waiting() -> Case:
    """A book that lies at the counter since noon; its person knows."""
    case = window.sent()
    window.approved(case)
    window.brought(case)
    return case


def pin_of(case: Case) -> str:
    found = re.search(r"PIN at the counter: (\d{6})\.", window.letters(case)[-1])
    assert found, window.letters(case)
    return found[1]


def by_pin(case: Case, pin: str, now=SETTLED) -> None:  # type: ignore[no-untyped-def]
    actions.hand_over(case_id=case.id, proof=Proof.PIN, pin=pin, staff=county.staff(OFFICER), now=now)


def test_making_begins_only_when_the_decision_can_not_be_taken_back() -> None:
    case = window.sent()
    event = stall.act(case, "approve")
    actions.settle(now=NOW)
    assert not Collection.objects.exists()
    actions.undo(event_id=event.id, staff=county.staff(OFFICER), now=NOW)
    actions.settle(now=SETTLED)
    assert not Collection.objects.exists()
    window.approved(case)
    made = window.collection(case)
    assert (made.state, made.centre, made.ordered_at) == (Pickup.BEING_MADE, "bandarini", SETTLED)
    assert actions.settle(now=SETTLED) == 0


def test_arrival_rests_the_clock_starts_the_term_and_tells_where_when_and_with_what() -> None:
    case = window.sent()
    window.approved(case)
    late = NOW + timedelta(days=3)
    window.brought(case, late)
    assert (case.phase, case.stage) == (Phase.WAITING, "pickup")
    assert case.stage_due_at is not None
    assert case.stage_due_at.date() == (late + timedelta(days=30)).date()
    letter = window.letters(case)[-1]
    for words in ("Bandarini Registry Office", "8 Harbour Road", "+254 20 000 0112", "19 December 2026"):
        assert words in letter
    assert re.search(r"\b\d{6}\b", letter)
    reminder = Reminder.objects.get(case=case)
    assert reminder.due_at.date() == (late + timedelta(days=7)).date()


def test_an_arrival_taken_back_tells_nobody() -> None:
    case = window.sent()
    window.approved(case)
    before = window.messages(case)
    case.refresh_from_db()
    due = case.due_at
    (event,) = actions.arrived(case_ids=(case.id,), staff=county.staff(OFFICER), now=SETTLED)
    status = queries.case_status(case.id, SETTLED)
    assert status is not None
    assert status.collection is not None
    assert status.collection.state is Pickup.BEING_MADE
    actions.undo(event_id=event, staff=county.staff(OFFICER), now=SETTLED)
    actions.settle(now=SETTLED + HOUR)
    case.refresh_from_db()
    assert (case.phase, case.due_at, case.stage_due_at) == (Phase.OPEN, due, None)
    assert window.collection(case).state == Pickup.BEING_MADE
    assert window.messages(case) == before
    with pytest.raises(TooLateToUndo):
        actions.undo(event_id=event, staff=county.staff(OFFICER), now=SETTLED)


def test_several_arrive_at_once_and_what_arrived_already_stays() -> None:
    cases = [window.sent() for _ in range(3)]
    for case in cases:
        window.approved(case)
    actions.arrived(case_ids=(cases[0].id,), staff=county.staff(OFFICER), now=SETTLED)
    ids = tuple(case.id for case in cases)
    assert len(actions.arrived(case_ids=ids, staff=county.staff(window.COLLEAGUE), now=SETTLED)) == 2


def test_who_knows_the_pin_gets_it_once(waiting: Case) -> None:
    pin = pin_of(waiting)
    by_pin(waiting, f" {pin[:3]} {pin[3:]} ")
    waiting.refresh_from_db()
    made = window.collection(waiting)
    assert (waiting.phase, waiting.outcome) == (Phase.CLOSED, "granted")
    assert (made.state, made.proof, made.id_kind) == (Pickup.HANDED_OVER, Proof.PIN, "")
    assert made.handed_over_by_id == stall.person_id(OFFICER)
    assert made.sealed_pin is None
    assert Reminder.objects.get(case=waiting).dropped_at
    with pytest.raises(NotThere):
        by_pin(waiting, pin)


def test_who_shows_an_id_gets_it_and_its_number_is_kept_nowhere(waiting: Case) -> None:
    actions.hand_over(
        case_id=waiting.id,
        proof=Proof.ID_SEEN,
        id_kind=IdKind.PASSPORT,
        staff=county.staff(OFFICER),
        now=SETTLED,
    )
    assert window.collection(waiting).id_kind == IdKind.PASSPORT
    with pytest.raises(ValueError, match="some kind"):
        actions.hand_over(case_id=waiting.id, proof=Proof.ID_SEEN, staff=county.staff(OFFICER), now=SETTLED)


def test_wrong_pins_are_few(waiting: Case) -> None:
    right = pin_of(waiting)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(actions.PIN_TRIES):
        with pytest.raises(WrongPin):
            by_pin(waiting, wrong)
    with pytest.raises(TooOften):
        by_pin(waiting, right)
    by_pin(waiting, right, SETTLED + HOUR)


def test_whoever_left_no_address_uses_the_pin_on_their_paper() -> None:
    case = window.sent(window.ON_PAPER)
    window.approved(case)
    window.brought(case)
    made = window.collection(case)
    assert (made.state, made.sealed_pin) == (Pickup.AT_CENTRE, None)
    assert window.messages(case) == 0
    assert case.pin_digest is not None
    with pytest.raises(WrongPin):
        by_pin(case, "")


def test_before_it_is_there_nobody_gets_it() -> None:
    case = window.sent()
    window.approved(case)
    with pytest.raises(NotThere):
        by_pin(case, "123456")


def test_sent_on_it_is_told_and_the_old_pin_is_void(waiting: Case) -> None:
    old, due = pin_of(waiting), waiting.due_at
    staff, later = county.staff(OFFICER), SETTLED + timedelta(days=7)
    actions.send_to_other_centre(case_id=waiting.id, centre="mlimani", staff=staff, now=later)
    actions.settle(now=later)
    waiting.refresh_from_db()
    assert (waiting.phase, waiting.stage_due_at) == (Phase.OPEN, None)
    assert waiting.due_at > due
    assert "Mlimani Sub-county Office" in window.letters(waiting)[-1]
    assert Reminder.objects.get(case=waiting).dropped_at
    window.brought(waiting, later)
    with pytest.raises(WrongPin):
        by_pin(waiting, old, later)
    by_pin(waiting, pin_of(waiting), later)


@pytest.mark.parametrize("centre", ["nowhere", "bandarini", ""])
def test_it_can_not_be_sent_nowhere(waiting: Case, centre: str) -> None:
    with pytest.raises(NoSuchCentre):
        actions.send_to_other_centre(
            case_id=waiting.id, centre=centre, staff=county.staff(OFFICER), now=SETTLED
        )


def test_what_nobody_comes_for_ends_and_is_sent_back(waiting: Case) -> None:
    staff = county.staff(OFFICER)
    over = NOW + timedelta(days=31)
    with pytest.raises(NotThere):
        actions.return_uncollected(case_id=waiting.id, staff=staff, now=NOW)
    assert queries.due_timers(over, 10) == (waiting.id,)
    assert actions.time_out(case_id=waiting.id, now=over)
    actions.settle(now=over)
    made = window.collection(waiting)
    assert (made.state, made.sealed_pin) == (Pickup.UNCOLLECTED, None)
    assert "was not picked up in time" in window.letters(waiting)[-1]
    actions.return_uncollected(case_id=waiting.id, staff=staff, now=over)
    actions.return_uncollected(case_id=waiting.id, staff=staff, now=over + HOUR)
    assert window.collection(waiting).returned_at == over
    listed = actions.list_counter(staff=staff, centre="", state=Pickup.UNCOLLECTED, cursor="", now=over)
    assert listed.rows == ()


def test_only_the_counters_team_touches_it(waiting: Case) -> None:
    other = county.staff(window.STRANGER)
    for refused in (
        lambda: actions.arrived(case_ids=(waiting.id,), staff=other, now=NOW),
        lambda: actions.hand_over(
            case_id=waiting.id, proof=Proof.ID_SEEN, id_kind=IdKind.OTHER, staff=other, now=NOW
        ),
        lambda: actions.send_to_other_centre(case_id=waiting.id, centre="mlimani", staff=other, now=NOW),
        lambda: actions.return_uncollected(case_id=waiting.id, staff=other, now=NOW),
        lambda: actions.open_at_counter(reference=waiting.reference, staff=other, now=NOW),
    ):
        with pytest.raises(NoSuchCase):
            refused()
    assert actions.list_counter(staff=other, centre="", state=Pickup.AT_CENTRE, cursor="", now=NOW).rows == ()


def test_the_list_tells_what_is_where_and_leaves_a_record(waiting: Case) -> None:
    staff = county.staff(OFFICER)
    other = window.sent({**window.ANSWERS, "place": "mlimani"})
    window.approved(other)
    queries.case_status(other.id, NOW)
    with CaptureQueriesContext(connection) as statements:
        listed = actions.list_counter(staff=staff, centre="", state=Pickup.AT_CENTRE, cursor="", now=NOW)
    assert len(statements) <= 3
    (row,) = listed.rows
    assert (row.reference, row.display, row.centre, row.has_pin) == (
        waiting.reference, ("Wanjiru Kamau",), "bandarini", True,
    )  # fmt: skip
    assert (listed.counts.being_made, listed.counts.at_centre, listed.counts.uncollected) == (1, 1, 0)
    seen = [record for record in accesses_of(waiting.id, NOW + HOUR) if record.kind is AccessKind.LISTED]
    assert len(seen) == 1
    elsewhere = actions.list_counter(
        staff=staff, centre="mlimani", state=Pickup.AT_CENTRE, cursor="", now=NOW
    )
    assert elsewhere.rows == ()
    assert (elsewhere.counts.being_made, elsewhere.counts.at_centre) == (1, 0)


def test_the_person_sees_where_it_is_and_the_pin_only_in_the_whole_case(waiting: Case) -> None:
    queries.case_status(waiting.id, SETTLED)
    with CaptureQueriesContext(connection) as statements:
        status = queries.case_status(waiting.id, SETTLED)
    assert len(statements) <= 3, [one["sql"][:90] for one in statements.captured_queries]
    assert status is not None
    assert status.collection is not None
    assert (status.collection.state, status.collection.centre) == (Pickup.AT_CENTRE, "bandarini")
    assert (status.collection.pin, status.collection.until) == ("", waiting.stage_due_at)
    assert status.answer_by is None
    assert [step.place["en"] for step in status.steps if step.happened is Happened.ARRIVED] == [
        "Bandarini Registry Office"
    ]
    whole = queries.applicant_case(waiting.id, SETTLED)
    assert whole is not None
    assert whole.status.collection is not None
    assert whole.status.collection.pin == pin_of(waiting)


def test_staff_never_reads_the_pin(waiting: Case) -> None:
    pin = pin_of(waiting)
    case = actions.open_for_staff(
        reference=waiting.reference, reason="", staff=county.staff(OFFICER), now=SETTLED
    )
    assert case.collection is not None
    assert case.collection.has_pin
    assert pin not in repr(case)
    assert any("••••••" in message.body for message in case.messages)


def test_an_arrival_that_was_followed_by_another_one_there_tells_nobody() -> None:
    """Sent away and back within the minute: only the later arrival counts, and it can still be taken back."""
    case, staff = window.sent(), county.staff(OFFICER)
    window.approved(case)
    before = window.messages(case)
    soon = SETTLED + timedelta(seconds=30)
    actions.arrived(case_ids=(case.id,), staff=staff, now=SETTLED)
    actions.send_to_other_centre(case_id=case.id, centre="mlimani", staff=staff, now=soon)
    actions.send_to_other_centre(case_id=case.id, centre="bandarini", staff=staff, now=soon)
    (again,) = actions.arrived(case_ids=(case.id,), staff=staff, now=soon)
    actions.settle(now=SETTLED + actions.UNDO_FOR)
    assert window.messages(case) == before
    assert window.collection(case).sealed_pin is None
    actions.undo(event_id=again, staff=staff, now=SETTLED + actions.UNDO_FOR)
    assert window.collection(case).state == Pickup.BEING_MADE


def test_what_nobody_came_for_keeps_its_times(waiting: Case) -> None:
    over = NOW + timedelta(days=31)
    actions.time_out(case_id=waiting.id, now=over)
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.filter(case=waiting).update(state=Pickup.BEING_MADE)


def test_erasing_takes_the_pin_along(waiting: Case) -> None:
    """Even one that should have gone earlier: nothing sealed stays in the row, and no letter opens."""
    sealed, over = window.collection(waiting).sealed_pin, NOW + timedelta(days=31)
    assert sealed is not None
    subject = Subject(SubjectKind.CASE, waiting.id)
    with pytest.raises(CaseStillOpen), transaction.atomic():
        privacy.erase_subject(subject=subject, by=SYSTEM, now=SETTLED)
    assert window.collection(waiting).sealed_pin == sealed
    actions.time_out(case_id=waiting.id, now=over)
    Collection.objects.filter(case=waiting).update(sealed_pin=sealed)
    privacy.erase_subject(subject=subject, by=SYSTEM, now=over)
    made = window.collection(waiting)
    assert (made.sealed_pin, made.state, made.centre) == (None, Pickup.UNCOLLECTED, "bandarini")
    with pytest.raises(privacy.KeyDestroyed):
        privacy.open_key(waiting.key_id)
    with pytest.raises(NoSuchCase):
        actions.open_at_counter(reference=waiting.reference, staff=county.staff(OFFICER), now=over)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": Pickup.BEING_MADE},
        {"arrived_at": None},
        {"arrived_by": None},
        {"state": Pickup.HANDED_OVER},
        {"ended_at": NOW},
        {"proof": Proof.PIN},
        {"id_kind": IdKind.OTHER},
        {"returned_at": NOW},
    ],
)
def test_the_table_refuses_what_can_not_be(waiting: Case, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.filter(case=waiting).update(**wrong)
