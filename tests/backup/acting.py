"""A program that makes things happen in an installation named by the environment, for drills.

begin           the county's offices and two cases    more     one more case; its reference
erase REFERENCE erases it and destroys its key        tell     every case in the clear, as JSON
"""

import json
import sys

from loket.config.command import start_django

start_django()

from django.conf import settings

from loket.casework import actions as casework
from loket.casework.models import Case
from loket.config.commands.tables import bring_up_to_date
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.privacy import actions as privacy
from tests import county
from tests.access.scene import OWNERS_ANSWERS, send_information
from tests.backup.comparing import opened_cases

what, *about = sys.argv[1:]
now = clock.now()
settings.FILES.mkdir(parents=True, exist_ok=True)
if what == "begin":
    bring_up_to_date()
    county.county(now)
if what in {"begin", "more"}:
    sys.stdout.write(send_information(OWNERS_ANSWERS, now))
if what == "erase":
    case = Case.objects.get(reference=about[0])
    privacy.destroy_keys_of(case.id, by=SYSTEM, now=now)
    casework.erase_again(case_id=case.id, by=SYSTEM, now=now)
if what == "tell":
    json.dump(opened_cases(), sys.stdout)
