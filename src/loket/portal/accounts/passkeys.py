"""What a browser tells of a passkey, read without falling over it."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django import forms

# What the reader of passkeys raises about things that are none.
_NONE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class _Told(forms.JSONField):
    """JSON as any program may send it: 5,000 digits, 50,000 brackets or no passkey are no fault of ours."""

    def __init__(self, reads: Callable[[Any], object]) -> None:
        super().__init__(required=True, widget=forms.HiddenInput)
        self._reads = reads

    def to_python(self, value: Any) -> Any:
        try:
            told = super().to_python(value)
            self._reads(told)
        except _NONE:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return told

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except _NONE:
            return ""


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new one."""

    credential = _Told(auth.parse_registration_response)


class PasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]
    """At sign-in."""

    credential = _Told(auth.parse_authentication_response)


class PasskeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before something sensitive."""

    credential = _Told(auth.parse_authentication_response)
