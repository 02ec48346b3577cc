"""A program, run against a restored installation: every case with its answers in the clear, as JSON."""

import json
import sys

from loket.config.command import start_django

start_django()

from tests.backup.comparing import opened_cases

json.dump(opened_cases(), sys.stdout)
