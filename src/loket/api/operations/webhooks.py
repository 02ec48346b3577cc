"""Other systems that are told what happens: how they do, and sending again what did not reach them.

Which systems there are, and what they are told, an administrator decides at the desk: a token that is lost
must not lead an agency's events elsewhere.
"""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from loket.api import answers, pace
from loket.api.bearer import agencys_token
from loket.api.bodies import Endpoints, EndpointShown, Parked, SentAgain
from loket.api.operations.catalogue import Cursor, Limit
from loket.api.problems import CONFLICT, NOT_FOUND, ApiProblem
from loket.api.surface import operation
from loket.identity.types import Scope
from loket.kernel import clock
from loket.kernel.refusals import Refusal
from loket.kernel.text import Message, marked
from loket.web.access import Program
from loket.webhooks import actions, queries
from loket.webhooks.types import (
    DeliveryView,
    EndpointOff,
    EndpointView,
    NoSuchDelivery,
    NoSuchEndpoint,
)

OFF = Message(marked("It is switched off. Switch it on first."))

_RULE = Program(Scope.WEBHOOKS)
_PROBLEMS = (401, 403, 404, 422, 429)


@operation(
    "GET",
    "/webhooks",
    rule=_RULE,
    answers={200: Endpoints},
    tag="webhooks",
    summary=marked("List the systems that are told what happens"),
    about=marked("Each with how it does, how many events wait for it, and how many did not arrive."),
    problems=(401, 403, 422, 429),
)
def list_endpoints(request: HttpRequest) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    known = queries.endpoints([token.agency_id])
    return answers.answer({"items": [_endpoint(one) for one in known]}, headers)


@operation(
    "GET",
    "/webhooks/{endpoint_id}/parked",
    rule=_RULE,
    answers={200: Parked},
    tag="webhooks",
    summary=marked("List what did not reach a system"),
    about=marked(
        "What was tried in vain for 72 hours, or waited when the system was switched off, in no order of "
        "time. It is kept for 30 days."
    ),
    problems=(400, *_PROBLEMS),
)
def list_parked(
    request: HttpRequest, endpoint_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    _known(token.agency_id, endpoint_id)
    name = f"parked.{endpoint_id}"
    last = answers.after_id(name, cursor)
    rows = queries.parked_after(
        agency_id=token.agency_id, endpoint_id=endpoint_id, after=last, limit=limit + 1
    )
    shown, following = answers.page_of(rows, limit, name, lambda row: str(row.id))
    return answers.answer({"items": [_parked(row) for row in shown], "next": following}, headers)


@operation(
    "POST",
    "/webhooks/{endpoint_id}/on",
    rule=_RULE,
    answers={200: EndpointShown},
    tag="webhooks",
    summary=marked("Switch a system on again"),
    about=marked("It is told what happens from now on. What did not reach it waits to be sent again."),
    problems=_PROBLEMS,
)
def switch_on(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    try:
        actions.switch_on(
            agency_id=token.agency_id, endpoint_id=endpoint_id, by=token.worker.actor, now=clock.now()
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return answers.answer(_endpoint(_known(token.agency_id, endpoint_id)), headers)


@operation(
    "POST",
    "/webhooks/{endpoint_id}/again",
    rule=_RULE,
    answers={200: SentAgain},
    tag="webhooks",
    summary=marked("Send everything again that did not reach a system"),
    about=marked(
        "Under the same ids, and for another 72 hours. A system that is switched off has to be switched on "
        "first."
    ),
    problems=(*_PROBLEMS, 409),
)
def send_all_again(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    try:
        count = actions.send_all_again(
            agency_id=token.agency_id, endpoint_id=endpoint_id, by=token.worker.actor, now=clock.now()
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return answers.answer({"sent_again": count}, headers)


@operation(
    "POST",
    "/webhooks/deliveries/{delivery_id}/again",
    rule=_RULE,
    answers={200: SentAgain},
    tag="webhooks",
    summary=marked("Send one event again"),
    about=marked("One that did not arrive, by the id it has in the list. The others stay where they are."),
    problems=(*_PROBLEMS, 409),
)
def send_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    token = agencys_token(request)
    headers = pace.of_reading(request, token)
    try:
        actions.send_again(
            agency_id=token.agency_id, delivery_id=delivery_id, by=token.worker.actor, now=clock.now()
        )
    except Refusal as refusal:
        raise _problem(refusal) from None
    return answers.answer({"sent_again": 1}, headers)


def _known(agency_id: int, endpoint_id: UUID) -> EndpointView:
    try:
        return queries.endpoint(agency_id=agency_id, endpoint_id=endpoint_id)
    except NoSuchEndpoint as refusal:
        raise _problem(refusal) from None


def _problem(refusal: Refusal) -> ApiProblem:
    if isinstance(refusal, NoSuchEndpoint | NoSuchDelivery):
        return ApiProblem(NOT_FOUND)
    if isinstance(refusal, EndpointOff):
        return ApiProblem(CONFLICT, OFF)
    raise refusal


def _endpoint(one: EndpointView) -> Mapping[str, object]:
    return {
        "id": str(one.id),
        "address": one.address,
        "events": [event.value for event in one.events],
        "services": list(one.services),
        "off": one.off.value if one.off else None,
        "failing_since": one.failing_since.isoformat() if one.failing_since else None,
        "waiting": one.waiting,
        "parked": one.parked,
    }


def _parked(one: DeliveryView) -> Mapping[str, object]:
    return {
        "id": str(one.id),
        "event": one.event,
        "type": one.type.value,
        "reference": one.reference or None,
        "happened_at": one.created_at.isoformat(),
        "attempts": one.attempts,
        "trouble": one.trouble,
        "status": one.status,
        "answer": one.answer,
    }
