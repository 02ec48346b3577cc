"""`/metrics`: what Prometheus reads. Not there unless switched on; never for the public."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from loket.web import figures
from loket.web.access import public
from loket.web.standing import standing

_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
# A proxy on this machine leaves one of these; what it passes on comes from anywhere.
_PASSED_ON = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
)


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """To who brings the token; where there is none, to programs of this machine that ask directly."""
    if settings.METRICS_FOLDER is None or not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    figures.gathered(registry)
    registry.register(standing)
    response = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.META.get("HTTP_AUTHORIZATION", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return request.META.get("REMOTE_ADDR") in _THIS_MACHINE and not any(
        name in request.META for name in _PASSED_ON
    )
