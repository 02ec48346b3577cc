"""A process beside the browser: opens the county, then does what staff does where a story is not about staff.

Reads one JSON object a line, answers each with one. The tests' own process stays free of Django's database,
which doesn't go together with Playwright's event loop.
"""

import json
import sys
from datetime import timedelta
from typing import Any

from loket.config.command import start_django

start_django()

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model
from django.db import transaction

from loket.casework import actions as casework
from loket.casework import queries as cases
from loket.casework.actions import UNDO_FOR
from loket.config.commands.tables import bring_up_to_date
from loket.config.sample.place import open_place
from loket.kernel import clock
from loket.workflow.engine import GivenReason
from tests.county import staff
from tests.journeys.secrets import PASSWORD, TOTP_SECRET


def open_county() -> None:
    bring_up_to_date()
    with transaction.atomic():
        for entry in open_place(clock.now()).staff:
            person = get_user_model().objects.get(email=entry.email)
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])
            if not Authenticator.objects.filter(user=person).exists():
                TOTP.activate(person, TOTP_SECRET)


def act(order: dict[str, Any]) -> None:
    """As an officer did it a little while ago, so that it has settled and is told at once."""
    now = clock.now() - UNDO_FOR - timedelta(seconds=1)
    officer = staff(order["officer"])
    case = casework.open_for_staff(reference=order["reference"], reason="", staff=officer, now=now)
    casework.act(
        case_id=case.id,
        action=order["action"],
        revision=case.revision,
        reason=GivenReason(tuple(order.get("reasons", ())), order.get("words", "")),
        message=order.get("message", ""),
        questions=tuple(order.get("questions", ())),
        staff=officer,
        now=now,
    )


def arrive(order: dict[str, Any]) -> None:
    """Something lies at its counter, and the minute for taking that back is over."""
    now = clock.now() - UNDO_FOR - timedelta(seconds=1)
    officer = staff(order["officer"])
    casework.arrived(case_ids=(cases.case_id(order["reference"]),), staff=officer, now=now)
    casework.settle(now=clock.now())


def _say(word: str) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


def main() -> None:
    open_county()
    _say("open")
    for line in sys.stdin:
        order = json.loads(line)
        (arrive if order["do"] == "arrive" else act)(order)
        _say("done")


if __name__ == "__main__":
    main()
