"""What casework tells receivers: which events, with what in them, and how often."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from loket.applications import actions as applications
from loket.casework import actions as casework
from loket.casework import announcing
from loket.casework.models import Case, CaseEvent
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.webhooks import actions, telling
from loket.webhooks.models import Delivery, Endpoint
from loket.webhooks.types import CHOOSABLE, EventType, Off
from loket.workflow.engine import GivenReason
from tests import county
from tests.casework import licence
from tests.portal.test_budgets import Counted
from tests.webhooks.conftest import AGENCY, Deliver
from tests.webhooks.receiver import Receiver

pytestmark = [
    pytest.mark.django_db(databases=["default", "keys"]),
    pytest.mark.usefixtures("county_open"),
]
OFFICER = "amina.wekesa@example.org"
_MINUTES = timedelta(minutes=10)


def sent() -> Case:
    reference = county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=clock.now() - _MINUTES)
    return Case.objects.get(reference=reference)


def act(case: Case, action: str, reason: GivenReason | None = None, *, ago: timedelta = _MINUTES) -> UUID:
    case.refresh_from_db()
    return casework.act(
        case_id=case.id,
        action=action,
        revision=case.revision,
        reason=reason or GivenReason(),
        message="",
        questions=(),
        staff=county.staff(OFFICER),
        now=clock.now() - ago,
    )


def test_a_case_is_told_from_beginning_to_end(endpoint: UUID, receiver: Receiver, deliver: Deliver) -> None:
    case = sent()
    act(case, "refuse", GivenReason(("privacy",), "Because"))
    assert set(deliver()) == {"delivered"}
    told = {(one.event["type"], one.event["data"]["stage"]) for one in receiver.told}
    assert {kind for kind, _stage in told} == {
        "case.submitted", "case.stage_changed", "case.decided", "case.closed",
    }  # fmt: skip
    assert all(one.genuine == (True,) for one in receiver.told)
    closed = next(one.event["data"] for one in receiver.told if one.event["type"] == "case.closed")
    assert closed["reference"] == case.reference
    assert (closed["service"], closed["outcome"], closed["phase"]) == (
        county.INFORMATION,
        "refused",
        "closed",
    )


def test_nothing_of_what_anybody_wrote_is_in_it(endpoint: UUID) -> None:
    case = sent()
    act(case, "refuse", GivenReason(("privacy",), "Words of the officer"))
    bodies = " ".join(Delivery.objects.values_list("body", flat=True)).lower()
    answers = [value for value in county.INFORMATION_ANSWERS.values() if isinstance(value, str)]
    secrets = [*answers, "odhiambo", "words of the officer", "amina", "privacy"]
    # The form of access is "email", which stands in no body either.
    assert not [secret for secret in secrets if secret.lower() in bodies]
    known = {
        "agency", "case_id", "closed_at", "due_at", "from_stage", "opened_at", "outcome", "phase",
        "reference", "service", "stage",
    }  # fmt: skip
    assert all(
        set(json.loads(body)["data"]) == known for body in Delivery.objects.values_list("body", flat=True)
    )


def test_what_can_be_undone_waits_and_is_not_told_once_undone(endpoint: UUID, deliver: Deliver) -> None:
    case = sent()
    deliver()
    event = act(case, "grant", ago=timedelta(0))
    moved = CaseEvent.objects.get(id=event)
    assert {one.due_at for one in Delivery.objects.filter(cause_id=event)} == {moved.settles_at}
    assert moved.settles_at > moved.at
    assert deliver() == []
    casework.undo(event_id=event, staff=county.staff(OFFICER), now=clock.now())
    assert not Delivery.objects.filter(cause_id=event).exists()


def test_only_what_was_chosen_is_told(place: int, receiver: Receiver) -> None:
    def listening(events: tuple[EventType, ...], services: tuple[str, ...]) -> UUID:
        made, _secret = actions.register(
            agency_id=place, address=receiver.address, events=events, services=services,
            by=SYSTEM, now=clock.now(),
        )  # fmt: skip
        return made

    closing = listening((EventType.CLOSED,), ())
    elsewhere = listening(CHOOSABLE, ("another-service",))
    here = listening((EventType.SUBMITTED,), (county.INFORMATION, "another-service"))
    case = sent()
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now())
    found = Delivery.objects.values_list("endpoint_id", "subject_id")
    assert list(found) == [(here, case.id)]
    assert {closing, elsewhere}.isdisjoint(owner for owner, _case in found)


def test_a_document_is_told_without_its_number(receiver: Receiver, db: None) -> None:
    now = clock.now() - timedelta(hours=3)
    county.county(now)
    licence.publish(now)
    case = licence.sent(now)
    actions.register(
        agency_id=case.agency_id, address=receiver.address, events=(EventType.DOCUMENT_ISSUED,), services=(),
        by=SYSTEM, now=now,
    )  # fmt: skip
    licence.decided(case, "approve", now)
    assert licence.make_all(now + timedelta(hours=2)) == 3
    told = json.loads(Delivery.objects.get().body)
    assert (told["type"], told["data"]["document"]) == ("case.document_issued", "licence")
    number = case.papers.get(kind="issued").number
    assert number
    assert number not in json.dumps(told)


def test_the_same_fact_is_written_once(endpoint: UUID) -> None:
    case = sent()
    before = set(Delivery.objects.values_list("event_id", "body"))
    telling.forget()
    from_event = CaseEvent.objects.get(case=case)
    assert telling.event_id(from_event.id, EventType.SUBMITTED) in {named for named, _body in before}
    announcing.announce(case, from_event)
    assert set(Delivery.objects.values_list("event_id", "body")) == before


def test_it_costs_one_statement_and_none_where_nobody_listens(place: int, receiver: Receiver) -> None:
    def submitting() -> int:
        token = county.fill_in(county.INFORMATION, county.INFORMATION_ANSWERS, now=clock.now())
        telling.listened_to(place)
        with Counted() as counted:
            applications.submit(token=token, language="en", by=APPLICANT, now=clock.now())
        return len(counted.statements)

    submitting()
    alone = submitting()
    for _ in range(3):
        actions.register(
            agency_id=place,
            address=receiver.address,
            events=CHOOSABLE,
            services=(),
            by=SYSTEM,
            now=clock.now(),
        )
    telling.forget()
    assert submitting() == alone + 1
    assert Delivery.objects.count() == 3


def test_an_endpoint_that_goes_stops_nobody(endpoint: UUID, place: int) -> None:
    """This process remembers for some seconds that somebody listens."""
    assert telling.listened_to(place)
    remembered = telling.listened_to
    actions.remove(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    telling._listening.get(None, lambda: frozenset({place}))
    assert remembered(place)
    sent()
    assert not Delivery.objects.exists()


def test_what_a_failing_endpoint_misses_is_parked(endpoint: UUID, place: int) -> None:
    Endpoint.objects.update(off=Off.FAILING, off_since=clock.now())
    sent()
    assert [row.state for row in Delivery.objects.all()] == ["parked"]
    Endpoint.objects.update(off=Off.BY_HAND)
    telling.forget()
    sent()
    assert Delivery.objects.count() == 1


def test_the_agency_is_that_of_the_case(endpoint: UUID) -> None:
    assert identity.agency(AGENCY)
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now())
    assert not Delivery.objects.exists()
