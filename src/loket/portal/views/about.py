"""What this site is and does with data; in the demo, the messages it would have sent."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from loket.identity import queries as identity
from loket.notifications import queries as notifications
from loket.notifications.types import OutboxMessage
from loket.portal import shown
from loket.web.access import cached_public, public
from loket.web.words import long_moment

_SHOWN = 50
_MINUTES = 300


@dataclass(frozen=True, slots=True)
class OutboxLetter:
    """`sent` is by the clock of the agency that sent it."""

    message: OutboxMessage
    sent: str


@dataclass(frozen=True, slots=True)
class OutboxPage:
    messages: tuple[OutboxLetter, ...]


@cached_public(_MINUTES)
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return shown.page(request, "privacy", None)


@cached_public(_MINUTES)
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return shown.page(request, "accessibility", None)


@public
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Everybody's messages, so only where nobody is real."""
    if not settings.DEMO:
        raise Http404
    found = notifications.outbox(limit=_SHOWN)
    return shown.page(request, "outbox", OutboxPage(tuple(_letter(message) for message in found)))


def _letter(message: OutboxMessage) -> OutboxLetter:
    zone = ZoneInfo(identity.agency_known(message.agency_id).timezone)
    with timezone.override(zone):
        return OutboxLetter(message, long_moment(message.sent_at))
