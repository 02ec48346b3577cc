"""The documents of a case: making one that failed, withdrawing one, making one anew."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from loket.casework import actions as casework
from loket.casework.actions.paperwork import NoSuchPaper
from loket.desk.doors import WORKING, at_desk
from loket.desk.views.case import known
from loket.documents.actions import NoSuchCertificate
from loket.documents.types import WithdrawalReason
from loket.identity.types import Role
from loket.kernel import clock
from loket.web.access import staff_member


@at_desk(*WORKING)
@require_POST
def make(request: HttpRequest, reference: str, paper_id: UUID) -> HttpResponse:
    try:
        casework.make_again(
            reference=known(reference), paper_id=paper_id, staff=staff_member(request), now=clock.now()
        )
    except NoSuchPaper:
        raise Http404 from None
    return _back(request, reference, _("It is being made again."))


@at_desk(Role.SUPERVISOR)
@require_POST
def withdraw(request: HttpRequest, reference: str, paper_id: UUID) -> HttpResponse:
    why = request.POST.get("why", "")
    if why not in set(WithdrawalReason):
        raise Http404
    try:
        casework.withdraw(
            reference=known(reference),
            paper_id=paper_id,
            reason=WithdrawalReason(why),
            staff=staff_member(request),
            now=clock.now(),
        )
    except NoSuchCertificate:
        return _back(request, reference, _("It was withdrawn or replaced before."))
    except NoSuchPaper:
        raise Http404 from None
    return _back(request, reference, _("The document is withdrawn. Whoever checks it is told so."))


@at_desk(Role.SUPERVISOR)
@require_POST
def reissue(request: HttpRequest, reference: str, paper_id: UUID) -> HttpResponse:
    try:
        casework.reissue(
            reference=known(reference), paper_id=paper_id, staff=staff_member(request), now=clock.now()
        )
    except NoSuchPaper:
        raise Http404 from None
    return _back(request, reference, _("A new document is being made; the old one counts as replaced."))


def _back(request: HttpRequest, reference: str, told: str) -> HttpResponse:
    messages.success(request, told)
    return HttpResponseRedirect(reverse("desk:case", kwargs={"reference": known(reference)}) + "#papers")
