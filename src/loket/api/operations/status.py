"""How an application stands, for whoever knows its reference and contact: stage and dates, no more."""

from collections.abc import Mapping
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse

from loket.api import answers, pace
from loket.api.bodies import AskedStatus, Status
from loket.api.problems import NOT_FOUND, TOO_MANY, ApiProblem
from loket.api.reading import Takes
from loket.api.surface import operation
from loket.casework import actions
from loket.casework import queries as casework
from loket.casework.refusals import NoSuchCase, TooOften
from loket.casework.types import CaseStatus
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.text import Message, marked
from loket.web.access import Public
from loket.web.words import local_text

NOT_FOUND_BY = Message(
    marked(
        "We can’t find an application with this reference and this e-mail address, phone number or PIN. "
        "Please check both."
    )
)


@operation(
    "POST",
    "/status",
    rule=Public(),
    answers={200: Status},
    tag="applications",
    summary=marked("Ask how an application stands"),
    about=marked("By reference, and the e-mail address, phone number or PIN that goes with it."),
    problems=(400, 404, 413, 415, 422, 429),
    takes=Takes.JSON,
)
def ask_status(request: HttpRequest, body: AskedStatus) -> HttpResponse:
    now = clock.now()
    headers = pace.of_writing(pace.LOOK_UPS, request, None, now)
    try:
        case_id, _by_pin = actions.find_by_proof(reference=body.reference, proof=body.proof, now=now)
    except NoSuchCase:
        raise ApiProblem(NOT_FOUND, NOT_FOUND_BY, headers=headers) from None
    except TooOften as refusal:
        wait = int(refusal.details.get("minutes", 60)) * 60
        raise ApiProblem(TOO_MANY, headers={"Retry-After": str(wait)}) from None
    status = casework.case_status(case_id, now)
    if status is None:
        raise Http404
    return answers.answer(_told(status), headers)


def _told(status: CaseStatus) -> Mapping[str, object]:
    agency = identity.agency_known(status.agency_id)
    return {
        "reference": status.reference,
        "agency": agency.key,
        "service": local_text(status.service_title),
        "phase": status.phase.value,
        "stage": local_text(status.stage),
        "outcome": status.outcome or None,
        "opened_at": status.opened_at.isoformat(),
        "due_at": status.due_at.isoformat(),
        "closed_at": _moment(status.closed_at),
        "answer_by": _moment(status.answer_by),
        "steps": [
            {"at": step.at.isoformat(), "stage": local_text(step.stage)}
            for step in status.steps
            if step.stage
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
