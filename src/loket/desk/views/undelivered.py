"""Messages that failed or came back: which cases need another way to their person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from loket.casework import queries as casework
from loket.desk.doors import WORKING, at_desk, shown
from loket.kernel import clock
from loket.notifications import queries as notifications
from loket.web.access import staff_member

_DAYS = timedelta(days=30)
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    reference: str
    medium: str
    at: datetime
    trouble: str
    bounced: bool


@at_desk(*WORKING)
@require_safe
def undelivered(request: HttpRequest) -> HttpResponse:
    """Of the agencies this person works for. References only: opening a case goes through its own door."""
    found = notifications.not_arrived(
        agency_ids=staff_member(request).agency_ids, since=clock.now() - _DAYS, limit=_SHOWN
    )
    references = casework.references_of([one.subject_id for one in found])
    rows = [
        Row(references[one.subject_id], one.medium.value, one.at, one.trouble, one.bounced)
        for one in found
        if one.subject_id in references
    ]
    return shown(request, "undelivered", rows=rows)
