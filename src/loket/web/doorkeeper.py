"""The middleware that holds every view to its access rule."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control

from loket.identity import queries as identity
from loket.identity.types import StaffMember
from loket.web.access import Holder, Program, Public, Rule, SignedIn, Staff, rule_of

_SECOND_FACTOR = "mfa"


class Doorkeeper:
    """Refuses whoever the view's rule does not admit, and keeps personal pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        _limit_keeping(getattr(request, "loket_rule", None), response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        rule = rule_of(view)
        if rule is None:
            raise PermissionDenied("No access rule is declared for this view.")
        request.loket_rule = rule  # type: ignore[attr-defined]
        if isinstance(rule, Holder):
            return _admit_holder(rule, request, kwargs)
        if isinstance(rule, SignedIn):
            return None if _is_signed_in(request) else _to_sign_in(request)
        if isinstance(rule, Staff):
            return _admit_staff(rule, request)
        if isinstance(rule, Program):
            raise PermissionDenied("Programs come in by the door of the API.")
        return None


def _admit_holder(rule: Holder, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponseBase | None:
    found = rule.find(request, **arguments)
    if isinstance(found, HttpResponseBase):
        return found
    if found is None:
        raise Http404
    request.loket_held = found  # type: ignore[attr-defined]
    return None


def _admit_staff(rule: Staff, request: HttpRequest) -> HttpResponseBase | None:
    if not _is_signed_in(request):
        return _to_sign_in(request)
    person_id: UUID = request.user.pk  # type: ignore[assignment]  # signed in, so it has one
    member = identity.staff_member(person_id)
    if member is None or not _has_role(rule, member):
        raise PermissionDenied("No post with a role that may open this.")
    if not _passed_second_factor(request):
        return HttpResponseRedirect(_with_next(resolve_url(settings.SECOND_FACTOR_URL), request))
    request.staff = member  # type: ignore[attr-defined]
    return None


def _has_role(rule: Staff, member: StaffMember) -> bool:
    return bool(member.roles & rule.roles) if rule.roles else bool(member.posts)


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None) or AnonymousUser()
    return bool(user.is_authenticated and user.is_active)


def _passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session's sign-in included a passkey, an authenticator or a recovery code."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == _SECOND_FACTOR for record in records)


def _to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_with_next(resolve_url(settings.LOGIN_URL), request))


def _with_next(address: str, request: HttpRequest) -> str:
    """After signing in, back to the page; what a refused POST wanted can't be repeated."""
    if request.method != "GET":
        return address
    return f"{address}?{urlencode({'next': request.get_full_path()})}"


def _limit_keeping(rule: Rule | None, response: HttpResponseBase) -> None:
    if response.has_header("Cache-Control"):
        return
    if isinstance(rule, Public | None):
        by_cookie = "cookie" in response.headers.get("Vary", "").lower() or bool(response.cookies)
        if rule and rule.max_age and response.status_code == 200 and not by_cookie:
            patch_cache_control(response, public=True, max_age=rule.max_age)
        else:
            patch_cache_control(response, private=True, no_cache=True)
    else:
        patch_cache_control(response, no_store=True, private=True)
