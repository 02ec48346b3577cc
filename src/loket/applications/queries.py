"""Reads."""

from datetime import datetime

from loket.applications import drafts
from loket.applications.types import DraftView


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
