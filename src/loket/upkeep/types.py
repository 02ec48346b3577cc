"""A window of maintenance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Window:
    """`begins` may lie ahead. `until` is when it should be over, None where nobody knows; it ends when
    somebody ends it, not by itself. `message` is what the operator adds, by language, or under "" for all."""

    begins: datetime
    until: datetime | None
    message: Mapping[str, str]

    def is_on(self, now: datetime) -> bool:
        return self.begins <= now
