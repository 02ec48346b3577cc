"""Messages as tests send them. What must stay secret is in these names."""

from datetime import datetime, timedelta
from uuid import UUID

from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import actions
from loket.notifications.models import Message
from loket.notifications.types import CaseKey, Medium, Outgoing, RenderedText, SubjectKind

ADDRESS = "amina.wanjiku@home.example"
NUMBER = "+254712345123"
SUBJECT_LINE = "Habari kuhusu ombi lako"
BODY = "Ombi lako limekubaliwa — asante.\nTransport"
SECRETS = (ADDRESS, "amina", NUMBER, "254712345123", SUBJECT_LINE, "limekubaliwa")


def letter(agency_id: int, *, subject_id: UUID | None = None, **changes: object) -> Outgoing:
    given: dict[str, object] = {
        "agency_id": agency_id,
        "subject_kind": SubjectKind.CASE,
        "subject_id": subject_id or new_id(),
        "medium": Medium.EMAIL,
        "address": ADDRESS,
        "text": RenderedText(SUBJECT_LINE, BODY, "sw"),
        "purpose": "stage_changed",
        "idempotency_key": f"event:{new_id()}",
        **changes,
    }
    return Outgoing(**given)  # type: ignore[arg-type]


def sent(
    agency_id: int,
    now: datetime,
    *,
    case_key: CaseKey | None = None,
    medium: Medium = Medium.EMAIL,
    address: str = ADDRESS,
    not_before: datetime | None = None,
    keep_trying: timedelta = timedelta(hours=72),
    subject_id: UUID | None = None,
) -> Message:
    """A message that was queued."""
    message_id = actions.send(
        message=letter(
            agency_id,
            case_key=case_key,
            medium=medium,
            address=address,
            not_before=not_before,
            keep_trying=keep_trying,
            subject_id=subject_id,
        ),
        by=SYSTEM,
        now=now,
    )
    assert message_id is not None
    return Message.objects.get(id=message_id)
