"""Sign-ins that are printed for newcomers. Everything here refuses to work outside the demo."""

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth import get_user_model

from loket.kernel import clock
from loket.kernel.refusals import Refusal

PASSWORD = "tumaini-demo-2026"  # noqa: S105 - printed for everybody, and only where nothing is real


class OnlyInDemo(Refusal):
    """A known password or a shown code opens the desk; neither may exist where data is real."""

    code = "only_in_demo"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a newcomer types. The second factor's code is shown on the page that asks for it."""

    name: str
    email: str
    password: str


def make_sign_ins(emails: tuple[str, ...]) -> tuple[SignIn, ...]:
    """Gives the sample's staff the printed password and an authenticator. Doing it again changes nothing.

    Raises OnlyInDemo.
    """
    _only_in_demo()
    made = []
    for person in get_user_model().objects.filter(email__in=emails).order_by("full_name"):
        if not person.has_usable_password():
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
        if not Authenticator.objects.filter(user=person).exists():
            totp.TOTP.activate(person, totp.generate_totp_secret())
            RecoveryCodes.activate(person)
        made.append(SignIn(person.get_full_name(), person.email, PASSWORD))
    return tuple(made)


def code_now(person_id: UUID) -> str:
    """The code that this person's authenticator app would show; empty without one. Raises OnlyInDemo."""
    _only_in_demo()
    found = Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.TOTP).first()
    if found is None:
        return ""
    counter = int(clock.now().timestamp()) // 30
    # A code works once; whoever signs in twice in half a minute gets the next one, which is accepted too.
    used = found.last_used_at and int(found.last_used_at.timestamp()) // 30 >= counter
    code: str = totp.format_hotp_value(totp.hotp_value(decrypt(found.data["secret"]), counter + bool(used)))
    return code


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise OnlyInDemo()
