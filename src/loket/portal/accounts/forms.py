"""Codes of a second factor: each works once, on every host."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator

from loket.kernel import clock
from loket.limits import actions as limits

_TRIES, _TRIES_PER = 10, timedelta(minutes=15)
# Longer than a code is accepted: its own half minute and one on either side.
_REMEMBERED = timedelta(minutes=3)


class _Once:
    """Limits guesses for one account, and refuses a code that was used before."""

    user: Any
    authenticator: Any

    def clean_code(self) -> str:
        person, now = str(self.user.pk), clock.now()
        if not limits.take("second-factor", person, limit=_TRIES, per=_TRIES_PER, now=now):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not limits.take(
            "code-used", f"{person}:{code.replace(' ', '')}", limit=1, per=_REMEMBERED, now=now
        ):
            raise get_adapter().validation_error("incorrect_code")
        limits.put_back("second-factor", person)
        return code


class CodeForm(_Once, AuthenticateForm):  # type: ignore[misc]
    """At sign-in."""


class CodeAgainForm(_Once, ReauthenticateForm):  # type: ignore[misc]
    """Before something sensitive."""
