"""The gallery's addresses: the templates of this folder inside the real layouts."""

from pathlib import Path

from django.conf.urls.i18n import i18n_patterns
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.urls import include, path

from loket.web.access import public
from loket.web.forms import CheckRow
from loket.web.shell import Brand, chrome, site_brand
from loket.web.theme import sheet_name

HERE = Path(__file__).parent
_ROWS = (
    CheckRow("Full name", ("Amina Wanjiru",), "#"),
    CheckRow("Address", ("12 Moi Avenue", "Nairobi"), "#"),
)
NAMES = tuple(sorted(found.stem for found in HERE.glob("*.html")))


@public
def gallery(request: HttpRequest, name: str, colour: str = "") -> HttpResponse:
    if name not in NAMES:
        raise Http404
    if colour:
        home = site_brand()
        sheet = f"/theme/{sheet_name(f'#{colour}', '#ffffff')}.css"
        request.loket_brand = Brand("National Transport Authority", home.home, home.mark, True, sheet)  # type: ignore[attr-defined]
    context = {
        **chrome(request),
        "csrf_input": "",
        "token": get_token(request),
        "messages": (),
        "rows": _ROWS,
    }
    template = engines["jinja2"].from_string((HERE / f"{name}.html").read_text())
    return HttpResponse(template.render(context, request))


urlpatterns = [
    path("", include("loket.web.urls")),
    *i18n_patterns(
        path("gallery/<slug:name>/", gallery, name="gallery"),
        path("gallery/<slug:name>/<str:colour>/", gallery, name="gallery_colour"),
        # The layouts' own links lead there.
        path("", include("loket.portal.urls")),
    ),
]
handler404 = "loket.web.errors.not_found"
