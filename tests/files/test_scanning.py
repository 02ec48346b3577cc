import os
import socket
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from loket.files.scanning import scan
from loket.files.types import Infected, ScannerAway
from tests.files.fake_clamd import EICAR, FakeClamd


@pytest.fixture(params=["fake", "real"])
def clamd(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """The fake always; a real clamd where LOKET_TEST_CLAMAV names one, so that the fake stays honest."""
    if request.param == "fake":
        with FakeClamd() as fake:
            settings.CLAMAV = fake.address
            yield
        return
    if "LOKET_TEST_CLAMAV" not in os.environ:
        pytest.skip("no clamd: set LOKET_TEST_CLAMAV to its address")
    settings.CLAMAV = os.environ["LOKET_TEST_CLAMAV"]
    yield


@pytest.mark.usefixtures("clamd")
def test_a_clean_file_passes() -> None:
    scan(b"x" * 300_000)


@pytest.mark.usefixtures("clamd")
def test_an_infected_file_is_refused() -> None:
    with pytest.raises(Infected):
        scan(EICAR)


def test_a_file_the_scanner_will_not_read_is_refused(settings: Settings) -> None:
    with FakeClamd(limit=1000) as fake:
        settings.CLAMAV = fake.address
        with pytest.raises(ScannerAway):
            scan(b"x" * 5000)


def test_a_scanner_that_is_away_refuses_everything(settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.CLAMAV = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ScannerAway):
            scan(b"clean")


def test_an_address_that_makes_no_sense_refuses_everything(settings: Settings) -> None:
    settings.CLAMAV = "unix:/nowhere/clamd.sock"
    with pytest.raises(ScannerAway):
        scan(b"clean")


def test_without_a_scanner_nothing_is_asked(settings: Settings) -> None:
    settings.CLAMAV = ""
    scan(EICAR)
