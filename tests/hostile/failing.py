"""An address that fails with a person's words in its error."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from loket.web.access import public
from tests.access.scene import CANARY


@public
def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"could not read {CANARY} Okoth")


urlpatterns = [path("", include("loket.web.urls")), path("broken/", broken)]
handler400 = "loket.web.errors.bad_request"
handler403 = "loket.web.errors.forbidden"
handler404 = "loket.web.errors.not_found"
handler500 = "loket.web.errors.failed"
