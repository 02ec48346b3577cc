"""What the tests of this folder share: the real configuration, and small trees that break its rules."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "loket"


def configuration() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def contract(name: str) -> dict[str, Any]:
    contracts = configuration()["importlinter"]["contracts"]
    return next(each for each in contracts if each["id"] == name)


def floors() -> tuple[tuple[str, ...], ...]:
    """The floors from top to bottom; one floor may hold several contexts."""
    return tuple(
        tuple(name.strip(" ()") for name in layer.split("|")) for layer in contract("floors")["layers"]
    )


def level_of(context: str) -> int:
    """0 for the ground floor; raises StopIteration for a context without a floor."""
    return next(n for n, floor in enumerate(reversed(floors())) if context in floor)


def plant(folder: Path, modules: Mapping[str, str], *, inside: str = ".") -> Path:
    """A tree `loket` under `folder`/`inside` with these modules, judged by the project's own configuration.

    Keys are paths such as `casework/actions.py`; each folder on the way becomes a package.
    """
    shutil.copy(ROOT / "pyproject.toml", folder)
    top = folder / inside / "loket"
    for name, source in {"kernel/__init__.py": "", "config/__init__.py": "", **modules}.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in path.relative_to(top).parents:
            package = top / parent / "__init__.py"
            if not package.exists():
                package.write_text('"""Planted."""\n')
        path.write_text(source)
    return folder


def lint_imports(folder: Path) -> tuple[int, str]:
    """Runs the contracts over a planted tree; the exit code and everything said."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr
