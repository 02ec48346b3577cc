"""How the many requests of `python -m tools.prove bad-input` are shared out among processors.

LOKET_FUZZ_REQUESTS says how many each of the two fuzzers sends in all, where 25,000 are too many.
"""

import os
from collections.abc import Callable
from typing import TypeAlias

PARTS = 5
Say: TypeAlias = Callable[[str], None]
_EACH_FUZZER = 25_000


def requests() -> int:
    """Of one part."""
    return int(os.environ.get("LOKET_FUZZ_REQUESTS", _EACH_FUZZER)) // PARTS
