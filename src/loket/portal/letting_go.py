"""What becomes of a draft when its browser forgets it."""

from datetime import datetime

from loket.applications import actions
from loket.applications import queries as applications
from loket.applications.types import DraftView
from loket.kernel.actors import APPLICANT


def would_be_lost(draft: DraftView) -> bool:
    """Whether no link, paper or sent application leads back to it."""
    return not (draft.reference or draft.save_reference or draft.link_sent)


def let_go(token: str, now: datetime) -> None:
    """Discards what nobody could ever open again; what was saved or sent stays."""
    draft = applications.draft(token, now)
    if draft is not None and would_be_lost(draft):
        actions.discard(token=token, by=APPLICANT, now=now)
