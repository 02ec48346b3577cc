"""Reads."""

from datetime import datetime
from uuid import UUID

from loket.applications import drafts
from loket.applications.types import DraftView
from loket.forms.types import Answers, BillRef


def draft(token: str, now: datetime) -> DraftView | None:
    """What the token opens: at most one statement. None where it opens nothing."""
    row = drafts.find(token, now)
    if row is None:
        return None
    return DraftView(
        id=row.id,
        agency_id=row.agency_id,
        version_id=row.version_id,
        language=row.language,
        answers={} if row.reference else drafts.opened(row).answers,
        expires_at=row.expires_at,
        save_reference=row.save_reference,
        link_sent=row.link_hash is not None,
        reference=row.reference,
        submitted_at=row.submitted_at,
    )


def bill_in(answers: Answers) -> UUID | None:
    """The bill that an application is about: the first that its answers looked up."""
    found = next((value for value in answers.values() if isinstance(value, BillRef)), None)
    return UUID(found.id) if found else None
