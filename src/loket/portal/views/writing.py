"""How we write to a person: what they choose by the link in a message, and how well it goes in public."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from loket.kernel import clock
from loket.kernel.actors import APPLICANT
from loket.kernel.text import LANGUAGES
from loket.notifications import actions
from loket.notifications import queries as notifications
from loket.notifications.types import DayOfMessages, NoSuchAddressee, Preferences
from loket.portal import shown
from loket.web.access import cached_public, public
from loket.web.shell import LANGUAGE_NAMES

_DAYS = 30
_MOST_WAITING = 1000
_ALL_DAY = 24
# Fewer messages than this say nothing about how well it goes.
_ENOUGH = 10
_BAR = 300


@dataclass(frozen=True, slots=True)
class ChoicesPage:
    token: str
    kept: Preferences
    hours: tuple[int, ...]
    languages: tuple[tuple[str, str], ...]
    saved: bool


@dataclass(frozen=True, slots=True)
class ShownDay:
    """`share` in per cent, None where too few were sent; `bar` is its length in the picture."""

    day: DayOfMessages
    share: int | None
    bar: int


@dataclass(frozen=True, slots=True)
class PerformancePage:
    days: tuple[ShownDay, ...]
    handed: int
    share: int | None
    waiting: int
    most: int


@public
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the message has its link: nothing is shown that tells whose it is."""
    kept = notifications.preferences(token)
    if kept is None:
        raise Http404
    if request.method == "POST":
        now = clock.now()
        if request.POST.get("works"):
            actions.works_again(token=token, by=APPLICANT, now=now)
        else:
            actions.prefer(
                token=token,
                reminders=request.POST.get("reminders") == "yes",
                quiet=_quiet(request),
                language=_language(request),
                by=APPLICANT,
                now=now,
            )
        return redirect(f"{request.path}?saved=1")
    page = ChoicesPage(token, kept, tuple(range(_ALL_DAY)), _languages(), saved="saved" in request.GET)
    return shown.page(request, "choices", page)


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: mail programs post here without a cookie. Whoever opens it in a browser is asked first."""
    if request.method != "POST":
        return redirect("portal:choices", token=token)
    try:
        actions.stop_reminders(token=token, by=APPLICANT, now=clock.now())
    except NoSuchAddressee as unknown:
        raise Http404 from unknown
    return redirect("portal:choices", token=token)


@cached_public(60)
@require_safe
def performance(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    days = notifications.performance(until=now.date(), days=_DAYS)
    handed, ended = sum(day.handed for day in days), sum(day.handed + day.failed for day in days)
    in_time = sum(day.within_10s for day in days)
    page = PerformancePage(
        days=tuple(_shown(day) for day in days),
        handed=handed,
        share=_share(in_time, ended),
        waiting=notifications.waiting_too_long(now, limit=_MOST_WAITING),
        most=_MOST_WAITING,
    )
    return shown.page(request, "performance", page)


def _shown(day: DayOfMessages) -> ShownDay:
    share = _share(day.within_10s, day.handed + day.failed)
    return ShownDay(day, share, _BAR * (share or 0) // 100)


def _share(part: int, whole: int) -> int | None:
    """Rounded down, so that a hundred means all."""
    return 100 * part // whole if whole >= _ENOUGH else None


def _languages() -> tuple[tuple[str, str], ...]:
    return tuple((str(code), LANGUAGE_NAMES.get(code, code)) for code in LANGUAGES)


def _language(request: HttpRequest) -> str:
    """The language chosen; empty, as the application was, for none that there is."""
    typed = request.POST.get("language", "")
    return typed if typed in LANGUAGES else ""


def _quiet(request: HttpRequest) -> tuple[int, int] | None:
    """The hours typed; None, as is usual, for what makes none."""
    if request.POST.get("quiet") == "never":
        return (0, 0)
    # No hour has more signs; a number of thousands of them is none that can be read.
    begins, ends = request.POST.get("from", "")[:2], request.POST.get("until", "")[:2]
    if request.POST.get("quiet") != "own" or not (begins.isdecimal() and ends.isdecimal()):
        return None
    return (int(begins) % _ALL_DAY, int(ends) % _ALL_DAY)
