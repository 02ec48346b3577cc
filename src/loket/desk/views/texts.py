"""What messages say: every one of a service, in each of its languages, before anybody gets it."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from loket.casework import policies, specimens
from loket.casework.specimens import Specimen
from loket.catalogue import queries as catalogue
from loket.desk import occasions
from loket.desk.doors import WRITING, at_desk, shown
from loket.identity import queries as identity
from loket.kernel import clock
from loket.web.access import staff_member
from loket.web.shell import LANGUAGE_NAMES
from loket.web.words import language, local_text


@dataclass(frozen=True, slots=True)
class Row:
    """A message with the occasion on which it goes out."""

    title: str
    stage: str
    specimen: Specimen


@at_desk(*WRITING)
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """The live services of the agencies whose messages this person may read."""
    mine = policies.texts(staff_member(request))
    found = [one for one in catalogue.all_live() if one.agency_id in mine]
    return shown(request, "texts", services=sorted(found, key=lambda one: local_text(one.title)))


@at_desk(*WRITING)
@require_safe
def letters(request: HttpRequest, agency: str, service: str) -> HttpResponse:
    """One service in one language, `?language=` chooses which."""
    live = catalogue.live(agency, service)
    if live is None or live.agency_id not in policies.texts(staff_member(request)):
        raise Http404
    compiled = catalogue.compiled(live.version_id)
    spoken = specimens.languages_of(compiled)
    asked = request.GET.get("language") or language()
    chosen = asked if asked in spoken else spoken[0]
    rows = [
        Row(occasions.said(one.told), local_text(one.stage), one)
        for one in specimens.specimens(compiled, identity.agency_known(live.agency_id), chosen, clock.now())
    ]
    return shown(
        request,
        "letters",
        service=live,
        rows=rows,
        chosen=chosen,
        languages=[(code, LANGUAGE_NAMES.get(code, code)) for code in spoken],
    )
