"""Addresses of no single face: colours and marks of agencies, the way to one's language."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from loket.identity import queries as identity
from loket.web import theme
from loket.web.access import public
from loket.web.words import language

_FOR_EVER = "public, max-age=31536000, immutable"
# A sheet of an older release, asked for by a page from before the update.
_FOR_A_MINUTE = "public, max-age=60"


@public
@require_safe
def theme_sheet(request: HttpRequest, name: str) -> HttpResponse:
    """`name` comes from `theme.sheet_name`. Any colours are legible once derived, so none is refused."""
    brand, on_brand, _digest = name.split("-")
    brand, on_brand = f"#{brand}", f"#{on_brand}"
    response = HttpResponse(
        theme.sheet(theme.palette(brand, on_brand)), content_type="text/css; charset=utf-8"
    )
    current = theme.sheet_name(brand, on_brand) == name
    response["Cache-Control"] = _FOR_EVER if current else _FOR_A_MINUTE
    return response


@public
@require_safe
def agency_mark(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """An agency's logo. Its own policy forbids everything, should the drawing be opened by itself."""
    agency = identity.agency(key)
    if agency is None or not agency.theme.logo_svg:
        raise Http404
    response = HttpResponse(agency.theme.logo_svg, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    current = theme.short_hash(agency.theme.logo_svg) == name
    response["Cache-Control"] = _FOR_EVER if current else _FOR_A_MINUTE
    return response


@public
@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """From `/` to the home page in the browser's language."""
    response = HttpResponseRedirect(f"/{language()}/")
    patch_vary_headers(response, ("Accept-Language",))
    return response
