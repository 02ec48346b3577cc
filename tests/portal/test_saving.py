"""Saving and coming back, and clearing a shared computer."""

import re

import pytest
from django.test import Client, override_settings

from loket.applications.models import Draft
from loket.files.models import StoredFile
from loket.notifications import queries as notifications
from loket.notifications.types import SubjectKind
from tests import county
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
BASE = "apply/civil-registry/change-of-address/"


def begin(visitor: Visitor, name: str = "Zuhura Mwinyi") -> None:
    visitor.open(BASE)
    visitor.post(visitor.path, {"q-full_name": name})
    assert visitor.page_id == "birth"


def test_saved_on_paper_and_opened_elsewhere(visitor: Visitor) -> None:
    begin(visitor)
    visitor.post(f"{BASE}save/", {"q-way": "none"})
    reference, pin = visitor.reference, visitor.pin
    visitor.open(f"{BASE}saved/")
    assert (visitor.reference, visitor.pin) == (reference, pin)
    other = Visitor(Client(), "sw")
    other.post("return/", {"reference": reference.lower(), "pin": f" {pin[:4]} {pin[4:]}"})
    assert other.page_id == "birth"
    assert "Zuhura Mwinyi" in other.open(f"{BASE}name/")
    assert "We can’t find your answers" in visitor.open(f"{BASE}birth/", 404)


def test_a_wrong_pin_opens_nothing(visitor: Visitor) -> None:
    begin(visitor)
    visitor.post(f"{BASE}save/", {"q-way": "none"})
    page = Visitor(Client()).post("return/", {"reference": visitor.reference, "pin": "00000000"})
    assert "We can’t find saved answers" in page


@pytest.mark.usefixtures("demo")
def test_a_link_by_mail_opens_only_by_its_button(visitor: Visitor) -> None:
    begin(visitor)
    page = visitor.post(f"{BASE}save/", {"q-way": "email", "q-way-email": "zuhura@example.com"})
    assert "zuhura@example.com" in page
    draft = Draft.objects.get()
    sent = notifications.messages_of(subject_kind=SubjectKind.DRAFT, subject_id=draft.id)
    found = re.search(r"https?://[^/]+(/en/return/\S+)", sent[0].body)
    assert found
    other = Visitor(Client())
    assert "Open my answers" in other.open(found[1])
    assert other.client.cookies.get("loket-d-civil-registry-change-of-address") is None
    other.post(found[1])
    assert other.page_id == "birth"
    assert "does not work any more" in Visitor(Client()).post("return/not-a-link/", status=404)


def test_only_what_can_be_sent_is_offered(visitor: Visitor) -> None:
    begin(visitor)
    with override_settings(EMAIL_CHANNEL="none", SMS_CHANNEL="none"):
        page = visitor.open(f"{BASE}save/")
        assert 'value="none"' in page
        assert 'value="email"' not in page
        visitor.post(f"{BASE}save/", {"q-way": "email", "q-way-email": "zuhura@example.com"})
    assert visitor.title.startswith("Error: ")


def test_saving_without_an_address_says_what_is_missing(visitor: Visitor) -> None:
    begin(visitor)
    for fields in ({}, {"q-way": "email"}, {"q-way": "sms", "q-way-phone": "12"}):
        visitor.post(f"{BASE}save/", fields)
        assert visitor.title.startswith("Error: "), fields


def test_there_is_nothing_to_save_before_the_first_answer(visitor: Visitor) -> None:
    visitor.open(f"{BASE}save/")
    assert visitor.page_id == "name"


def test_clearing_the_computer_asks_before_answers_are_lost(visitor: Visitor) -> None:
    begin(visitor)
    page = visitor.post("finish/")
    assert "Change your address" in page
    assert Draft.objects.count() == 1
    response = visitor.client.post("/en/finish/", {"sure": "yes"})
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert Draft.objects.count() == 0
    assert [name for name, one in visitor.client.cookies.items() if one.value] == []
    assert "What is your full name?" in visitor.open(BASE)
    assert "Zuhura" not in visitor.html


def test_what_was_saved_outlives_the_clearing(visitor: Visitor) -> None:
    begin(visitor)
    visitor.post(f"{BASE}save/", {"q-way": "none"})
    reference, pin = visitor.reference, visitor.pin
    visitor.post("finish/")
    assert visitor.page_id == "finished"
    visitor.post("return/", {"reference": reference, "pin": pin})
    assert visitor.page_id == "birth"


def test_clearing_after_sending_keeps_the_application(visitor: Visitor) -> None:
    reference = visitor.send(county.INFORMATION, county.INFORMATION_ANSWERS)
    visitor.post("finish/")
    assert visitor.page_id == "finished"
    page = visitor.post("track/", {"reference": reference, "proof": "odhiambo@example.com"})
    assert "We are looking for your information" in page


def test_starting_again_forgets_answers_and_files(visitor: Visitor) -> None:
    begin(visitor)
    assert "Go on where you stopped" in visitor.open("services/civil-registry/change-of-address/")
    visitor.post(f"{BASE}again/")
    assert visitor.page_id == "name"
    assert Draft.objects.count() == StoredFile.objects.count() == 0


BIRTH = {"q-date_of_birth-day": "12", "q-date_of_birth-month": "4", "q-date_of_birth-year": "1991"}


def test_saving_keeps_what_is_on_the_page(visitor: Visitor) -> None:
    begin(visitor)
    visitor.post(visitor.path, {**BIRTH, "save": "1"})
    assert visitor.page_id == "save"
    assert 'value="1991"' in visitor.open(f"{BASE}birth/")


def test_saving_on_an_empty_page_is_no_mistake_and_a_wrong_answer_is_not_lost(visitor: Visitor) -> None:
    begin(visitor)
    visitor.post(visitor.path, {"save": "1"})
    assert visitor.page_id == "save"
    visitor.open(f"{BASE}birth/")
    page = visitor.post(visitor.path, {**BIRTH, "q-date_of_birth-month": "13", "save": "1"})
    assert visitor.page_id == "birth"
    assert 'value="13"' in page
