"""What examples lead to: cases, drafts, tokens; put where an example shows made-up ones."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from loket.applications import actions
from loket.applications.types import Upload
from loket.identity import queries as identity
from loket.identity import tokens
from loket.identity.types import Scope
from loket.kernel import clock
from loket.kernel.actors import APPLICANT, SYSTEM
from loket.webhooks import actions as webhooks
from loket.webhooks.types import CHOOSABLE
from tests import county

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n%%EOF\n"
PROOF = "identity_proof"
OFFICE = "information-commission"
ABOUT_ENDPOINTS = {"list_endpoints", "list_parked", "switch_on", "send_again", "send_all_again"}
ABOUT_ME = {**county.INFORMATION_ANSWERS, "about_me": True}


@dataclass(frozen=True, slots=True)
class Scene:
    """`address` is a change of address, `information` a request with a file; `draft` has all but its file."""

    address: str
    information: str
    file_id: str
    draft: str
    draft_with_file: str
    draft_file_id: str

    def values(self, operation: str) -> Mapping[str, str]:
        if operation in ABOUT_ENDPOINTS:
            bearer = token(Scope.WEBHOOKS, agency=OFFICE)
            endpoint_id, delivery_id = parked()
            return {"Authorization": bearer, "endpoint_id": str(endpoint_id), "delivery_id": str(delivery_id)}
        bearer = token(Scope.READ_CASES, Scope.ACT_ON_CASES, Scope.SUBMIT, agency=OFFICE)
        case = {"Authorization": bearer, "reference": self.information}
        draft = {"Loket-Draft": self.draft_with_file}
        return {
            "list_cases": case,
            "read_case": case,
            "act_on_case": case,
            "read_file": {**case, "file_id": self.file_id},
            "attach_file": {"Loket-Draft": self.draft},
            "detach_file": {**draft, "file_id": self.draft_file_id},
            "read_draft": draft,
            "answer_draft": draft,
            "discard_draft": {"Loket-Draft": begun()},
            "send_draft": {"Loket-Draft": complete()[0]},
        }.get(operation, {})

    def body(self, operation: str, shown: Any) -> Any:
        return {**shown, "reference": self.address} if operation == "ask_status" else shown

    def upload(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("proof.pdf", PDF, "application/pdf")


def scene() -> Scene:
    sent, file_id = complete()
    reference = actions.submit(token=sent, language="en", by=APPLICANT, now=clock.now()).reference
    with_file, draft_file_id = complete()
    return Scene(
        address=county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now()),
        information=reference,
        file_id=file_id,
        draft=begun(),
        draft_with_file=with_file,
        draft_file_id=draft_file_id,
    )


def begun() -> str:
    """The token of a draft of an information request without its file."""
    done = actions.answer_some(
        token=None,
        service=county.service(county.INFORMATION),
        given=ABOUT_ME,
        language="en",
        by=APPLICANT,
        now=clock.now(),
    )
    assert done.token is not None
    return done.token


def complete() -> tuple[str, str]:
    """The same with its file, and that file's id."""
    draft = begun()
    upload = Upload("proof.pdf", io.BytesIO(PDF))
    kept = actions.attach(
        token=draft, question=PROOF, upload=upload, language="en", by=APPLICANT, now=clock.now()
    )
    return draft, kept[0].id


def parked() -> tuple[UUID, UUID]:
    """An endpoint of the office, which is on, and the one event that did not reach it."""
    office, now = identity.agency(OFFICE), clock.now()
    assert office is not None
    made, _secret = webhooks.register(
        agency_id=office.id,
        address="https://records.example.org/loket",
        events=CHOOSABLE,
        services=(),
        by=SYSTEM,
        now=now,
    )
    delivery = webhooks.send_test(agency_id=office.id, endpoint_id=made, by=SYSTEM, now=now)
    webhooks.switch_off(agency_id=office.id, endpoint_id=made, by=SYSTEM, now=now)
    webhooks.switch_on(agency_id=office.id, endpoint_id=made, by=SYSTEM, now=now)
    return made, delivery


def token(*scopes: Scope, agency: str = "civil-registry") -> str:
    """The header that shows a new token."""
    found = identity.agency(agency)
    assert found is not None
    issued = tokens.issue_token(
        agency_id=found.id, name="A partner", scopes=scopes, expires_at=None, by=SYSTEM, now=clock.now()
    )
    return f"Bearer {issued.token}"
