"""Drafts are filled in for the market of the casework tests, with files in a folder of the test's own."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _files_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.FILES = tmp_path / "files"
    settings.CLAMAV = ""
    return tmp_path / "files"
