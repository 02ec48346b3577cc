"""Where staff arrives, and their own settings."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from loket.desk import words
from loket.desk.doors import WORKING, at_desk, shown
from loket.identity import actions as people
from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.kernel import clock
from loket.web.access import staff_member
from loket.web.shell import LANGUAGE_NAMES


@at_desk()
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Straight to the work; who has no cases is told what their role can do now."""
    member = staff_member(request)
    if member.roles & set(WORKING):
        return HttpResponseRedirect(reverse("desk:worklist"))
    return shown(request, "start", posts=_posts(member))


@at_desk()
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    member, languages = staff_member(request), [code for code, _name in settings.LANGUAGES]
    if request.method == "POST":
        chosen = request.POST.get("language", "")
        if chosen in languages:
            people.choose_language(
                person_id=member.person_id, language=chosen, by=member.actor, now=clock.now()
            )
            with override(chosen):
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("desk:profile"))
    person = identity.person(member.person_id)
    return shown(
        request,
        "profile",
        person=person,
        posts=_posts(member),
        languages=[(code, LANGUAGE_NAMES.get(code, code)) for code in languages],
    )


def _posts(member: StaffMember) -> list[dict[str, object]]:
    teams = {
        team.id: team.names for agency in sorted(member.agency_ids) for team in identity.teams_of(agency)
    }
    return [
        {
            "role": words.told(words.ROLES, post.role),
            "can": words.told(words.ROLE_CAN, post.role),
            "agency": identity.agency_known(post.agency_id).names,
            "team": teams.get(post.team_id, {}) if post.team_id else {},
        }
        for post in member.posts
    ]
