"""Is this document genuine? The page that a certificate's code leads to, and the keys for checking offline.

The address carries what the paper says about a person: such pages are kept nowhere and lead nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from loket.documents import queries as documents
from loket.documents.types import Checked, Verdict, WithdrawalReason
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.kernel.ids import normalised_number
from loket.portal import pace, shown
from loket.web.access import cached_public, public
from loket.web.forms import ErrorItem
from loket.web.words import local_text

_KEPT_NOWHERE = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_KEYS_SECONDS = 3600
_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class AskPage:
    typed: str = ""
    errors: tuple[ErrorItem, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """`verdict` is a word of Verdict. Without `holder` only the number was known, so no facts are shown."""

    verdict: str
    good: bool
    headline: str
    explained: str
    title: str
    agency: str
    number: str
    holder: str
    facts: tuple[tuple[str, str], ...]
    issued_on: date | None
    expires_on: date | None
    withdrawn_at: datetime | None
    why: str


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Takes a number, or what somebody copied from a code."""
    if request.method != "POST":
        return shown.page(request, "verify", AskPage())
    typed = request.POST.get("number", "")[:_LONGEST].strip()
    given = normalised_number(typed) or typed.rstrip("/").rpartition("/")[2].upper()
    if not given.replace("-", "").isalnum() or not given.isascii():
        wrong = ErrorItem(_("Enter the number of the document, such as 7K3P-2M9X-QR5T"), "#number")
        return shown.page(request, "verify", AskPage(typed[:40], (wrong,)))
    return HttpResponseRedirect(reverse("portal:verified", kwargs={"given": given}))


@public
@require_safe
def checked(request: HttpRequest, given: str) -> HttpResponse:
    now = clock.now()
    if not pace.allows(pace.CHECKS, request, now):
        return _kept_nowhere(shown.too_often(request))
    number = normalised_number(given)
    found = documents.look_up(given, now) if number else documents.verify(given, now)
    agency = _agency(found)
    page = _page(found, agency, number or "")
    return _kept_nowhere(shown.page(request, "verified", page, agency))


@cached_public(_KEYS_SECONDS)
@require_safe
def keys(request: HttpRequest) -> HttpResponseBase:
    """Every key that ever signed, for checking without us."""
    listed = [
        {
            "id": key.id,
            "algorithm": "Ed25519",
            "public": key.public,
            "made_at": key.made_at.isoformat(),
            "retired_at": key.retired_at.isoformat() if key.retired_at else None,
        }
        for key in documents.public_keys()
    ]
    return JsonResponse({"keys": listed}, json_dumps_params={"indent": 1})


def _agency(found: Checked) -> AgencyView | None:
    if found.entry is not None:
        return identity.agency_known(found.entry.agency_id)
    return identity.agency(found.statement.agency) if found.statement is not None else None


def _page(found: Checked, agency: AgencyView | None, number: str) -> CheckedPage:
    statement, entry = found.statement, found.entry
    headline, explained = _words(found.verdict, by_number=statement is None and bool(number))
    labels: Mapping[str, Mapping[str, str]] = entry.labels if entry else {}
    withdrawn = entry.withdrawn_at if entry else None
    return CheckedPage(
        verdict=found.verdict.value,
        good=found.verdict is Verdict.VALID,
        headline=headline,
        explained=explained,
        title=local_text(entry.title) if entry else "",
        agency=local_text(agency.names) if agency else "",
        number=statement.number if statement else (entry.number if entry else number),
        holder=statement.holder if statement else "",
        facts=tuple(
            (local_text(labels.get(key)) or key.replace("_", " "), value)
            for key, value in (statement.facts.items() if statement else ())
        ),
        issued_on=statement.issued_on if statement else (entry.issued_on if entry else None),
        expires_on=statement.expires_on if statement else (entry.expires_on if entry else None),
        withdrawn_at=withdrawn.astimezone(ZoneInfo(agency.timezone)) if withdrawn and agency else withdrawn,
        why=_why(entry.reason) if entry and entry.reason else "",
    )


def _words(verdict: Verdict, *, by_number: bool) -> tuple[str, str]:
    compare = _("Compare what is shown here with the paper, word by word. Only this page counts.")
    only_number = _(
        "The number alone does not show whose document it is. Scan the code on the paper to compare what it "
        "says."
    )
    words = {
        Verdict.VALID: (_("Genuine and valid"), only_number if by_number else compare),
        Verdict.EXPIRED: (
            _("Genuine, but expired"),
            _("We issued this document, but the time for which it was valid is over."),
        ),
        Verdict.REVOKED: (
            _("Withdrawn, no longer valid"),
            _("We issued this document and later withdrew it. Do not rely on it."),
        ),
        Verdict.REPLACED: (
            _("Replaced by a newer one"),
            _("We issued this document and later made another in its place. Ask for the newer one."),
        ),
        Verdict.ALTERED: (
            _("Not genuine"),
            _(
                "What this code says was not signed by us: it was altered, copied only in part, or never "
                "came from us. If it was typed or the photo is poor, scan the code again."
            ),
        ),
        Verdict.UNKNOWN: (
            _("Not in our register"),
            _("We have no document with this number. Check the number, or scan the code on the paper."),
        ),
    }
    return words[verdict]


def _why(reason: WithdrawalReason) -> str:
    return {
        WithdrawalReason.MISTAKE: _("It held a mistake."),
        WithdrawalReason.FRAUD: _("It was got by false statements."),
        WithdrawalReason.NO_LONGER_TRUE: _("What it says is no longer true."),
        WithdrawalReason.LOST: _("It was reported lost or stolen."),
        WithdrawalReason.COURT: _("A court decided so."),
    }[reason]


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    for name, value in _KEPT_NOWHERE.items():
        response[name] = value
    return response
