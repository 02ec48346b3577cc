"""What this site is and does with data; in the demo, the messages it would have sent."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from loket.notifications import queries as notifications
from loket.notifications.types import OutboxMessage
from loket.portal import shown
from loket.web.access import cached_public, public

_SHOWN = 50
_MINUTES = 300


@dataclass(frozen=True, slots=True)
class OutboxPage:
    messages: tuple[OutboxMessage, ...]


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
    return shown.page(request, "outbox", OutboxPage(notifications.outbox(limit=_SHOWN)))
