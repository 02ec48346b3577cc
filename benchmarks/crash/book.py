"""What people noted for themselves: what they sent, what was acknowledged, what went wrong on the way.

The one thing that is never killed, and what the installation is held against afterwards.
"""

import json
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic

Stored = object


@dataclass(slots=True)
class Page:
    """One page as it was sent. `answers` by question, as they are stored; `files` by question, as SHA-256.

    An image is made anew when it is taken in, so it has no digest here: only that it was sent.
    """

    id: str
    answers: dict[str, Stored]
    files: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Pressed:
    """A button of the make-believe bank. `acknowledged`: the person was led on by it."""

    ref: str
    doing: str
    acknowledged: bool = False


@dataclass(slots=True)
class Story:
    """One person and one application. `mark` is their address, and stands among their answers.

    `acknowledged` are the pages that were taken, in order; `open` the page sent last, of which nobody knows.
    """

    mark: str
    service: str
    draft: str = ""
    acknowledged: list[Page] = field(default_factory=list)
    open: Page | None = None
    sending: bool = False
    sent: bool = False
    reference: str = ""
    references: list[str] = field(default_factory=list)
    payment: str = ""
    pressed: list[Pressed] = field(default_factory=list)

    @property
    def answers(self) -> dict[str, Stored]:
        """What was acknowledged last of each question."""
        return {name: value for page in self.acknowledged for name, value in page.answers.items()}

    @property
    def files(self) -> dict[str, str]:
        return {name: digest for page in self.acknowledged for name, digest in page.files.items()}


@dataclass(frozen=True, slots=True)
class Mishap:
    """A request without a good answer. `status` 0: none at all."""

    at: float
    what: str
    status: int
    seconds: float


class Book:
    """Written by many threads."""

    def __init__(self) -> None:
        self.stories: list[Story] = []
        self.mishaps: list[Mishap] = []
        self.requests: Counter[str] = Counter()
        self.slowest = 0.0
        self.acknowledged_at: list[float] = []
        self._lock = threading.Lock()

    def begin(self, story: Story) -> Story:
        with self._lock:
            self.stories.append(story)
        return story

    def answered(self, what: str, status: int, seconds: float) -> None:
        with self._lock:
            self.requests[what] += 1
            self.slowest = max(self.slowest, seconds)
            if status >= 500 or status == 0:
                self.mishaps.append(Mishap(monotonic(), what, status, seconds))
            elif what == "send":
                self.acknowledged_at.append(monotonic())

    @property
    def asked(self) -> int:
        return sum(self.requests.values())

    def keep(self, file: Path) -> None:
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(story)) + "\n" for story in self.stories)
