"""Sending a whole application at once."""

from typing import Annotated, TypeAlias

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header

from loket.api import answers, pace
from loket.api.bearer import actor_of, token_of
from loket.api.bodies import NewApplication, Submitted
from loket.api.problems import FORBIDDEN, KEY_REUSED, ApiProblem, of_answers
from loket.api.reading import Takes
from loket.api.surface import operation
from loket.applications import actions
from loket.applications.actions import NotAnswered, OnceKeyReused
from loket.applications.types import OnceKey, SubmittedWhole
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.identity.types import ApiTokenView, Scope
from loket.kernel import clock
from loket.kernel.text import marked
from loket.payments import queries as payments
from loket.web.access import Public
from loket.web.caller import client_address
from loket.web.words import language

OnceHeader: TypeAlias = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@operation(
    "POST",
    "/services/{agency}/{service}/applications",
    rule=Public(),
    answers={201: Submitted},
    tag="applications",
    summary=marked("Send a whole application"),
    about=marked(
        "Checks the answers as the pages would, and sends them. Anyone may; a token allows for more "
        "an hour. Under the same Idempotency-Key it happens once, however often it is sent within "
        "seven days. Files go by a draft."
    ),
    problems=(400, 403, 404, 409, 413, 415, 422, 429),
    takes=Takes.JSON,
)
def send_application(
    request: HttpRequest,
    agency: str,
    service: str,
    body: NewApplication,
    idempotency_key: OnceHeader = None,
) -> HttpResponse:
    now, token = clock.now(), token_of(request)
    headers = pace.of_writing(pace.APPLICATIONS, request, token, now)
    found = service_at(agency, service)
    may_submit(token, found.agency_id)
    pace.of_bills(found.form, body.answers, request, now)
    spoken = body.language or language()
    try:
        done = actions.submit_whole(
            service=found,
            given=body.answers,
            language=spoken,
            once=_once(request, agency, service, idempotency_key, token),
            by=actor_of(token),
            now=now,
        )
    except NotAnswered as refusal:
        raise of_answers(refusal.problems) from None
    except OnceKeyReused:
        raise ApiProblem(KEY_REUSED) from None
    replayed = {"Idempotent-Replayed": "true" if done.again else "false"}
    return answers.answer(submitted(found, done, spoken), {**headers, **replayed}, status=201)


def service_at(agency: str, service: str) -> CompiledService:
    """The published version. Raises Http404."""
    live = catalogue.live(agency, service)
    if live is None:
        raise Http404
    return catalogue.compiled(live.version_id)


def may_submit(token: ApiTokenView | None, agency_id: int) -> None:
    """Anyone may apply; a program that shows who it is has to be let in by the agency."""
    if token is not None and (token.agency_id != agency_id or Scope.SUBMIT not in token.scopes):
        raise ApiProblem(FORBIDDEN)


def submitted(service: CompiledService, done: SubmittedWhole, spoken: str) -> dict[str, str | None]:
    """What whoever sent an application is told. One statement where the service costs something."""
    pay = None
    if service.decisions.fees:
        paid_at = payments.token_of_fee(agency_id=service.agency_id, reference=done.reference)
        pay = f"{settings.PUBLIC_ADDRESS}/{spoken}/pay/{paid_at}/" if paid_at else None
    return {
        "reference": done.reference,
        "status_address": f"{settings.PUBLIC_ADDRESS}/{spoken}/track/",
        "pay_address": pay,
        "pin": done.pin,
    }


def _once(
    request: HttpRequest, agency: str, service: str, key: str | None, token: ApiTokenView | None
) -> OnceKey | None:
    if key is None:
        return None
    owner = f"token:{token.id}" if token else f"address:{client_address(request)}"
    return OnceKey(f"{owner} {agency}/{service}", key, request.body)
