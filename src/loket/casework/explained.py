"""Why something was decided, as it is told: the rules that were looked at, with what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass

from loket.kernel.definition import LocalText


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule in the pack's words, whether it fits, and by language what was seen in the answers."""

    because: LocalText
    fits: bool
    seen: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Why:
    """The rules that were looked at, up to the one that decided. `part` is such as `tables.help`."""

    part: str
    rules: tuple[RuleTold, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What rules decided by themselves, and what a fee came of. `faults` are for staff."""

    decided: tuple[Why, ...] = ()
    charged: tuple[Why, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionPreview:
    """What the applicant will read of an action: in `language`, with the outcome if it closes the case.

    `silent`: no message goes out; it only stands on the page of the case.
    """

    language: str
    stage: LocalText
    says: LocalText
    outcome: str
    silent: bool
    reasons: tuple[LocalText, ...]
    words: str
    appeal: LocalText
    decided: tuple[Why, ...]
