"""One example of every operation: in the description, on the page for people, and tried by a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "examples.json"


@dataclass(frozen=True, slots=True)
class Example:
    """What is sent, and what comes back. `values` are those of parameters by name, headers included."""

    values: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    answer: Any = None


@lru_cache(maxsize=1)
def examples() -> Mapping[str, Example]:
    """By operation."""
    return {name: Example(**given) for name, given in json.loads(_FILE.read_text()).items()}
