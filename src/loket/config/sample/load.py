"""What `make demo` opens: the county, its staff's sign-ins, and a lively past."""

import click
from django.db import transaction

from loket.casework import queries as cases
from loket.config.sample.place import open_place
from loket.config.sample.requests import sample_requests
from loket.config.sample.sending import send_all
from loket.kernel import clock
from loket.notifications.loading import ready_from
from loket.portal.accounts.demo import make_sign_ins

_SHOWN = (
    ("amina.wekesa@example.org", "officer, information desk"),
    ("grace.atieno@example.org", "supervisor, information desk"),
    ("halima.omar@example.org", "officer, tax authority: is told of new addresses"),
    ("esther.chebet@example.org", "officer, civil registry: identity cards and the counter"),
    ("yusuf.abdi@example.org", "supervisor, driving licences: cases, counter, money"),
    ("ali.bakari@example.org", "supervisor, police records: certificates, money"),
    ("kevin.otieno@example.org", "supervisor and administrator, parking fines: programs, other systems"),
    ("wanjiku.mwangi@example.org", "officer, licensing: cases and the counter"),
    ("zainabu.juma@example.org", "officer, fines desk"),
    ("leila.hassan@example.org", "privacy officer"),
)


def load() -> list[str]:
    """Loads the sample once; the sign-ins to show. Raises OnlyInDemo outside the demo."""
    now = clock.now()
    with transaction.atomic():
        place = open_place(now)
        sign_ins = make_sign_ins(tuple(entry.email for entry in place.staff))
    if not cases.any_case():
        waiting = sample_requests()
        with click.progressbar(length=len(waiting), label="Sending the sample's requests") as bar:
            send_all(now, lambda: bar.update(1))
        ready_from(clock.now())
    width = max(len(email) for email, _ in _SHOWN)
    return [
        "",
        f"Staff sign in at /en/desk/ with the password {sign_ins[0].password}; "
        "the next page shows the second factor's code.",
        *(f"  {email:<{width}}  {post}" for email, post in _SHOWN),
        "Messages that people would get are at /en/outbox/.",
        "",
    ]
