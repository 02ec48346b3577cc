"""The case page, its actions, and what happens when two people act."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from loket.casework import actions, queries
from loket.casework.models import Case, CaseEvent
from loket.casework.types import Phase
from loket.files import actions as files
from loket.files.types import OwnerKind
from loket.kernel.actors import APPLICANT
from loket.privacy import actions as privacy
from loket.privacy.models import AccessRow
from loket.workflow.engine import GivenReason
from tests import county
from tests.desk.conftest import AMINA, GRACE, JOSEPH, LEILA, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def sent(reference: str, **more: object) -> dict[str, object]:
    case = Case.objects.get(reference=reference)
    return {"case": str(case.id), "revision": str(case.revision), **more}


def act(client: Client, reference: str, action: str, **more: object):  # type: ignore[no-untyped-def]
    return client.post(f"/en/desk/cases/{reference}/act/{action}/", sent(reference, **more))


def test_the_case_shows_everything_and_records_the_look(as_staff: SignIn, reference: str) -> None:
    page = as_staff(AMINA).get(f"/en/desk/cases/{reference}/").content.decode()
    for expected in ("Cost of the market road", "odhiambo@example.com", "Odhiambo Okoth", "assigned work"):
        assert expected in page
    assert AccessRow.objects.count() == 1
    assert Case.objects.get(reference=reference).unread is False


def test_a_missing_reason_is_asked_for_and_nothing_is_lost(as_staff: SignIn, reference: str) -> None:
    client = as_staff(AMINA)
    response = act(client, reference, "refuse", words="   ")
    assert response.status_code == 422
    page = response.content.decode()
    assert 'href="#reasons"' in page
    assert 'id="reasons-error"' in page
    assert Case.objects.get(reference=reference).phase == Phase.OPEN


def test_a_question_needs_words_and_an_answer_to_reopen(as_staff: SignIn, reference: str) -> None:
    client = as_staff(AMINA)
    response = act(client, reference, "ask", preview="1", message="Which <b>years</b>?")
    page = response.content.decode()
    assert response.status_code == 422
    assert "Which &lt;b&gt;years&lt;/b&gt;?" in page
    assert 'id="questions-error"' in page
    assert 'id="message-error"' not in page
    # Without the preview the same holds.
    assert act(client, reference, "ask", message="Which?").status_code == 422
    assert act(client, reference, "ask", questions=["period_from"]).status_code == 422


def test_a_question_is_previewed_then_sent(as_staff: SignIn, reference: str, now: datetime) -> None:
    client = as_staff(AMINA)
    asked = {"message": "Which years?\nAnd why?", "questions": ["period_from", "period_to"]}
    preview = act(client, reference, "ask", preview="1", **asked).content.decode()
    assert "What the applicant will read" in preview
    assert Case.objects.get(reference=reference).phase == Phase.OPEN
    back = act(client, reference, "ask", back="1", **asked).content.decode()
    assert "Which years?" in back
    assert back.count(" checked") == 2
    assert act(client, reference, "ask", **asked).headers["Location"] == "/en/desk/cases/"
    assert "Undo" in client.get("/en/desk/cases/").content.decode()
    later = now + timedelta(minutes=3)
    county.settle(later)
    reply = queries.open_reply(Case.objects.get(reference=reference).id, later)
    assert reply is not None
    assert reply.pages[0].open == ("period_from", "period_to")


def test_a_decision_is_previewed_as_the_applicant_will_read_it(as_staff: SignIn, reference: str) -> None:
    client = as_staff(AMINA)
    chosen = {"reasons": "privacy", "words": "As you can <read>."}
    page = act(client, reference, "refuse", preview="1", **chosen).content.decode()
    assert "What the applicant will read" in page
    assert "As you can &lt;read&gt;." in page
    assert "Refused" in page
    assert not CaseEvent.objects.filter(action="refuse").exists()
    assert act(client, reference, "refuse", preview="1").status_code == 422
    back = act(client, reference, "refuse", back="1", **chosen).content.decode()
    assert "As you can &lt;read&gt;." in back
    assert act(client, reference, "refuse", **chosen).status_code == 302


def refused(client: Client, reference: str) -> UUID:
    """Refuses by the page; gives the event."""
    page = client.get(f"/en/desk/cases/{reference}/act/refuse/").content.decode()
    reason = re.search(r'name="reasons" value="(\w+)"', page)
    assert reason
    assert act(client, reference, "refuse", reasons=[reason[1]], words="Because.").status_code == 302
    return CaseEvent.objects.get(action="refuse").id


def test_taking_back_within_the_minute(as_staff: SignIn, reference: str) -> None:
    client = as_staff(AMINA)
    event = refused(client, reference)
    assert Case.objects.get(reference=reference).phase == Phase.CLOSED
    assert f"/en/desk/undo/{event}/" in client.get(f"/en/desk/cases/{reference}/").content.decode()
    page = client.post(f"/en/desk/undo/{event}/", {"reference": reference}, follow=True).content.decode()
    assert "Taken back. Nothing was sent" in page
    assert "taken back" in page
    assert Case.objects.get(reference=reference).phase == Phase.OPEN


def test_after_the_minute_it_is_too_late(as_staff: SignIn, reference: str, now: datetime) -> None:
    """An action of two minutes ago, with the worker late: the clock alone decides."""
    amina, then = county.staff(AMINA), now - timedelta(minutes=2)
    case = actions.open_for_staff(reference=reference, reason="", staff=amina, now=then)
    event = actions.act(
        case_id=case.id, action="refuse", revision=case.revision, reason=GivenReason(("privacy",), ""),
        message="", questions=(), staff=amina, now=then,
    )  # fmt: skip
    client = as_staff(AMINA)
    assert "/undo/" not in client.get(f"/en/desk/cases/{reference}/").content.decode()
    page = client.post(f"/en/desk/undo/{event}/", {"reference": reference}, follow=True).content.decode()
    assert "too late" in page
    assert Case.objects.get(reference=reference).phase == Phase.CLOSED


def test_two_officers_act_and_the_second_loses_no_word(as_staff: SignIn, reference: str) -> None:
    first, second = as_staff(AMINA), as_staff(JOSEPH)
    seen = sent(reference, reasons=["privacy"], words="A long & careful reason.")
    refused(first, reference)
    response = second.post(f"/en/desk/cases/{reference}/act/refuse/", seen)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Amina Wekesa acted on this case" in page
    assert "A long &amp; careful reason." in page
    assert CaseEvent.objects.filter(action="refuse").count() == 1


def test_notes_are_for_colleagues(as_staff: SignIn, reference: str, now: datetime) -> None:
    as_staff(AMINA).post(f"/en/desk/cases/{reference}/note/", sent(reference, text="Rang him; will send."))
    assert "Rang him" in as_staff(GRACE).get(f"/en/desk/cases/{reference}/").content.decode()
    seen = queries.applicant_case(Case.objects.get(reference=reference).id, now)
    assert seen is not None
    assert not any(entry.note for entry in seen.timeline)


def test_a_privacy_officer_says_why_and_may_not_act(as_staff: SignIn, reference: str) -> None:
    client, address = as_staff(LEILA), f"/en/desk/cases/{reference}/"
    asked = client.get(address)
    assert "Why do you look?" in asked.content.decode()
    assert "Odhiambo" not in asked.content.decode()
    assert client.post(address, {"reason": "  "}).status_code == 422
    assert not AccessRow.objects.exists()
    page = client.post(address, {"reason": "Complaint 12"}).content.decode()
    assert "Odhiambo Okoth" in page
    assert "Complaint 12" in page
    assert "/act/" not in page
    looked = client.post("/en/desk/accesses/", {"reference": reference.lower(), "reason": "Yearly check"})
    assert "Complaint 12" in looked.content.decode()
    assert "Yearly check" in looked.content.decode()


def test_files_are_downloads_that_can_run_nothing(as_staff: SignIn, reference: str, now: datetime) -> None:
    case = Case.objects.get(reference=reference)
    stored = files.store_upload(
        owner_kind=OwnerKind.CASE, owner_id=case.id, key=privacy.open_key(case.key_id),
        name='bad"\nname é.pdf', content=b"%PDF-1.7\n%%EOF\n", allowed=("application/pdf",), max_bytes=1000,
        by=APPLICANT, now=now, agency_id=case.agency_id,
    )  # fmt: skip
    response = as_staff(AMINA).get(f"/en/desk/cases/{reference}/files/{stored.id}/")
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert AccessRow.objects.get().kind == "file_opened"
    asked = as_staff(LEILA).get(f"/en/desk/cases/{reference}/files/{stored.id}/")
    assert "Why do you look?" in asked.content.decode()
