"""All addresses: those without a language from `web` and `api`, the faces' below /en/, /id/ and /sw/."""

from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

# What is asked for most comes first, for all before it are tried. A face that is not installed is left out.
_FACES = (("", "loket.portal"), ("desk/", "loket.desk"), ("account/", "loket.portal.accounts"))

urlpatterns = [
    *i18n_patterns(
        *(path(at, include(f"{face}.urls")) for at, face in _FACES if apps.is_installed(face)),
        *([path("developers/", include("loket.api.page_urls"))] if apps.is_installed("loket.api") else []),
        prefix_default_language=True,
    ),
    *([path("api/v1/", include("loket.api.urls"))] if apps.is_installed("loket.api") else []),
    path("", include("loket.web.urls")),
    path("", include("loket.portal.plain_urls")),
]

handler400 = "loket.web.errors.bad_request"
handler403 = "loket.web.errors.forbidden"
handler404 = "loket.web.errors.not_found"
handler500 = "loket.web.errors.failed"
