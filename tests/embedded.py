"""pytest plug-in: one embedded PostgreSQL for the whole run, gone at its end.

Loaded with `-p` because Django's settings need the addresses before any conftest is read. A given
LOKET_DATABASE_URL (with LOKET_KEYS_URL) is used instead.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from loket.config import embedded

_PREFIX = "loket-tests-"
_FOLDER = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    os.environ.setdefault("LOKET_MASTER_KEY", "5a" * 32)
    if "LOKET_DATABASE_URL" in os.environ:
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / "owner").write_text(str(os.getpid()))
    early_config.stash[_FOLDER] = folder
    cluster = embedded.start(folder, durable=False)
    os.environ["LOKET_DATABASE_URL"] = cluster.url("loket")
    os.environ["LOKET_KEYS_URL"] = cluster.url("loket_keys")
    os.environ["LOKET_DATA"] = str(folder / "var")


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        del os.environ["LOKET_DATABASE_URL"]
        embedded.remove(folder)


def _sweep() -> None:
    """Removes what killed runs left behind: their servers would otherwise live on."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if folder.stat().st_uid in {os.geteuid(), (folder / "owner").stat().st_uid} and not _lives(
                int((folder / "owner").read_text())
            ):
                embedded.remove(folder)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
