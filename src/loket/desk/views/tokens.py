"""Tokens of programs: an administrator issues them for their agency, sees their use, and ends them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from loket.desk.doors import at_desk, shown
from loket.identity import queries as identity
from loket.identity import tokens
from loket.identity.policies import has_role
from loket.identity.tokens import TokenProblem
from loket.identity.types import AgencyView, Role, Scope
from loket.kernel import clock
from loket.kernel.text import marked
from loket.web.access import staff_member

_DAYS = (30, 90, 365)
_DEFAULT_DAYS = 365
# In the order of how much they let in.
_SCOPES: Mapping[Scope, str] = {
    Scope.SUBMIT: marked("Send applications"),
    Scope.READ_CASES: marked("Read cases, with a reason each time"),
    Scope.ACT_ON_CASES: marked("Act on cases"),
    Scope.WEBHOOKS: marked("See which systems are told, and send again what did not reach them"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What the administrator wrote; it survives every refusal."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    days: int = _DEFAULT_DAYS


@at_desk(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def programs(request: HttpRequest) -> HttpResponse:
    """All of the agency's, and a form for another. The token is on the page that answers, never again."""
    agency = _agency(request)
    if request.method != "POST":
        return _list(request, agency, Typed(), {})
    typed, now = _typed(request), clock.now()
    try:
        issued = tokens.issue_token(
            agency_id=agency.id,
            name=typed.name,
            scopes=[scope for scope in Scope if scope.value in typed.scopes],
            expires_at=now + timedelta(days=typed.days),
            by=staff_member(request).actor,
            now=now,
        )
    except TokenProblem as refused:
        return _list(request, agency, typed, _problem(refused))
    return shown(request, "token_shown", token=issued.token, name=issued.view.name)


@at_desk(Role.ADMINISTRATOR)
@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Ends a token for good."""
    ended = tokens.revoke_token(
        token_id=token_id,
        agency_id=_agency(request).id,
        by=staff_member(request).actor,
        now=clock.now(),
    )
    if not ended:
        raise Http404
    messages.success(request, _("The token works no more."))
    return HttpResponseRedirect(reverse("desk:tokens"))


def _agency(request: HttpRequest) -> AgencyView:
    """The first agency that this person administers as a whole."""
    member = staff_member(request)
    mine = [one for one in sorted(member.agency_ids) if has_role(member, Role.ADMINISTRATOR, one)]
    if not mine:
        raise Http404
    return identity.agency_known(mine[0])


def _list(
    request: HttpRequest, agency: AgencyView, typed: Typed, problems: Mapping[str, str]
) -> HttpResponse:
    now = clock.now()
    rows = [(one, one.works_at(now)) for one in tokens.tokens_of(agency.id)]
    return shown(
        request,
        "tokens",
        status=422 if problems else 200,
        rows=rows,
        typed=typed,
        problems=problems,
        errors=[{"text": text, "href": f"#{field}"} for field, text in problems.items()],
        scopes=[(scope.value, _(words)) for scope, words in _SCOPES.items()],
        said={scope: _(words) for scope, words in _SCOPES.items()},
        days=_DAYS,
    )


def _typed(request: HttpRequest) -> Typed:
    days = request.POST.get("days", "")
    return Typed(
        request.POST.get("name", "")[:200].strip(),
        tuple(request.POST.getlist("scopes")[: len(_SCOPES)]),
        int(days) if days in {str(known) for known in _DAYS} else _DEFAULT_DAYS,
    )


def _problem(refused: TokenProblem) -> Mapping[str, str]:
    field = str(refused.details.get("field", "name"))
    if field == "scopes":
        return {"scopes": _("Choose what the program may do")}
    return {"name": _("Enter a name of at most 100 letters, so that people know which program it is")}
