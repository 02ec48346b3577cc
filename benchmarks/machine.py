"""Facts of the machine that figures depend on, and nothing that says whose it is."""

import os
import platform
import re
import subprocess
import tempfile
from pathlib import Path

from loket.config import reachable


def facts() -> dict[str, object]:
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": _memory(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]} on {platform.machine()}",
        "python": platform.python_version(),
        "file_system": _file_system(),
        "load_before": round(os.getloadavg()[2], 2),
    }


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", _read("/proc/cpuinfo"))
    return found[1].strip() if found else "unknown"


def _memory() -> int:
    found = re.search(r"MemTotal:\s+(\d+) kB", _read("/proc/meminfo"))
    return round(int(found[1]) / 1024**2) if found else 0


def _file_system() -> str:
    """Of the folder where the database is: on a tmpfs a promise to keep costs nothing."""
    folder = reachable.SHARED if reachable.is_needed() else Path(tempfile.gettempdir())
    told = subprocess.run(
        ["stat", "-f", "-c", "%T", folder if folder.exists() else "/"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")
