"""Who signed in, and whose ways of signing in changed: written into the audit record.

allauth tells of these by Django's signals, so this is the one place that listens to some.
"""

from typing import Any

from allauth.account.signals import password_changed, password_reset, user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset

from loket.audit import actions as audit
from loket.kernel import clock
from loket.kernel.actors import Actor, ActorKind

_TOLD = {
    "staff.signed_in": user_logged_in,
    "staff.password_changed": password_changed,
    "staff.password_reset": password_reset,
    "staff.second_factor_added": authenticator_added,
    "staff.second_factor_removed": authenticator_removed,
    "staff.second_factor_renewed": authenticator_reset,
}


def listen() -> None:
    for action, signal in _TOLD.items():
        signal.connect(_writer(action), weak=False, dispatch_uid=f"loket.{action}")


def _writer(action: str) -> Any:
    def write(*, user: Any, **_rest: object) -> None:
        by = Actor(ActorKind.STAFF, str(user.pk), user.get_full_name())
        audit.record(action, by=by, about=f"person:{user.pk}", now=clock.now())

    return write
