"""How applicants get back to their case, and how others don't."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loket.applications import queries as drafts
from loket.applications.actions.saving import paper_pin
from loket.casework import actions
from loket.casework.models import Case, OneTimeCode
from loket.casework.refusals import CantSendCode, NoSuchCase, TooOften, WrongCode
from loket.kernel.ids import new_id
from loket.notifications import queries as notifications
from loket.notifications.types import SubjectKind
from loket.privacy import actions as privacy
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _by_contact(reference: str, contact: str) -> UUID:
    return actions.find_by_contact(reference=reference, contact=contact, now=NOW)


def _code_sent(case: Case, now: object = NOW) -> str:
    assert isinstance(now, type(NOW))
    actions.send_code(case_id=case.id, language="en", now=now)
    letter = notifications.messages_of(
        subject_kind=SubjectKind.CASE, subject_id=case.id, key=privacy.open_key(case.key_id)
    )[-1]
    assert letter.purpose == "code"
    found = re.search(r"\b[0-9]{6}\b", letter.body)
    assert found is not None
    return found.group()


@pytest.mark.parametrize("typed", ["wanjiru@example.com", "Wanjiru@Example.COM", "  wanjiru@example.com  "])
def test_an_address_opens_however_it_is_spelt(typed: str) -> None:
    case = stall.sent()
    assert _by_contact(case.reference.lower().replace("-", " "), typed) == case.id


@pytest.mark.parametrize("typed", ["+254712345678", "0712 345 678", "0712-345-678", "+254 712 345 678"])
def test_a_number_opens_locally_and_internationally(typed: str) -> None:
    case = stall.sent(stall.BY_PHONE)
    assert _by_contact(case.reference, typed) == case.id


@pytest.mark.parametrize("typed", ["", "other@example.com", "0712345679", "@", "wanjiru", "\x00", "+" * 400])
def test_a_wrong_contact_opens_nothing(typed: str) -> None:
    case = stall.sent()
    with pytest.raises(NoSuchCase):
        _by_contact(case.reference, typed)


def test_a_case_without_a_contact_is_not_opened_by_an_empty_one() -> None:
    case = stall.sent(stall.ON_PAPER)
    for typed in ("", "none", " "):
        with pytest.raises(NoSuchCase):
            _by_contact(case.reference, typed)


def test_an_unknown_reference_and_a_wrong_contact_take_the_same_statements() -> None:
    case = stall.sent()
    _by_contact(case.reference, "wanjiru@example.com")  # the process now holds its root secret
    seen = []
    for reference, contact in (
        (case.reference, "other@example.com"),
        ("7K3P-2M9X", "wanjiru@example.com"),
        ("nonsense", "wanjiru@example.com"),
    ):
        with CaptureQueriesContext(connection) as queries, pytest.raises(NoSuchCase):
            _by_contact(reference, contact)
        seen.append([query["sql"].split()[0] for query in queries])
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 2


def test_guessing_a_contact_is_limited_for_each_reference() -> None:
    case, other = stall.sent(), stall.sent()
    for number in range(10):
        with pytest.raises(NoSuchCase):
            _by_contact(case.reference, f"guess{number}@example.com")
    with pytest.raises(TooOften):
        _by_contact(case.reference, "wanjiru@example.com")
    assert _by_contact(other.reference, "wanjiru@example.com") == other.id


def test_people_who_mistype_do_not_use_up_each_others_tries() -> None:
    for number in range(30):
        with pytest.raises(NoSuchCase):
            _by_contact(f"not a reference {number}", "wanjiru@example.com")


def _pin(token: str) -> str:
    view = drafts.draft(token, NOW)
    assert view is not None
    return paper_pin(view.id)


def test_the_pin_on_paper_opens_the_case() -> None:
    token = stall.draft(stall.ON_PAPER)
    case = stall.submitted(token)
    pin = _pin(token)
    typed = f"{pin[:4]} {pin[4:]}"
    assert actions.find_by_pin(reference=case.reference, pin=typed, now=NOW) == case.id
    wrong = f"{(int(pin) + 1) % 10**8:08d}"
    for bad in (wrong, "", pin[:-1], "٠" * 8):
        with pytest.raises(NoSuchCase):
            actions.find_by_pin(reference=case.reference, pin=bad, now=NOW)


def test_a_case_with_an_address_has_no_pin() -> None:
    token = stall.draft()
    case = stall.submitted(token)
    assert case.pin_digest is None
    with pytest.raises(NoSuchCase):
        actions.find_by_pin(reference=case.reference, pin=_pin(token), now=NOW)


def test_a_code_opens_once() -> None:
    case = stall.sent()
    code = _code_sent(case)
    actions.use_code(case_id=case.id, code=f" {code[:3]} {code[3:]}", now=NOW)
    with pytest.raises(WrongCode):
        actions.use_code(case_id=case.id, code=code, now=NOW)


def test_a_code_expires() -> None:
    case = stall.sent()
    code = _code_sent(case)
    with pytest.raises(WrongCode):
        actions.use_code(case_id=case.id, code=code, now=NOW + timedelta(minutes=15))
    actions.use_code(case_id=case.id, code=code, now=NOW + timedelta(minutes=14, seconds=59))


def test_only_the_newest_code_works_even_after_it_was_used() -> None:
    case = stall.sent()
    old = _code_sent(case)
    new = _code_sent(case, NOW + timedelta(seconds=30))
    soon = NOW + timedelta(minutes=1)
    if old != new:
        with pytest.raises(WrongCode):
            actions.use_code(case_id=case.id, code=old, now=soon)
    actions.use_code(case_id=case.id, code=new, now=soon)
    with pytest.raises(WrongCode):
        actions.use_code(case_id=case.id, code=old, now=soon)


def test_a_code_opens_its_own_case_only() -> None:
    case, other = stall.sent(), stall.sent()
    code = _code_sent(case)
    with pytest.raises(WrongCode):
        actions.use_code(case_id=other.id, code=code, now=NOW)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\x00"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    case = stall.sent()
    _code_sent(case)
    with pytest.raises(WrongCode):
        actions.use_code(case_id=case.id, code=code, now=NOW)


def test_guessing_a_code_is_limited() -> None:
    case = stall.sent()
    code = _code_sent(case)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(10):
        with pytest.raises(WrongCode):
            actions.use_code(case_id=case.id, code=wrong, now=NOW)
    with pytest.raises(TooOften):
        actions.use_code(case_id=case.id, code=code, now=NOW)


def test_codes_sent_are_limited() -> None:
    case = stall.sent()
    for _ in range(5):
        _code_sent(case)
    with pytest.raises(TooOften):
        actions.send_code(case_id=case.id, language="en", now=NOW)
    assert OneTimeCode.objects.filter(case=case).count() == 5


def test_no_code_goes_to_who_left_no_address() -> None:
    case = stall.sent(stall.ON_PAPER)
    with pytest.raises(CantSendCode):
        actions.send_code(case_id=case.id, language="en", now=NOW)
    assert not OneTimeCode.objects.exists()


def test_an_unknown_case_gets_no_code() -> None:
    with pytest.raises(NoSuchCase):
        actions.send_code(case_id=new_id(), language="en", now=NOW)
    with pytest.raises(WrongCode):
        actions.use_code(case_id=new_id(), code="123456", now=NOW)


def test_a_code_is_for_the_applicant_alone() -> None:
    case = stall.sent()
    actions.send_code(case_id=case.id, language="en", now=NOW)
    officer = county.staff(stall.OFFICER)
    seen = actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    assert all(message.purpose != "code" for message in seen.messages)
