"""Signs somebody of the staff in and writes their session's key; run inside an installation.

Run: python -m benchmarks.signing_in EMAIL
"""

import sys

from loket.config.command import start_django

# Tables can only be imported into a started Django.
start_django()

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory


def main(email: str) -> int:
    person = get_user_model().objects.get(email=email)
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, person, "mfa")
    request.session.save()
    print(request.session.session_key)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
