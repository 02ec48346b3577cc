"""What a pack writes under `documents:`."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from loket.kernel.definition import Key, LocalText, Part, Source


class Validity(Part):
    """How long a document is valid from its issue: exactly one of the three, a number or an expression."""

    years: Annotated[int, Field(ge=1, le=100)] | Source | None = None
    months: Annotated[int, Field(ge=1, le=1200)] | Source | None = None
    days: Annotated[int, Field(ge=1, le=36500)] | Source | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.years, self.months, self.days)) != 1:
            raise ValueError("write exactly one of years, months or days")
        return self


class Fact(Part):
    """A line of the document: `value` is an expression over the answers; `signed` puts it into the QR."""

    label: LocalText
    value: Source
    signed: bool = False


class DocumentSpec(Part):
    """A document that an `issue` effect makes. `holder` is the expression of the name it is made out to.

    `template` is a Typst file in the pack's folder; without it the standard certificate is used. `says` is
    the sentence that certifies.
    """

    title: LocalText
    template: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*\.typ$")] | None = None
    holder: Source
    says: LocalText
    facts: Mapping[Key, Fact] = Field(default_factory=dict)
    valid: Validity | None = None
