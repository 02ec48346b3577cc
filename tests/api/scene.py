"""What examples lead to: a case, a draft, tokens; put where the example shows made-up ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from loket.identity import queries as identity
from loket.identity import tokens
from loket.identity.types import Scope
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from tests import county


@dataclass(frozen=True, slots=True)
class Scene:
    reference: str

    def values(self, operation: str) -> Mapping[str, str]:
        return {}

    def body(self, operation: str, shown: Any) -> Any:
        return {**shown, "reference": self.reference} if operation == "ask_status" else shown

    def upload(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("proof.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n%%EOF\n", "application/pdf")


def scene() -> Scene:
    return Scene(reference=county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=clock.now()))


def token(*scopes: Scope, agency: str = "civil-registry") -> str:
    """The header that shows a new token."""
    found = identity.agency(agency)
    assert found is not None
    issued = tokens.issue_token(
        agency_id=found.id, name="A partner", scopes=scopes, expires_at=None, by=SYSTEM, now=clock.now()
    )
    return f"Bearer {issued.token}"
