"""Erasure: at somebody's request and on time; without the key nothing opens."""

from datetime import timedelta

import pytest

from loket.casework import actions, queries
from loket.casework.erasing import CaseStillOpen
from loket.casework.models import Case, CaseIndex, Inquiry, OneTimeCode
from loket.casework.refusals import TooLateToUndo
from loket.files.models import StoredFile
from loket.kernel.actors import SYSTEM
from loket.notifications.models import Message
from loket.notifications.sealing import key_of
from loket.privacy import actions as privacy
from loket.privacy import queries as held
from loket.privacy.types import Clue, Subject, SubjectKind
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW
from tests.casework.test_replying import certificate

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LATER = NOW + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _erase(case: Case) -> None:
    privacy.erase_subject(subject=Subject(SubjectKind.CASE, case.id), by=SYSTEM, now=LATER)
    case.refresh_from_db()


def _lived_through() -> Case:
    """A case with a file, a note, a question, an answer, a code, letters and a decision."""
    case = stall.submitted(stall.draft(stall.COOK, files={"hygiene": certificate}))
    actions.send_code(case_id=case.id, language="en", now=NOW)
    staff = county.staff(stall.OFFICER)
    actions.add_note(case_id=case.id, text="Note.", staff=staff, now=NOW)
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", LATER, metres="7")
    actions.send_reply(case_id=case.id, now=LATER)
    stall.act(case, "refuse_for_good", now=LATER)
    actions.settle(now=LATER)
    return case


def test_without_its_key_nothing_of_a_case_opens() -> None:
    case = _lived_through()
    message = Message.objects.filter(subject_id=case.id).latest("id")
    _erase(case)
    with pytest.raises(privacy.KeyDestroyed):
        privacy.open_key(case.key_id)
    with pytest.raises(privacy.KeyDestroyed):
        key_of(message)
    assert queries.applicant_case(case.id, LATER) is None


def test_nothing_to_read_or_be_found_by_is_left() -> None:
    case = _lived_through()
    assert CaseIndex.objects.filter(case=case).exists()
    _erase(case)
    assert (case.display, case.contact_digest, case.pin_digest) == ({}, None, None)
    assert (bytes(case.sealed_answers), bytes(case.sealed_contact)) == (b"", b"")
    assert not CaseIndex.objects.filter(case=case).exists()
    assert not OneTimeCode.objects.filter(case=case).exists()
    assert not StoredFile.objects.filter(owner_id=case.id).exists()
    assert not case.events.exclude(sealed_details=None).exists()
    (inquiry,) = Inquiry.objects.filter(case=case)
    assert bytes(inquiry.sealed_message) == b""
    assert held.subjects_of(Clue(contact="wanjiru@example.com")) == ()


def test_stages_dates_and_outcome_stay_as_numbers_about_nobody() -> None:
    case = _lived_through()
    events = len(stall.events(case))
    _erase(case)
    assert (case.stage, case.outcome, case.closed_at) == ("refused", "refused", LATER)
    assert len(stall.events(case)) == events


def test_erasing_again_changes_nothing() -> None:
    case = _lived_through()
    _erase(case)
    before = Case.objects.values().get(id=case.id)
    again = privacy.erase_subject(
        subject=Subject(SubjectKind.CASE, case.id), by=SYSTEM, now=LATER + timedelta(days=1)
    )
    assert again.rows["cases"] == 0
    assert Case.objects.values().get(id=case.id) == before


def test_a_case_that_is_worked_is_not_erased_and_keeps_its_key() -> None:
    case = stall.sent()
    with pytest.raises(CaseStillOpen):
        _erase(case)
    privacy.open_key(case.key_id)
    assert queries.applicant_case(case.id, NOW) is not None


def test_an_erased_case_is_not_brought_back_by_an_undo() -> None:
    case = stall.sent()
    event = stall.act(case, "approve", now=LATER)
    _erase(case)
    with pytest.raises(TooLateToUndo):
        actions.undo(event_id=event.id, staff=county.staff(stall.OFFICER), now=LATER)
    case.refresh_from_db()
    assert case.stage == "granted"


def test_cases_are_found_by_reference_and_by_contact() -> None:
    case, other = stall.sent(), stall.sent(stall.BY_PHONE)
    mine, others = Subject(SubjectKind.CASE, case.id), Subject(SubjectKind.CASE, other.id)
    assert held.subjects_of(Clue(reference=case.reference.lower())) == (mine,)
    assert held.subjects_of(Clue(contact="WANJIRU@example.com")) == (mine,)
    assert held.subjects_of(Clue(contact="0712 345 678")) == (others,)
    assert held.subjects_of(Clue(reference="nonsense", contact="")) == ()


def test_a_copy_holds_the_answers_the_file_and_the_timeline() -> None:
    case = _lived_through()
    copies = privacy.copy_of(subject=Subject(SubjectKind.CASE, case.id), by=SYSTEM, now=LATER)
    by_name = {copy.name: copy.content for copy in copies}
    assert "Githeri" in by_name["case.json"].decode()
    assert b"Note." not in by_name["case.json"]
    assert by_name["old.pdf"] == certificate().content.read()


def test_retention_is_that_of_the_version_and_counts_from_closing() -> None:
    """The stall keeps cases for 30 days; the request for information for years."""
    stalls, open_one = stall.sent(), stall.sent()
    stall.act(stalls, "refuse_for_good")
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=NOW)
    assert privacy.expire(name="cases", now=NOW + timedelta(days=30)) == 0
    late = NOW + timedelta(days=30, seconds=1)
    assert privacy.expire(name="cases", now=late) == 1
    assert privacy.expire(name="cases", now=late) == 0
    stalls.refresh_from_db()
    assert stalls.erased_at == late
    with pytest.raises(privacy.KeyDestroyed):
        privacy.open_key(stalls.key_id)
    privacy.open_key(open_one.key_id)
    assert privacy.expire(name="cases", now=NOW.replace(year=2033) + timedelta(days=1)) == 1
