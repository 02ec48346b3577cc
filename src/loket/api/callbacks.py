"""The one door for all providers' call-backs. Whether one is genuine is for its plug-in to prove."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from loket.kernel import clock
from loket.payments import actions
from loket.payments.actions import NoSuchProvider
from loket.payments.registry import Forged
from loket.web.access import public

# Providers send a few kilobytes.
_LONGEST_BODY = 256 * 1024

logger = logging.getLogger(__name__)


@public
@csrf_exempt
@require_POST
def take(request: HttpRequest, provider: str) -> HttpResponse:
    """200 for whatever is genuine, known or not, so that nobody learns which payments there are."""
    # One more than allowed shows that there was more.
    body = request.read(_LONGEST_BODY + 1)
    if len(body) > _LONGEST_BODY:
        return _answer(413)
    try:
        actions.take_callback(
            provider=provider,
            headers=dict(request.headers),
            query=request.GET.dict(),
            body=body,
            now=clock.now(),
        )
    except NoSuchProvider:
        return _answer(404)
    except Forged:
        logger.warning("a call-back to %s was not genuine", provider)
        return _answer(400)
    return _answer(200)


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
