"""Signs somebody of the staff in and writes their session's key; run inside an installation.

Run: python -m benchmarks.signing_in EMAIL [AGENCY]    (whose cases they then supervise too)
"""

import sys
from collections.abc import Sequence

from loket.config.command import start_django

# Tables can only be imported into a started Django.
start_django()

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory

from loket.identity import actions as identity
from loket.identity import queries as people
from loket.identity.types import Role
from loket.kernel import clock
from loket.kernel.actors import SYSTEM


def main(email: str, agencies: Sequence[str]) -> int:
    person = get_user_model().objects.get(email=email)
    for key in agencies:
        agency = people.agency(key)
        if agency is None:
            raise LookupError(f"there is no agency {key!r}")
        identity.add_membership(
            person_id=person.pk,
            agency_id=agency.id,
            team_id=None,
            role=Role.SUPERVISOR,
            by=SYSTEM,
            now=clock.now(),
        )
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, person, "mfa")
    request.session.save()
    print(request.session.session_key)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
