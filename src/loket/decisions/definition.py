"""What a pack writes under `tables:`, `fees:` and `waivers:`."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from loket.kernel.definition import Key, LocalText, Part, Source

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Hit(StrEnum):
    """Which rows of a table count: the first that fits, or all that fit."""

    FIRST = "first"
    COLLECT = "collect"


class Rule(Part):
    """A row: where `when` holds, the outputs are worked out. Without `when` it fits always."""

    when: Source | None = None
    gives: Mapping[Key, Source] = Field(min_length=1, max_length=20)
    because: LocalText


class Table(Part):
    """A decision table. Its outputs are bound under its key: `help.share`.

    With `collect` each output is the list of what the fitting rows give.
    """

    hit: Hit = Hit.FIRST
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _same_outputs(self) -> Self:
        outputs = {frozenset(rule.gives) for rule in self.rules}
        if len(outputs) != 1:
            raise ValueError("every rule gives the same outputs")
        return self


class Fee(Part):
    """What is to be paid. `amount` gives a decimal string, a number or money, in major units.

    `says` is shown before starting, where the amount depends on answers. `round` is the step it is rounded
    to, halves away from zero; without it the currency's minor unit.
    """

    id: Key
    label: LocalText
    currency: Currency
    amount: Source
    when: Source | None = None
    round: Annotated[Decimal, Field(gt=0)] | None = None
    says: LocalText | None = None


class Waiver(Part):
    """A part of fees that need not be paid: `share` gives 0 (nothing) to 1 (everything).

    `of` names the fees, all by default. `proof` is a file question: without a file there is no waiver.
    """

    id: Key
    label: LocalText
    of: tuple[Key, ...] = ()
    share: Source
    proof: Key | None = None
