"""What `make demo` opens: the county, its staff's sign-ins, and a lively past."""

import click
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.crypto import salted_hmac

from loket.casework import queries as cases
from loket.config.sample.place import open_place
from loket.config.sample.requests import sample_requests
from loket.config.sample.sending import send_all
from loket.kernel import clock

_SHOWN = (
    ("amina.wekesa@example.org", "officer, information desk"),
    ("grace.atieno@example.org", "supervisor, information desk"),
    ("halima.omar@example.org", "officer, tax authority: is told of new addresses"),
    ("leila.hassan@example.org", "privacy officer"),
)


class OnlyInDemo(RuntimeError):
    """Sign-ins that are printed exist in the demo only."""


def load() -> list[str]:
    """Loads the sample once; the sign-ins to show. Raises OnlyInDemo outside the demo."""
    if not settings.DEMO:
        raise OnlyInDemo("the sample's sign-ins are public: it loads with LOKET_DEMO=1 only")
    now = clock.now()
    password = _password()
    with transaction.atomic():
        for entry in open_place(now).staff:
            _let_in(entry.email, password)
    if not cases.any_case():
        waiting = sample_requests()
        with click.progressbar(length=len(waiting), label="Sending the sample's requests") as bar:
            send_all(now, lambda: bar.update(1))
    width = max(len(email) for email, _ in _SHOWN)
    return [
        "",
        f"Staff sign in at /en/desk/ with the password {password}; the page shows the second factor's code.",
        *(f"  {email:<{width}}  {post}" for email, post in _SHOWN),
        "Messages that people would get are at /en/outbox/.",
        "",
    ]


def _password() -> str:
    """The same at every start of one demo, and another on every machine."""
    return "tumaini-" + salted_hmac("loket.demo.password", "staff").hexdigest()[:8]


def _let_in(email: str, password: str) -> None:
    person = get_user_model().objects.get(email=email)
    if not person.check_password(password):
        person.set_password(password)
        person.save(update_fields=["password"])
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(person, generate_totp_secret())
