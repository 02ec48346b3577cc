"""The plug-in protocol of workflow effects, and the effects there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from loket.casework.models import Case, CaseEvent
from loket.catalogue.compiled import CompiledService
from loket.catalogue.lint import EffectChecks
from loket.forms.types import Answers
from loket.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why an effect is performed, and on what. The case is locked."""

    case: Case
    event: CaseEvent
    service: CompiledService
    answers: Answers
    now: datetime


class Effect(Protocol):
    """What a stage causes. Performed once, inside the transaction that marks the event as followed up."""

    def problems(self, argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
        """What is wrong with the argument a pack wrote, in words; empty where nothing is."""
        ...

    def perform(self, occasion: Occasion, argument: JsonValue) -> None: ...


EFFECTS: Registry[Effect] = Registry("loket.casework.effects", "effect")


def effect_checks() -> EffectChecks:
    """What publishing needs to know of effects."""
    return {key: effect.problems for key, effect in EFFECTS.all().items()}
