"""What a pack's `service.yaml` says."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from loket.decisions.definition import Fee, Table, Waiver
from loket.documents.definition import DocumentSpec
from loket.forms.definition import Form
from loket.kernel.definition import Key, LanguageCode, LocalText, Part, Words
from loket.workflow.definition import Term, Workflow

ServiceKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class Retention(Part):
    """How long a case is kept after it was closed: exactly one of the three."""

    years: Annotated[int, Field(ge=1, le=100)] | None = None
    months: Annotated[int, Field(ge=1, le=1200)] | None = None
    days: Annotated[int, Field(ge=1, le=36500)] | None = None
    after: Literal["closed"]

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.years, self.months, self.days)) != 1:
            raise ValueError("write exactly one of years, months or days")
        return self


class PaymentTerms(Part):
    """How long an application waits for its fee; `remind` is how long before the end a message reminds."""

    within: Term = Term(days=7)
    remind: Term | None = Term(days=2)


class Reminder(Part):
    """A message before something ends: `days` before the document `of` expires, about `service`."""

    before: Literal["expiry"]
    days: Annotated[int, Field(ge=1, le=730)]
    of: Key
    service: ServiceKey | None = None


class Service(Part):
    """A service of an agency: what it is, what it asks, how a case goes.

    The fields are in the order in which a pack reads best.
    """

    # pydantic's own `schema` is in the way of that name.
    schema_version: Literal[1] = Field(alias="schema")
    key: ServiceKey
    agency: ServiceKey
    title: LocalText
    summary: LocalText
    life_events: tuple[ServiceKey, ...] = Field(default=(), max_length=10)
    keywords: Mapping[LanguageCode, tuple[Words, ...]] = Field(default_factory=dict)
    languages: tuple[LanguageCode, ...] = Field(min_length=1, max_length=20)
    # Further ways to sign in come with the accounts that they need.
    sign_in: Literal["none"] = "none"
    promise: Term
    takes_minutes: Annotated[int, Field(ge=1, le=240)]
    needs: tuple[LocalText, ...] = Field(default=(), max_length=20)
    purpose: LocalText
    retention: Retention
    form: Form
    tables: Mapping[Key, Table] = Field(default_factory=dict)
    fees: tuple[Fee, ...] = Field(default=(), max_length=20)
    waivers: tuple[Waiver, ...] = Field(default=(), max_length=20)
    payment: PaymentTerms = PaymentTerms()
    workflow: Workflow
    documents: Mapping[Key, DocumentSpec] = Field(default_factory=dict)
    remind: tuple[Reminder, ...] = Field(default=(), max_length=10)
    # How to appeal, shown with every decision that does not grant everything.
    appeal: LocalText | None = None
