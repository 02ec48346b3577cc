"""For supervisors: the applications of a service as a table to take away."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loket.casework import actions as casework
from loket.casework import policies
from loket.catalogue import queries as catalogue
from loket.catalogue.types import LiveService
from loket.desk import words
from loket.desk.doors import at_desk, shown
from loket.identity.types import Role, StaffMember
from loket.kernel import clock
from loket.privacy.actions import ReasonMissing
from loket.web.access import staff_member
from loket.web.words import language, local_text

_DAYS = ("sent_from", "sent_until")


@at_desk(Role.SUPERVISOR)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Asks which service, which days and why; then sends the file as it is made."""
    member = staff_member(request)
    services = _exportable(member)
    if request.method != "POST":
        return _page(request, services, QueryDict(), {})
    sent = request.POST
    days, problems = _days(sent)
    chosen = next((one for one in services if str(one.service_id) == sent.get("service", "")), None)
    if chosen is None:
        problems["service"] = _("Choose a service.")
    if not problems and chosen is not None:
        try:
            made = casework.export(
                service_id=chosen.service_id,
                sent_from=days["sent_from"],
                sent_until=days["sent_until"],
                reason=sent.get("reason", ""),
                language=language(),
                outcomes={key: words.told(words.OUTCOMES, key) for key in words.OUTCOMES},
                staff=member,
                now=clock.now(),
            )
        except ReasonMissing:
            problems["reason"] = _("Write what you need it for.")
        else:
            return StreamingHttpResponse(
                made.parts,
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
            )
    return _page(request, services, sent, problems)


def _page(
    request: HttpRequest, services: tuple[LiveService, ...], sent: QueryDict, problems: dict[str, str]
) -> HttpResponse:
    return shown(
        request,
        "export",
        status=422 if problems else 200,
        services=services,
        typed={name: sent.get(name, "")[:500] for name in ("service", "reason", *_DAYS)},
        problems=problems,
        errors=[{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    )


def _exportable(member: StaffMember) -> tuple[LiveService, ...]:
    """Services of which at least some cases may be this person's to export."""
    found = []
    for one in catalogue.all_live():
        teams = policies.exports(member, one.agency_id)
        if teams is None or teams:
            found.append(one)
    if not found:
        raise Http404
    return tuple(sorted(found, key=lambda one: local_text(one.title)))


def _days(sent: QueryDict) -> tuple[dict[str, date | None], dict[str, str]]:
    days: dict[str, date | None] = {}
    problems = {}
    for name in _DAYS:
        typed = sent.get(name, "").strip()
        try:
            days[name] = date.fromisoformat(typed) if typed else None
        except ValueError:
            days[name] = None
            problems[name] = _("Choose a day, or leave it empty.")
    first, last = days["sent_from"], days["sent_until"]
    if first and last and first > last:
        problems["sent_until"] = _("The last day is before the first one.")
    if (last and last.year > _LAST_YEAR) or (first and first.year > _LAST_YEAR):
        problems.setdefault("sent_until", _("Choose a day, or leave it empty."))
    return days, problems


# Beyond it a day has no moments in every time zone.
_LAST_YEAR = 9000
