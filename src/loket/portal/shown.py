"""Rendering: a page in its agency's look and time zone, and short pages that say one thing."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loket.identity.types import AgencyView
from loket.web.kept import kept
from loket.web.shell import chrome, set_brand
from loket.web.words import long_date


@dataclass(frozen=True, slots=True)
class Step:
    """Somewhere to go on: a link, or a button where it `post`s."""

    text: str
    href: str
    post: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A short page: what is the matter, and where to go on."""

    title: str
    paragraphs: tuple[str, ...]
    steps: tuple[Step, ...] = field(default=())


def page(
    request: HttpRequest, template: str, shown: object, agency: AgencyView | None = None, status: int = 200
) -> HttpResponse:
    """Renders `portal/<template>.html` with the frozen page as `page`; dates count where the agency is."""
    if agency is None:
        return render(request, f"portal/{template}.html", {"page": shown}, status=status)
    set_brand(request, agency)
    with timezone.override(ZoneInfo(agency.timezone)):
        return render(request, f"portal/{template}.html", {"page": shown}, status=status)


def kept_page(
    request: HttpRequest,
    template: str,
    shown: object,
    agency: AgencyView,
    about: Hashable,
    fills: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The same for a page that holds nothing of anybody's but in its holes (web.kept), which `fills` fills.

    `about`: what it depends on besides its frame.
    """
    set_brand(request, agency)
    key = (template, chrome(request)["chrome"], about)
    return kept(request, key, lambda: page(request, template, shown, agency), fills)


def public_page(
    request: HttpRequest,
    template: str,
    make: Callable[[], object],
    about: Hashable,
    agency: AgencyView | None = None,
) -> HttpResponse:
    """A page that is the same for everybody until what it is `about` changes."""
    if agency is not None:
        set_brand(request, agency)
    key = (template, chrome(request)["chrome"], about)
    return kept(request, key, lambda: page(request, template, make(), agency), passing=True)


def day(agency: AgencyView, moment: datetime) -> str:
    """The date of a moment where the agency is."""
    with timezone.override(ZoneInfo(agency.timezone)):
        return long_date(moment)


def notice(request: HttpRequest, shown: Notice, status: int = 200) -> HttpResponse:
    return page(request, "notice", shown, status=status)


def too_often(request: HttpRequest, minutes: int = 60) -> HttpResponse:
    return notice(request, Notice(_("Please wait a little"), (wait(minutes),)), status=429)


def wait(minutes: int) -> str:
    return ngettext(
        "That was tried many times in a short while. To keep everyone’s details safe we stop for now. "
        "Please try again in %(minutes)s minute.",
        "That was tried many times in a short while. To keep everyone’s details safe we stop for now. "
        "Please try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}
