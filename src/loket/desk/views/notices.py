"""What other agencies told this one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from loket.casework import actions as casework
from loket.casework import queries
from loket.desk.doors import WORKING, at_desk, shown
from loket.identity import queries as identity
from loket.kernel import clock
from loket.web.access import staff_member
from loket.web.forms import check_rows
from loket.web.words import language


@at_desk(*WORKING)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    received = request.GET.get("received") == "1"
    rows = queries.notices(staff_member(request), received=received)
    return shown(
        request,
        "notices",
        received=received,
        rows=[(row, identity.agency_known(row.from_agency_id).names) for row in rows],
    )


@at_desk(*WORKING)
@require_safe
def show(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Opening it is on record, and the person it is about can read that."""
    notice = casework.open_notice(
        notice_id=notice_id, staff=staff_member(request), now=clock.now(), language=language()
    )
    sender = identity.agency_known(notice.row.from_agency_id)
    return shown(request, "notice", notice=notice.row, rows=check_rows(notice.rows), sender=sender.names)


@at_desk(*WORKING)
@require_POST
def receive(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    casework.receive_notice(notice_id=notice_id, staff=staff_member(request), now=clock.now())
    messages.success(request, _("Marked as taken over."))
    return HttpResponseRedirect(reverse("desk:notices"))
