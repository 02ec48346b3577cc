"""A hosted payment page as providers have. Nobody is asked for a card here, and no money moves."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loket.kernel import clock
from loket.kernel.money import Money
from loket.payments.providers.sandbox import bank
from loket.payments.providers.sandbox.bank import BankPage, Doing
from loket.portal import shown
from loket.portal.jobs import tell_late
from loket.web.access import public

# How long the late call-back lets everybody wait.
LATE_BY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Button:
    """`says` what will happen then."""

    key: str
    words: str
    says: str


@dataclass(frozen=True, slots=True)
class SandboxPage:
    """`first` are what people would press; `strange` what providers sometimes do."""

    title: str
    payee: str
    reference: str
    amount: Money
    over: bool
    back: str
    first: tuple[Button, ...]
    strange: tuple[Button, ...]


@public
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, ref: str) -> HttpResponse:
    """Only where nobody is real."""
    page = bank.page(ref) if settings.DEMO else None
    if page is None:
        raise Http404
    if request.method != "POST":
        return shown.page(request, "sandbox", _page(page))
    pressed = request.POST.get("doing", "")
    if pressed not in list(Doing):
        raise Http404
    back = bank.press(ref=ref, doing=Doing(pressed), now=clock.now())
    if pressed == Doing.ABANDON:
        return HttpResponseRedirect(reverse("portal:home"))
    if pressed == Doing.LATE:
        tell_late.configure(schedule_at=clock.now() + LATE_BY).defer(ref=ref)
    return HttpResponseRedirect(back)


def _page(page: BankPage) -> SandboxPage:
    return SandboxPage(
        title=page.title,
        payee=page.payee,
        reference=page.reference,
        amount=page.amount,
        over=not page.open,
        back=page.return_url,
        first=(
            Button(Doing.APPROVE, _("Approve"), _("The payment works.")),
            Button(Doing.DECLINE, _("Decline"), _("The bank says no.")),
            Button(Doing.ABANDON, _("Go away"), _("As if the page was closed: nothing is decided.")),
        ),
        strange=(
            Button(Doing.TOLD_TWICE, _("Call back twice"), _("It works, and is told twice.")),
            Button(Doing.LATE, _("Call back late"), _("It works, and is told after half a minute.")),
            Button(
                Doing.OUT_OF_ORDER, _("Call back out of order"), _("It works, then “failed” is told as well.")
            ),
            Button(Doing.CHARGED_TWICE, _("Charge twice"), _("The money is taken twice.")),
            Button(Doing.PARTLY, _("Charge half"), _("Only half of the money arrives.")),
            Button(Doing.TOO_MUCH, _("Charge too much"), _("Half as much again arrives.")),
        ),
    )
