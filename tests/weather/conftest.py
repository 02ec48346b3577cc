from collections.abc import Iterator

import pytest

from tests.weather.server import Loket, running


@pytest.fixture(scope="module")
def loket() -> Iterator[Loket]:
    """One server for the tests of a module; each leaves it as it found it."""
    with running() as found:
        yield found
