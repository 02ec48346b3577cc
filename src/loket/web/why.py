"""Rules in words, with what was seen in the answers: for whoever was decided about, and for staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from loket.casework.explained import Why
from loket.web.words import language, local_text

_WAIVERS = "waivers."


@dataclass(frozen=True, slots=True)
class RuleShown:
    """`seen` are whole sentences. A waiver is given or not; every other rule applies or not."""

    words: str
    applies: bool
    seen: tuple[str, ...]
    is_waiver: bool


def shown(whys: Iterable[Why]) -> tuple[RuleShown, ...]:
    """In the order in which they were looked at."""
    return tuple(
        RuleShown(
            local_text(rule.because),
            rule.fits,
            rule.seen.get(language()) or next(iter(rule.seen.values()), ()),
            why.part.startswith(_WAIVERS),
        )
        for why in whys
        for rule in why.rules
    )
