"""Coming back to what was sent: tracking, code, decision, reply, files, who looked."""

import re

import pytest
from django.test import Client

from loket.casework.models import Case, OneTimeCode
from loket.notifications import queries as notifications
from loket.notifications.types import Medium, SubjectKind
from loket.privacy import actions as privacy
from tests import county
from tests.portal import officer
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
EMAIL = "odhiambo@example.com"
NOBODY = "We can’t find an application"


def on_paper() -> dict[str, object]:
    return {**county.INFORMATION_ANSWERS, "contact": {"channel": "none", "address": ""}}


def elsewhere() -> Visitor:
    return Visitor(Client())


def track(visitor: Visitor, reference: str, proof: str, status: int = 200) -> str:
    return visitor.post("track/", {"reference": reference, "proof": proof}, status)


def code_of(reference: str) -> str:
    """The code in the latest message, as the person reads it."""
    case = Case.objects.get(reference=reference)
    sent = notifications.messages_of(
        subject_kind=SubjectKind.CASE, subject_id=case.id, key=privacy.open_key(case.key_id)
    )
    found = re.search(r"\b\d{6}\b", sent[-1].body)
    assert found
    return found[0]


def test_a_reference_and_a_contact_open_stage_and_dates_only(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    other = elsewhere()
    page = track(other, reference.lower().replace("-", " "), "  Odhiambo@Example.com ")
    assert "We are looking for your information" in page
    assert reference in page
    assert "Odhiambo Okoth" not in page
    assert "Cost of the market road" not in page
    assert "Send me a code" in page


def test_a_wrong_reference_and_a_wrong_contact_are_told_alike(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    wrong_contact = track(elsewhere(), reference, "somebody@example.com")
    wrong_reference = track(elsewhere(), "7K3P-2M9X", "somebody@example.com")
    assert NOBODY in wrong_contact
    assert _without(wrong_contact, reference) == _without(wrong_reference, "7K3P-2M9X")


def _without(html: str, reference: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html).replace(f'value="{reference}"', "")


@pytest.mark.parametrize(("reference", "proof"), [("", ""), ("7K3P", "x@example.com"), ("7K3P-2M9X", "")])
def test_an_empty_or_malformed_field_is_said_before_looking(
    visitor: Visitor, reference: str, proof: str
) -> None:
    page = track(visitor, reference, proof)
    assert "There is a problem" in page
    assert visitor.title.startswith("Error: ")
    assert NOBODY not in page


def test_looking_up_too_often_is_refused_kindly(visitor: Visitor) -> None:
    for _ in range(10):
        track(visitor, "7K3P-2M9X", "somebody@example.com")
    assert "Please wait a little" in track(visitor, "7K3P-2M9X", "somebody@example.com", 429)


def test_a_code_opens_the_whole_case_once(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    other = elsewhere()
    track(other, reference, EMAIL)
    assert "/en/messages/" not in other.open("track/case/")
    other.post("track/code/")
    assert other.page_id == "code"
    assert "one-time-code" in other.html
    assert "This code is wrong" in other.post("track/code/", {"code": "000000"})
    page = other.post("track/code/", {"code": code_of(reference)})
    assert "Odhiambo Okoth" in page
    assert "Nobody has opened your application yet" in page
    choices = notifications.preferences_token(Medium.EMAIL, EMAIL)
    assert f"/en/messages/{choices}/" in page
    assert OneTimeCode.objects.filter(used_at=None).count() == 0
    assert "Nobody has" not in other.post("track/leave/")
    assert "8 letters and digits" in other.open("track/case/")


def test_a_pin_on_paper_opens_the_whole_case(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, on_paper())
    assert "Write these down" in visitor.html
    pin = visitor.pin
    other = elsewhere()
    page = track(other, reference, f"{pin[:4]} {pin[4:]}")
    assert "Cost of the market road" in page
    assert NOBODY in track(elsewhere(), reference, f"{int(pin) ^ 1:08d}")


def test_a_refusal_shows_reasons_appeal_and_who_looked(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, on_paper())
    pin = visitor.pin
    officer.refuses(reference, "It names three neighbours.")
    page = track(elsewhere(), reference, pin)
    decision = page.index("The decision")
    assert decision < page.index("It would reveal private facts about another person.")
    assert "It names three neighbours." in page
    assert "within 30 days" in page
    assert page.index("It names three neighbours.") < page.index("Your answers")
    assert "Amina Wekesa" in page
    assert "Information Commission, opened your application" in page


def test_a_question_back_is_answered_without_touching_anything_else(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, on_paper())
    pin = visitor.pin
    officer.asks(reference, "Which years do you mean?", ("period_from", "period_to"))
    person = elsewhere()
    assert "Which years do you mean?" in track(person, reference, pin)
    page = person.open("track/reply/")
    assert 'name="q-period_from-day"' in page
    assert 'name="q-topic"' not in page
    wrong = person.post(person.path, {"q-period_from-day": "40"})
    assert person.title.startswith("Error: ")
    assert 'value="40"' in wrong
    years = {
        "q-period_from-day": "1", "q-period_from-month": "1", "q-period_from-year": "2024",
        "q-period_to-day": "1", "q-period_to-month": "1", "q-period_to-year": "2025",
        "q-topic": "something else entirely",
    }  # fmt: skip
    page = person.post(person.path, years)
    assert person.path.endswith("/track/reply/check/")
    assert "1 January 2024" in page
    page = person.post(person.path)
    assert "Thank you. Your answer is with us" in page
    assert "1 January 2024" in page
    assert "something else entirely" not in page
    person.open("track/reply/")
    assert person.path == "/en/track/case/"
    person.post("track/reply/check/")
    assert person.path == "/en/track/case/"


def test_nothing_of_a_reply_opens_without_a_code(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    officer.asks(reference, "Which years do you mean?", ("period_from",))
    other = elsewhere()
    page = track(other, reference, EMAIL)
    assert "We have a question for you." in page
    assert "Which years" not in page
    for path in ("track/reply/", "track/reply/check/", "track/reply/period/"):
        assert "Which years" not in other.open(path)
        assert other.path == "/en/track/case/"


@pytest.mark.parametrize("cookie", ["nonsense", "a:b:c", ""])
def test_a_tampered_case_cookie_leads_to_the_form(visitor: Visitor, cookie: str) -> None:
    visitor.client.cookies["loket-case"] = cookie
    visitor.open("track/case/")
    assert visitor.path == "/en/track/"
