"""For privacy officers: who looked at a case."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from loket.casework import actions as casework
from loket.casework.refusals import NoSuchCase, ReasonToLook
from loket.desk import words
from loket.desk.doors import at_desk, shown
from loket.identity.types import Role
from loket.kernel import clock
from loket.kernel.ids import normalised_reference
from loket.privacy.queries import all_accesses_of
from loket.web.access import staff_member


@at_desk(Role.PRIVACY_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
def accesses(request: HttpRequest) -> HttpResponse:
    """Asking who looked is a look itself, with its reason, and stands in the list it shows."""
    if request.method != "POST":
        return shown(request, "accesses", reference="", reason="", problems={}, errors=[], words=words)
    reference, reason = request.POST.get("reference", "").strip(), request.POST.get("reason", "").strip()
    problems = {}
    if not reason:
        problems["reason"] = _("Say why you look. The person whose case it is can read it.")
    found = None
    if not problems:
        try:
            case = casework.open_for_staff(
                reference=normalised_reference(reference) or "",
                reason=reason,
                staff=staff_member(request),
                now=clock.now(),
            )
            found = all_accesses_of(case.id)
        except (NoSuchCase, ReasonToLook):
            problems["reference"] = _("Your agencies have no case with this reference.")
    return shown(
        request,
        "accesses",
        status=422 if problems else 200,
        reference=reference,
        reason=reason,
        problems=problems,
        errors=[{"text": text, "href": f"#{field}"} for field, text in problems.items()],
        found=found,
        words=words,
    )
