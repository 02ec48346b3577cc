"""What documents are made of and what checking one says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from loket.documents.press.locks import Lock as Lock
from loket.identity.types import AgencyView

LocalText = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A name and what is said under it, line by line."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`quoted`: somebody's own words, set off from ours."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Questions, each with its answer below it."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of two columns, `columns` its head."""

    columns: tuple[str, str]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts as written, each with its name, and what they come to."""

    columns: tuple[str, str]
    lines: tuple[tuple[str, str], ...]
    total: tuple[str, str]


Block: TypeAlias = Heading | Paragraph | Bullets | Answers | Rows | Sums


@dataclass(frozen=True, slots=True)
class Letter:
    """An agency's letter, in words that are final. `about` names the service, `outcome` stands out."""

    agency: AgencyView
    language: str
    title: str
    about: str
    facts: tuple[Row, ...]
    blocks: tuple[Block, ...]
    made_at: datetime
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class CertifiedFact:
    """A line of a certificate; `signed` ones are in its code too."""

    key: str
    label: LocalText
    value: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """What to certify about whom. `template` is the pack's own, in Typst; empty: the standard one."""

    agency: AgencyView
    language: str
    key: str
    title: LocalText
    says: str
    holder: str
    facts: tuple[CertifiedFact, ...]
    issued_on: date
    expires_on: date | None
    reference: str
    template: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate as it was made. `payload` is what its code holds after the address."""

    pdf: bytes
    number: str
    payload: str


class Status(StrEnum):
    """What became of a certificate. Expiring is no status: it follows from the date."""

    ISSUED = "issued"
    REVOKED = "revoked"
    REPLACED = "replaced"


class WithdrawalReason(StrEnum):
    """Why a certificate was withdrawn: from a list, because words could say who it is about."""

    MISTAKE = "mistake"
    FRAUD = "fraud"
    NO_LONGER_TRUE = "no_longer_true"
    LOST = "lost"
    COURT = "court"


class Verdict(StrEnum):
    """What checking a document says. `ALTERED`: no key of ours signed these very words."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a certificate's code says, under its signature. `key` names the kind of document."""

    number: str
    key: str
    agency: str
    holder: str
    facts: Mapping[str, str]
    issued_on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What the register keeps of a certificate: nothing that says whose it is."""

    number: str
    agency_id: int
    key: str
    title: LocalText
    labels: Mapping[str, LocalText]
    status: Status
    issued_on: date
    expires_on: date | None
    withdrawn_at: datetime | None
    reason: WithdrawalReason | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict; what was signed where the signature is ours; what the register has where it has it."""

    verdict: Verdict
    statement: Statement | None = None
    entry: RegisterEntry | None = None


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signs or signed certificates. `id` is eight hexadecimal digits, `public` 64."""

    id: str
    public: str
    made_at: datetime
    retired_at: datetime | None = None
