"""Staff reads: never without a record, and never without the right."""

from datetime import timedelta

import pytest

from loket.casework import actions, queries
from loket.casework.models import Case, Notice
from loket.casework.refusals import NoSuchCase, ReasonToLook
from loket.casework.types import StaffCase
from loket.files.types import FileMissing
from loket.kernel.ids import new_id
from loket.privacy import actions as privacy
from loket.privacy import queries as looks
from loket.privacy.types import ASSIGNED_WORK, AccessKind, Subject, SubjectKind
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW
from tests.casework.test_replying import certificate

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _open(case: Case, by: str = stall.OFFICER, reason: str = "") -> StaffCase:
    return actions.open_for_staff(reference=case.reference, reason=reason, staff=county.staff(by), now=NOW)


def _looks(case: Case) -> list[tuple[str, str, str]]:
    return [(look.actor_name, look.kind, look.reason) for look in looks.all_accesses_of(case.id)]


def test_every_opening_is_recorded_and_shown_to_the_applicant() -> None:
    case = stall.sent()
    _open(case)
    _open(case, stall.COLLEAGUE)
    assert _looks(case) == [
        ("Budi Santoso", AccessKind.OPENED, ASSIGNED_WORK),
        ("Esther Chebet", AccessKind.OPENED, ASSIGNED_WORK),
    ]
    seen = queries.applicant_case(case.id, NOW)
    assert seen is not None
    assert [look.actor_name for look in seen.accesses] == ["Budi Santoso", "Esther Chebet"]


def test_the_record_is_there_in_the_page_it_opens() -> None:
    assert len(_open(stall.sent()).accesses) == 1


@pytest.mark.parametrize("looker", [stall.INSPECTOR, stall.PRIVACY_OFFICER])
def test_outside_ones_team_a_reason_is_needed(looker: str) -> None:
    case = stall.sent()
    for nothing in ("", "  \n ", "\x00"):
        with pytest.raises(ReasonToLook):
            _open(case, looker, nothing)
    assert _looks(case) == []
    seen = _open(case, looker, "  A complaint came in.  ")
    assert (seen.may_work, seen.actions, seen.undo) == (False, (), None)
    assert [(kind, reason) for _, kind, reason in _looks(case)] == [
        (AccessKind.OPENED, "A complaint came in.")
    ]
    assert Case.objects.get(id=case.id).unread


@pytest.mark.parametrize("stranger", [stall.OTHER_AGENCY, stall.ANALYST])
def test_others_are_told_there_is_no_such_case(stranger: str) -> None:
    case = stall.sent()
    for reference in (case.reference, "7K3P-2M9X"):
        with pytest.raises(NoSuchCase):
            actions.open_for_staff(
                reference=reference, reason="Curious", staff=county.staff(stranger), now=NOW
            )
    assert _looks(case) == []


def test_a_supervisor_of_the_team_works_its_cases() -> None:
    assert _open(stall.sent(), stall.SUPERVISOR).may_work


def test_the_first_to_work_it_marks_it_read() -> None:
    case = stall.sent()
    _open(case)
    assert not Case.objects.get(id=case.id).unread


def test_a_case_shows_what_may_be_done_and_asked() -> None:
    seen = _open(stall.sent())
    assert [offer.key for offer in seen.actions] == [
        "approve", "refuse", "refuse_for_good", "ask", "pass_on", "file",
    ]  # fmt: skip
    assert [question.id for question in seen.askable] == [
        "full_name", "phone", "goods", "metres", "from_day", "contact",
    ]  # fmt: skip
    assert (seen.contact_channel, seen.contact_address) == ("email", "wanjiru@example.com")


def test_notes_are_for_staff_only() -> None:
    case = stall.sent()
    staff = county.staff(stall.OFFICER)
    actions.add_note(case_id=case.id, text="  Looks fine. ", staff=staff, now=NOW)
    actions.add_note(case_id=case.id, text="   ", staff=staff, now=NOW)
    actions.assign_to_self(case_id=case.id, staff=staff, now=NOW)
    actions.assign_to_self(case_id=case.id, staff=staff, now=NOW)
    seen = _open(case)
    assert [(entry.happened.value, entry.note) for entry in seen.timeline] == [
        ("submitted", ""),
        ("noted", "Looks fine."),
        ("assigned", ""),
    ]
    assert seen.assigned_to_me
    applicant = queries.applicant_case(case.id, NOW)
    assert applicant is not None
    assert len(applicant.timeline) == 1


@pytest.mark.parametrize("stranger", [stall.INSPECTOR, stall.OTHER_AGENCY, stall.PRIVACY_OFFICER])
def test_only_who_works_a_case_notes_or_takes_it(stranger: str) -> None:
    case = stall.sent()
    staff = county.staff(stranger)
    with pytest.raises(NoSuchCase):
        actions.add_note(case_id=case.id, text="Hm", staff=staff, now=NOW)
    with pytest.raises(NoSuchCase):
        actions.assign_to_self(case_id=case.id, staff=staff, now=NOW)
    assert len(stall.events(case)) == 1


def test_a_file_opened_is_recorded_too() -> None:
    case = stall.submitted(stall.draft(stall.COOK, files={"hygiene": certificate}))
    (ref,) = _open(case).files
    opened = actions.open_file_for_staff(
        reference=case.reference, file_id=stall.as_id(ref.id), reason="", staff=county.staff(stall.OFFICER),
        now=NOW,
    )  # fmt: skip
    assert opened.ref.name == "old.pdf"
    assert [kind for _, kind, _ in _looks(case)] == [AccessKind.FILE_OPENED, AccessKind.OPENED]


def test_a_file_of_another_case_is_missing_and_nothing_is_recorded() -> None:
    other = stall.submitted(stall.draft(stall.COOK, files={"hygiene": certificate}))
    (ref,) = _open(other).files
    case = stall.sent()
    for file_id in (stall.as_id(ref.id), new_id()):
        with pytest.raises(FileMissing):
            actions.open_file_for_staff(
                reference=case.reference, file_id=file_id, reason="", staff=county.staff(stall.OFFICER),
                now=NOW,
            )  # fmt: skip
    assert _looks(case) == []
    with pytest.raises(FileMissing):
        queries.applicant_file(case.id, stall.as_id(ref.id))


def _told() -> tuple[Case, Notice]:
    case = stall.sent()
    stall.act(case, "pass_on")
    stall.act(case, "good", by=stall.INSPECTOR)
    actions.settle(now=LATER)
    return case, Notice.objects.get(case=case)


def test_a_notice_opens_the_named_answers_to_its_agency_and_is_recorded() -> None:
    case, notice = _told()
    halima = county.staff("halima.omar@example.org")
    assert [row.id for row in queries.notices(halima, received=False)] == [notice.id]
    seen = actions.open_notice(notice_id=notice.id, staff=halima, now=LATER)
    assert [row.question.id for row in seen.rows] == ["full_name"]
    assert _looks(case) == [("Halima Omar", AccessKind.OPENED, ASSIGNED_WORK)]
    with pytest.raises(NoSuchCase):
        actions.open_for_staff(reference=case.reference, reason="More", staff=halima, now=LATER)
    for now in (LATER, LATER + timedelta(hours=1)):
        actions.receive_notice(notice_id=notice.id, staff=halima, now=now)
    notice.refresh_from_db()
    assert (notice.received_at, notice.received_by_id) == (LATER, halima.person_id)
    assert queries.notices(halima, received=False) == ()
    assert len(queries.notices(halima, received=True)) == 1


@pytest.mark.parametrize("stranger", [stall.OFFICER, stall.OTHER_AGENCY, stall.PRIVACY_OFFICER])
def test_a_notice_is_for_its_agency_only(stranger: str) -> None:
    case, notice = _told()
    staff = county.staff(stranger)
    assert notice.id not in {row.id for row in queries.notices(staff, received=False)}
    with pytest.raises(NoSuchCase):
        actions.open_notice(notice_id=notice.id, staff=staff, now=LATER)
    with pytest.raises(NoSuchCase):
        actions.receive_notice(notice_id=notice.id, staff=staff, now=LATER)
    assert _looks(case) == []


def test_an_erased_case_is_nowhere() -> None:
    case, notice = _told()
    officer, halima = county.staff(stall.OFFICER), county.staff("halima.omar@example.org")
    privacy.erase_subject(subject=Subject(SubjectKind.CASE, case.id), by=officer.actor, now=LATER)
    with pytest.raises(NoSuchCase):
        _open(case)
    with pytest.raises(NoSuchCase):
        actions.open_notice(notice_id=notice.id, staff=halima, now=LATER)
    with pytest.raises(NoSuchCase):
        actions.add_note(case_id=case.id, text="Hm", staff=officer, now=LATER)
    with pytest.raises(NoSuchCase):
        actions.send_code(case_id=case.id, language="en", now=LATER)
    with pytest.raises(NoSuchCase):
        actions.find_by_contact(reference=case.reference, contact="wanjiru@example.com", now=LATER)
    assert queries.notices(halima, received=False) == ()
    assert queries.applicant_case(case.id, LATER) is None
    assert actions.look_up(staff=officer, typed=case.reference, now=NOW) == ()
    assert actions.look_up(staff=officer, typed="0712345678", now=NOW) == ()
