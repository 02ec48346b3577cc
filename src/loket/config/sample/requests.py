"""What people of the sample county have asked, ready for whoever sends it in."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from ruamel.yaml import YAML

from loket.config.sample.fines import sample_fines
from loket.documents.types import WithdrawalReason
from loket.forms.compiled import CompiledForm

_FOLDER = Path(__file__).parent
_ADDRESS = ("line1", "line2", "town", "region", "postcode", "country")
BY_APPLICANT, BY_PAYER, BY_TIME = "applicant", "payer", "time"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Part):
    """What happened next. `by` is a member of staff's e-mail address, who takes the action, or `applicant`,
    who only says something, or `payer`, who pays at the till what is due, or what `pays` says, or `time`,
    which runs out.

    `about` is the answer that a question back reopens; `counter` what staff does with a thing to pick up.
    `asks` and `gives_back` are amounts that staff asks for and gives back, `says` what for or why;
    `withdraws` is why a supervisor withdraws the document that was issued.
    """

    after_days: int = Field(ge=0)
    by: str
    action: str | None = None
    reason: str | None = None
    says: str = ""
    about: str = "information"
    counter: Literal["arrived", "handed_over"] | None = None
    pays: Decimal | None = None
    asks: Decimal | None = None
    gives_back: Decimal | None = None
    withdraws: WithdrawalReason | None = None


class SampleRequest(_Part):
    """One request. `answers` are shortened; `stored_answers` and `uploads` give them whole."""

    service: str
    language: str
    days_ago: int = Field(ge=0)
    answers: Mapping[str, JsonValue]
    then: tuple[Step, ...] = ()

    def sent_at(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days_ago)

    @property
    def uploads(self) -> Mapping[str, Path]:
        """The file to upload, by question."""
        return {
            name: _FOLDER / str(answer["upload"])
            for name, answer in self.answers.items()
            if isinstance(answer, Mapping) and "upload" in answer
        }

    def stored_answers(self, form: CompiledForm, sent_on: date) -> Mapping[str, JsonValue]:
        """An answer to every question, as its kind stores it, except to those with an upload."""
        uploads = self.uploads
        return {
            name: _stored(question.kind.key, self.answers.get(name), sent_on)
            for name, question in form.questions.items()
            if question.kind.asks and name not in uploads
        }


class Transfer(_Part):
    """Money that came to an agency, with what its payer wrote on it; `number` is the bank's name for it."""

    agency: str
    days_ago: int = Field(ge=0)
    amount: Decimal
    reference: str
    number: str


class _File(_Part):
    applications: tuple[SampleRequest, ...]
    transfers: tuple[Transfer, ...]


def sample_requests() -> tuple[SampleRequest, ...]:
    """The oldest first, whatever their order in the file."""
    return tuple(sorted(_read().applications, key=lambda request: -request.days_ago))


def sample_transfers() -> tuple[Transfer, ...]:
    """Money that finds no payment by what is written on it."""
    return _read().transfers


def _read() -> _File:
    return _File.model_validate(YAML(typ="safe").load(_FOLDER / "applications.yaml"))


def _stored(kind: str, given: JsonValue, sent_on: date) -> JsonValue:
    if kind == "declaration":
        return True
    if kind == "date" and isinstance(given, Mapping):
        return (sent_on + timedelta(days=int(str(given["days"])))).isoformat()
    if kind == "bill" and isinstance(given, Mapping):
        return stored_fine(str(given["number"]), sent_on)
    if kind == "address" and isinstance(given, Mapping):
        return {part: given.get(part, "") for part in _ADDRESS}
    return given


def stored_fine(number: str, sent_on: date) -> JsonValue:
    """A fine as its register would give it; sending looks it up anew."""
    found = next(fine for fine in sample_fines(sent_on) if fine.number == number)
    return {
        "id": "sample",
        "number": found.number,
        "fact": found.fact,
        "amount": str(found.amount.amount),
        "currency": found.amount.currency,
        "what": dict(found.what),
        "place": found.place,
        "issued_on": found.issued_on.isoformat(),
        "due_on": found.due_on.isoformat(),
        "state": "open",
    }
