"""What it costs before starting and before sending; how rules decided; what to do about it."""

import re
from html import unescape

import pytest
from django.test import Client

from loket.casework.models import Case, CaseEvent
from loket.catalogue import queries as catalogue
from loket.kernel import clock
from loket.notifications import queries as notifications
from loket.notifications.types import SubjectKind
from loket.privacy import actions as privacy
from tests import county
from tests.casework import relief
from tests.portal.test_following import code_of
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
PATH = "services/civil-registry/stall-relief/"


@pytest.fixture
def person(visitor: Visitor) -> Visitor:
    relief.publish(clock.now())
    catalogue.forget_live()
    return visitor


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def whole_case(person: Visitor, reference: str) -> str:
    """The page of the case after a code was used."""
    county.settle(clock.now())
    person.post("track/", {"reference": reference, "proof": "achieng@example.com"})
    person.post("track/code/")
    return text(person.post("track/code/", {"code": code_of(reference)}))


@pytest.mark.parametrize(
    ("language", "costs", "card"),
    [
        ("en", "What it costs", "KES 1 000 or 2 000 by income."),
        ("id", "Biayanya", "KES 1 000 atau 2 000."),
        ("sw", "Gharama yake", "KES 1 000 au 2 000."),
    ],
)
def test_what_it_costs_is_said_before_starting(person: Visitor, language: str, costs: str, card: str) -> None:
    page = text(Visitor(Client(), language).open(PATH))
    assert costs in page
    assert card in page
    assert "0.00" in page or "0,00" in page


def test_checking_shows_lines_total_and_why_a_waiver_was_not_given(person: Visitor) -> None:
    page = text(person.fill_in(relief.KEY, relief.answers(60_000)))
    assert "Card KES 1,000.00" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "In all KES 1,000.00" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "“What do you earn in a month?”: 60,000 is above 50,000" in page
    assert "Everybody else pays all. applies" in page


def test_a_missing_proof_is_named_with_the_way_to_add_it(person: Visitor) -> None:
    html = person.fill_in(relief.KEY, relief.answers(15_000))
    page = text(html)
    assert "“Relief for the poor” is not taken off" in page
    assert "no file under “Upload the letter of your chief”" in page
    assert 'money/?from=check">Add the file' in html or "money/" in html
    assert "Who earns less than 20 000 pays half. applies" in page
    assert "Relief for the poor not given" in page


def test_an_automatic_decision_is_told_rule_by_rule_and_how_to_appeal(person: Visitor) -> None:
    reference = person.send(relief.KEY, relief.answers(46_000))
    case = Case.objects.get(reference=reference)
    assert (case.phase, case.outcome) == ("closed", "refused")
    event = CaseEvent.objects.get(case=case, happened="submitted")
    assert b"46,000" not in bytes(event.sealed_trace or b"46,000")
    page = whole_case(person, reference)
    asked = "“What do you earn in a month?”"
    assert "How this was decided" in page
    assert f"Who earns less than 20 000 pays half. does not apply {asked}: 46,000 is not below 20,000" in page
    assert "Everybody else pays all. applies" in page
    assert "Who pays nothing is granted at once. does not apply" in page
    assert f"Above 45 000 there is no relief. applies {asked}: 46,000 is above 45,000" in page
    assert "Write to the council within 30 days." in page
    sent = notifications.messages_of(
        subject_kind=SubjectKind.CASE, subject_id=case.id, key=privacy.open_key(case.key_id)
    )
    assert not any("45 000" in message.body or "46,000" in message.body for message in sent)


def test_who_got_all_is_told_why_and_nothing_of_appeals(person: Visitor) -> None:
    page = whole_case(person, person.send(relief.KEY, relief.answers(9_000)))
    assert "Who pays nothing is granted at once. applies" in page
    assert "Write to the council" not in page


def test_the_reasons_stay_as_they_were_said(person: Visitor) -> None:
    """Kept with the event in every language, so that neither time nor an erased answer changes them."""
    reference = person.send(relief.KEY, relief.answers(46_000))
    page = whole_case(person, reference)
    assert "46,000" in page
    swahili = text(person.open("/sw/track/case/"))
    assert "“Unapata kiasi gani kwa mwezi?”: 46,000 ni zaidi ya 45,000" in swahili
    assert "Zaidi ya 45 000 hakuna. inahusika" in swahili
