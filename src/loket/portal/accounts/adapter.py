"""What allauth asks of us: its limits, its messages, its letters, and where it leads people.

allauth's own limits use Django's cache, which here is each process's memory: good enough against a flood, and
no table to maintain. What has to hold for an account on every host (guessing a password or a code, using a
code twice) is taken from PostgreSQL's buckets instead.
"""

import base64
import time
from datetime import timedelta
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from loket.kernel import clock
from loket.limits import actions as limits
from loket.portal.accounts import letters
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey
from loket.web.caller import client_address

_TRIES, _TRIES_PER = 10, timedelta(minutes=15)
# A sign-in this fresh (seconds) need not be repeated before a second factor is set up.
_FRESH = 300
_SECRET = b"second factor"
_SAID = {
    "account/messages/password_changed.txt": _("Your password is changed."),
    "account/messages/logged_out.txt": _("You have signed out."),
    "mfa/messages/totp_activated.txt": _("Your authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app is no longer used."),
    "mfa/messages/webauthn_added.txt": _("Your passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": _(
        "You have new recovery codes. The old ones no longer work."
    ),
}


class StaffDoor(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right. Wait for the next one and try again."),
        "too_many_login_attempts": _("Too many tries. Wait a quarter of an hour, then try again."),
        "rate_limited": _("Too many tries. Wait a quarter of an hour, then try again."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("desk:start")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def is_safe_url(self, url: str) -> bool:
        """Only this site's own pages, whatever `ALLOWED_HOSTS` admits."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = message or _SAID.get(message_template or "")
        if words:
            messages.add_message(request, level, str(words), extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The one letter we send is the one with the way to a new password."""
        if "password_reset_url" in context:
            letters.send_way_to_new_password(email, context["password_reset_url"], clock.now())

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """No letters: changes are written into the audit record (`record`)."""

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_ADDRESS + path.replace("UID-KEY", key)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        address = str(credentials.get("email", "")).strip().lower()
        if not limits.take("sign-in", address, limit=_TRIES, per=_TRIES_PER, now=clock.now()):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person is not None:
            limits.put_back("sign-in", str(credentials.get("email", "")).strip().lower())
        return person

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """allauth looks for a verified address, which accounts made by an administrator don't have."""
        email = getattr(user, "email", "")
        found = self.authenticate(context.request, email=email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Not straight after signing in: nobody should type the same password twice in a minute."""
        request = context.request
        records = get_authentication_records(request, request.user) or []
        if any(time.time() - record["at"] < _FRESH for record in records):
            return False
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        return required


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Wait for the next one and try again."),
        "cannot_delete_authenticator": _("This is your only second factor. Add another one first."),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(_key().encrypt(text.encode(), about=_SECRET)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _key().decrypt(base64.b64decode(encrypted_text), about=_SECRET).decode()

    def build_totp_svg(self, url: str) -> Markup:
        """Inline, for the content security policy has no images out of data addresses."""
        drawn = segno.make(url, error="m", micro=False).svg_inline(
            scale=4, border=3, light="#fff", svgclass="loket-qr", lineclass=None, omitsize=False
        )
        return Markup(drawn)  # noqa: S704 - drawn by us from our own address

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Staff always keeps one."""
        others = (
            type(authenticator).objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        )
        return bool(others.exclude(type=authenticator.Type.RECOVERY_CODES).exists())


def _key() -> DataKey:
    """Hangs from the root secret in the key store: a new master key leaves second factors as they are."""
    return DataKey(privacy.digest("second-factor", "key"))
