"""Where providers tell what became of messages. Whether one is genuine is for its plug-in to prove."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from loket.kernel import clock
from loket.notifications import actions
from loket.notifications.registry import Forged
from loket.notifications.types import NoSuchChannel
from loket.web.access import public

# Providers send a few kilobytes; a mail that came back may hold the first.
_LONGEST_BODY = 256 * 1024
# Mail comes back through a pipe on our own machine, and proves nothing by itself.
_NOT_BY_WEB = frozenset({"smtp"})

logger = logging.getLogger(__name__)


@public
@csrf_exempt
@require_POST
def take(request: HttpRequest, channel: str) -> HttpResponse:
    """200 for whatever is genuine, known or not, so that nobody learns which messages there are."""
    body = request.read(_LONGEST_BODY + 1)
    if len(body) > _LONGEST_BODY:
        return _answer(413)
    if channel in _NOT_BY_WEB:
        return _answer(404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        actions.take_receipt(channel=channel, headers=headers, body=body, now=clock.now())
    except NoSuchChannel:
        return _answer(404)
    except (Forged, ValueError) as refused:
        logger.warning("a receipt to %s was refused: %s", channel, type(refused).__name__)
        return _answer(400)
    return _answer(200)


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
