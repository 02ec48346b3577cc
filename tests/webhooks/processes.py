"""A worker of its own process, on the tests' databases."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

_ROOT = Path(__file__).resolve().parents[2]


def start_worker(program: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "loket.config.settings",
    }
    for name, alias in (("LOKET_DATABASE_URL", "default"), ("LOKET_KEYS_URL", "keys")):
        parts = urlsplit(os.environ[name])
        environment[name] = urlunsplit(parts._replace(path=f"/{settings.DATABASES[alias]['NAME']}"))
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
