from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def files_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.FILES = tmp_path / "files"
    settings.CLAMAV = ""
    return tmp_path / "files"
