"""Run as a program of its own: the library decides on loading whether several processes count together.

Answers some requests, writes what one costs in seconds of processor time, and ends; told "stays", it waits.
"""

import sys
import time

from django.conf import settings

assert settings.METRICS_FOLDER

from loket.web import figures

_MANY = 20_000

for _ in range(int(sys.argv[1])):
    figures.answered("GET", "<language>/", 200, 0.004, 1)
    figures.answered("BREW", "<language>/apply/<slug:agency>/", 503, 0.2, 0)
begun = time.process_time()
for _ in range(_MANY if sys.argv[2] == "times" else 0):
    figures.answered("GET", "<language>/timed/", 200, 0.004, 1)
sys.stdout.write(f"{(time.process_time() - begun) / _MANY}\n")
sys.stdout.flush()
if sys.argv[2] == "stays":
    sys.stdin.read()
