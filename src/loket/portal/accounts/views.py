"""allauth's views where staff needs something of its own."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from loket.portal.accounts import demo

_NEXT = "loket_after_second_factor"


class SecondFactorPage(AuthenticateView):  # type: ignore[misc]
    """In the demo it shows the code, since nobody has the phone of a person who doesn't exist."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.stage.login.user
        types = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
        return {**found, "types": types, "demo_code": demo.code_now(person.pk) if settings.DEMO else ""}


class CodeAgainPage(ReauthenticateView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "demo_code": demo.code_now(self.request.user.pk) if settings.DEMO else ""}


class SecondFactors(IndexView):  # type: ignore[misc]
    """Where the desk sends whoever has not passed a second factor: to pass it, or to set one up first."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wanted = request.GET.get("next", "")
        if get_adapter().is_safe_url(wanted):
            request.session[_NEXT] = wanted
        records = get_authentication_records(request, request.user) or []
        passed = any(record.get("method") == "mfa" for record in records)
        if is_mfa_enabled(request.user) and not passed:
            back = request.session.pop(_NEXT, "") or reverse("desk:start")
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "onward": self.request.session.get(_NEXT, "") or reverse("desk:start")}


class SetUpApp(ActivateTOTPView):  # type: ignore[misc]
    """The code that proves the app works is a second factor passed."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type=Authenticator.Type.TOTP)
        return response


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    """So is the touch that made the passkey."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type=Authenticator.Type.WEBAUTHN)
        return response
