"""Drafts as moulds for others: for whoever makes a made-up past in bulk."""

from uuid import UUID

from loket.applications import drafts
from loket.applications.actions.saving import paper_pin
from loket.applications.models import Draft
from loket.kernel.casting import Digested, Row
from loket.kernel.moulded import row_of
from loket.privacy.actions import digest

__all__ = ["KEPT_FOR", "draft_of", "pin_on_paper"]

KEPT_FOR = drafts.KEPT_FOR


def draft_of(reference: str) -> tuple[UUID, Row]:
    """The draft that was sent, and its row (1 statement)."""
    row = Draft.objects.get(reference=reference)
    return row.id, row_of(row, token_hash=Digested(_nobodys_token, (str(row.id),)))


def pin_on_paper(draft_id: str) -> str:
    """The PIN that whoever has no address was shown."""
    return paper_pin(UUID(draft_id))


def _nobodys_token(draft_id: str) -> bytes:
    """In place of a token's hash: nobody holds a token that has it."""
    return digest("nobodys-token", draft_id)
