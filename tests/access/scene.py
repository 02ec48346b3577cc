"""Somebody's data in every place that an address can lead to, and the people who may not see it.

Every answer, file, question and note of the owner holds CANARY, so that one look at a page tells.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory

from loket.applications import actions as applications
from loket.applications import queries as drafts
from loket.applications.types import Upload
from loket.casework import actions as casework
from loket.casework.models import Case, CaseEvent, CasePaper, Notice
from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.config.sample import sending
from loket.files.models import StoredFile
from loket.forms.answering import answers_from_json
from loket.identity import actions as identity
from loket.identity import queries as people
from loket.identity import tokens
from loket.identity.types import Role, Scope
from loket.kernel import clock
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.kernel.money import Money
from loket.payments import queries as payments
from loket.portal import cookies
from loket.portal.cookies import DraftCookie, Grant
from loket.webhooks import actions as webhooks
from loket.webhooks.types import EventType
from loket.workflow.engine import GivenReason
from tests import county
from tests.casework import window
from tests.files.samples import PDF

CANARY = "kanari"
OWNING, TOLD, FOREIGN = "information-commission", "tax-authority", "transport-authority"
OFFICER, RECEIVER = "amina.wekesa@example.org", "halima.omar@example.org"
SUPERVISOR = "grace.atieno@example.org"
COLLEAGUE = "joseph.ndolo@example.org"
COUNTER = window.OFFICER
PRIVACY_OFFICER = "leila.hassan@example.org"
ADMINISTRATOR = "daniel.mutua@example.org"

OWNERS_ANSWERS: dict[str, Any] = {
    **county.INFORMATION_ANSWERS,
    "topic": f"Cost of the {CANARY} road",
    "information": f"What did the {CANARY} bridge cost?",
    "email_address": f"{CANARY}@example.com",
    "about_me": True,
    "full_name": f"{CANARY.title()} Okoth",
    "contact": {"channel": "email", "address": f"{CANARY}@example.com"},
}
MOVERS_ANSWERS: dict[str, Any] = {
    **county.ADDRESS_ANSWERS,
    "full_name": f"{CANARY.title()} Mwinyi",
    "new_address": county.address(f"3 {CANARY.title()} Street", "Tumaini", "40110"),
    "contact": {"channel": "email", "address": f"{CANARY}@example.com"},
}


@dataclass(frozen=True, slots=True)
class Scene:
    """`waiting` is asked back and has a file; `fresh` waits for its officer; `moved` was told to TOLD.

    `at_counter` has something that lies at a counter of the civil registry, whose team COUNTER is of.
    """

    now: datetime
    waiting: Case
    fresh: Case
    moved: Case
    file: UUID
    event: UUID
    notice: UUID
    paper: UUID
    at_counter: Case
    draft: DraftCookie
    link: str
    passkey: int
    payment: str
    payment_id: UUID
    endpoint: UUID
    token: UUID


def scene(now: datetime) -> Scene:
    """Opens the county and lets the owner apply, be asked back, move house, and begin once more."""
    county.county(now)
    earlier = now - timedelta(hours=1)
    waiting = _case(send_information(OWNERS_ANSWERS, earlier))
    fresh = _case(send_information(OWNERS_ANSWERS, earlier))
    moved = _case(county.send(county.ADDRESS, MOVERS_ANSWERS, now=earlier))
    casework.settle(now=earlier)
    _ask_back(waiting, earlier)
    casework.add_note(case_id=fresh.id, text=f"{CANARY} again", staff=county.staff(OFFICER), now=earlier)
    draft, link = _saved_draft(now)
    waiting_there = _at_the_counter(earlier)
    payment_id = _asked_to_pay(waiting, now)
    waiting.refresh_from_db()
    return Scene(
        now=now,
        waiting=waiting,
        fresh=fresh,
        moved=moved,
        file=StoredFile.objects.values_list("id", flat=True).get(owner_id=waiting.id),
        event=CaseEvent.objects.filter(case=waiting, happened="moved").values_list("id", flat=True)[0],
        notice=Notice.objects.values_list("id", flat=True).get(
            case=moved, agency_id=agency_id(TOLD)
        ),
        paper=CasePaper.objects.create(
            case=fresh, kind="issued", key="licence", asked_at=earlier, number="7K3P-2M9X-QR5T"
        ).id,
        at_counter=waiting_there,
        draft=draft,
        link=link,
        passkey=_passkey(),
        payment=payments.token_of(payment_id),
        payment_id=payment_id,
        endpoint=_endpoint(now),
        token=_token(now),
    )  # fmt: skip


def _at_the_counter(now: datetime) -> Case:
    """Made and brought, its person told: whoever has the right could hand it over now."""
    catalogue.publish(source=window.PACK, by=SYSTEM, now=now, effects=effect_checks())
    answers = {
        **window.ANSWERS,
        "full_name": f"{CANARY.title()} Kamau",
        "contact": {"channel": "email", "address": f"{CANARY}@example.com"},
    }
    case = window.sent(answers, now=now)
    window.approved(case, now)
    window.brought(case, now)
    return case


def agency_id(key: str) -> int:
    found = people.agency(key)
    assert found is not None
    return found.id


def another_applicant(now: datetime) -> Client:
    """Somebody with a draft of the same service and all rights to a case of their own."""
    mine = {**county.INFORMATION_ANSWERS, "topic": "Parks"}
    token = county.fill_in(county.INFORMATION, mine, now=now)
    own = _case(county.send(county.INFORMATION, mine, now=now))
    version = county.service(county.INFORMATION).version_id
    return applicant(draft=DraftCookie(version, token), grant=Grant(own.id, full=True), now=now)


def applicant(*, now: datetime, draft: DraftCookie | None = None, grant: Grant | None = None) -> Client:
    """A browser that holds a draft of the information service, or the right to see a case."""
    client, response = Client(), HttpResponse()
    if draft is not None:
        cookies.keep_draft(response, cookies.draft_name(OWNING, county.INFORMATION), draft)
    if grant is not None:
        cookies.keep_grant(response, grant, now)
    for name, morsel in response.cookies.items():
        client.cookies[name] = morsel.value
    return client


def new_draft(now: datetime) -> DraftCookie:
    """One more of the owner's, ready to be sent."""
    version = county.service(county.INFORMATION).version_id
    return DraftCookie(version, _fill_in(OWNERS_ANSWERS, now))


def program(agency: str, *scopes: Scope) -> Client:
    """A program that shows a token of the agency, and says why it looks."""
    issued = tokens.issue_token(
        agency_id=agency_id(agency),
        name="A program",
        scopes=scopes,
        expires_at=None,
        by=SYSTEM,
        now=clock.now(),
    )
    return Client(headers={"Authorization": f"Bearer {issued.token}", "Loket-Reason": "to compare"})


def signed_in(email: str, *factors: str) -> Client:
    """Somebody of the staff; `mfa` among the factors means a second one was passed."""
    person = get_user_model().objects.get(email=email)
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    request = RequestFactory().get("/")
    request.session = client.session
    for factor in ("password", *factors):
        record_authentication(request, person, factor)
    request.session.save()
    return client


def employ(email: str, agency: str, role: Role, now: datetime, team: str | None = None) -> str:
    """Gives somebody new a post; their address."""
    person = people.person_by_email(email) or identity.create_person(
        email=email, full_name="Somebody Else", by=SYSTEM, now=now
    )
    team_id = None
    if team is not None:
        team_id = identity.upsert_team(
            agency_id=agency_id(agency), key=team, names={"en": team}, by=SYSTEM, now=now
        ).id
    identity.add_membership(
        person_id=person.id, agency_id=agency_id(agency), team_id=team_id, role=role, by=SYSTEM, now=now
    )
    return email


def send_information(answers: Mapping[str, Any], now: datetime) -> str:
    return applications.submit(token=_fill_in(answers, now), language="en", by=APPLICANT, now=now).reference


def _fill_in(answers: Mapping[str, Any], now: datetime) -> str:
    service = county.service(county.INFORMATION)
    proof = PDF + CANARY.encode()
    return sending.fill_in(
        service,
        answers_from_json(service.form, answers),
        language="en",
        now=now,
        files={"identity_proof": lambda: Upload(f"{CANARY}.pdf", io.BytesIO(proof))},
    )


def _asked_to_pay(case: Case, now: datetime) -> UUID:
    """A payment. What it is for says nothing about anybody: whoever has the link may pay."""
    return casework.ask_for_payment(
        case_id=case.id,
        what="Copies",
        amount=Money(Decimal(250), "KES"),
        request_id=case.id,
        staff=county.staff(OFFICER),
        now=now,
    )


def _case(reference: str) -> Case:
    return Case.objects.get(reference=reference)


def _token(now: datetime) -> UUID:
    """Of a program of the owning agency."""
    issued = tokens.issue_token(
        agency_id=agency_id(OWNING),
        name="Register of the archive",
        scopes=[Scope.READ_CASES],
        expires_at=None,
        by=SYSTEM,
        now=now,
    )
    return issued.view.id


def _endpoint(now: datetime) -> UUID:
    """Of the owning agency; its address names nobody."""
    made, _secret = webhooks.register(
        agency_id=agency_id(OWNING),
        address="https://records.example.org/loket",
        events=[EventType.CLOSED],
        services=(),
        by=SYSTEM,
        now=now,
    )
    return made


def _passkey() -> int:
    """Of somebody who signs in otherwise: its credential is none that a browser made."""
    person = get_user_model().objects.get(email=COLLEAGUE)
    data = {"name": f"{CANARY} key", "credential": {}}
    made = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)
    return int(made.pk)


def _ask_back(case: Case, now: datetime) -> None:
    officer = county.staff(OFFICER)
    opened = casework.open_for_staff(reference=case.reference, reason="", staff=officer, now=now)
    casework.act(
        case_id=case.id,
        action="ask",
        revision=opened.revision,
        reason=GivenReason(),
        message=f"Which {CANARY}?",
        questions=("topic", "identity_proof"),
        staff=officer,
        now=now,
    )
    casework.settle(now=now + timedelta(minutes=2))


def _saved_draft(now: datetime) -> tuple[DraftCookie, str]:
    token = _fill_in(OWNERS_ANSWERS, now)
    applications.save_on_paper(token=token, now=now)
    links: list[str] = []

    def address_of(link: str) -> str:
        links.append(link)
        return f"https://front.example.org/{link}"

    opened = drafts.draft(token, now)
    assert opened is not None
    contact = opened.answers["contact"]
    applications.save_by_link(
        token=token, contact=contact, address_of=address_of, language="en", by=APPLICANT, now=now
    )
    return DraftCookie(opened.version_id, token), links[0]
