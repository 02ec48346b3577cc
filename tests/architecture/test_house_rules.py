"""The house rules: kept by the code, and each shown to catch what it is for."""

from pathlib import Path

import pytest

from tests.architecture import house
from tools.lint import house_rules


def _found(folder: Path) -> list[str]:
    return list(house_rules.violations(folder, house_rules.Rules.of(folder)))


def test_the_project_keeps_them() -> None:
    assert _found(house.ROOT) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("casework/actions.py", "from django.http import HttpRequest\n"),
        ("casework/actions.py", "from django import http\n"),
        ("casework/actions.py", "import django.urls.base\n"),
        ("forms/journey.py", "def f():\n    from django.shortcuts import render\n"),
        ("casework/actions.py", "from loket.kernel import clock\nclock.now()\n"),
        ("casework/actions.py", "from loket.kernel.clock import now as present\npresent()\n"),
        ("casework/models.py", "import datetime as d\nsoon = d.datetime.now\n"),
        ("casework/models.py", "from django.utils import timezone\ndefault = timezone.now\n"),
        ("casework/models.py", "import time\ntime.time()\n"),
        ("casework/utils.py", ""),
        ("forms/kinds/common/kind.py", ""),
        ("casework/actions.py", "x = 1\n" * 401),
        ("library/prices.py", ""),
        ("casework/__init__.py", ""),
        ("casework/__init__.py", '"""' + "line\n" * 9 + '"""'),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, name: str, source: str) -> None:
    house.plant(
        tmp_path, {"kernel/__init__.py": '"""Ground."""', "config/__init__.py": '"""Root."""'}, inside="src"
    )
    assert _found(tmp_path) == []
    house.plant(tmp_path, {name: source}, inside="src")
    found = [each for each in _found(tmp_path) if each.startswith(f"src/loket/{name}")]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("portal/views.py", "from django.http import HttpRequest\n"),
        ("portal/views.py", "from loket.kernel import clock\nclock.now()\n"),
        ("casework/jobs.py", "from loket.kernel import clock\nclock.now()\n"),
        ("casework/jobs/timers.py", "from loket.kernel import clock\nclock.now()\n"),
        ("casework/actions.py", "def close(now):\n    return now()\n"),
        ("casework/actions.py", "import time\ntime.monotonic()\n"),
        ("casework/models.py", "from django.db.models.functions import Now\nat = Field(db_default=Now())\n"),
        ("casework/actions.py", "x = 1\n" * 400),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, name: str, source: str) -> None:
    grounds = {"kernel/__init__.py": '"""Ground."""', "config/__init__.py": '"""Root."""'}
    assert _found(house.plant(tmp_path, {**grounds, name: source}, inside="src")) == []
