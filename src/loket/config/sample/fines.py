"""The parking fines of the sample county: a register of bills, as an office would hand it in."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from loket.kernel.money import Money
from loket.payments.bill_files import BillRow

AGENCY, REGISTER = "county-revenue", "parking-fines"
_FILE = Path(__file__).parent / "fines.yaml"
CURRENCY = "KES"
_TERM = timedelta(days=30)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Offence(_Part):
    amount: Decimal
    what: Mapping[str, str]


class _Fines(_Part):
    offences: Mapping[str, _Offence]
    fines: tuple[tuple[str, str, str, str, int], ...]


def sample_fines(today: date) -> tuple[BillRow, ...]:
    """Each as the register's file would have it; dates count back from today."""
    read = _Fines.model_validate(YAML(typ="safe").load(_FILE))
    return tuple(
        BillRow(
            line=line,
            number=number,
            fact=plate,
            amount=Money(read.offences[offence].amount, CURRENCY).rounded(),
            what=read.offences[offence].what,
            place=place,
            issued_on=today - timedelta(days=days_ago),
            due_on=today - timedelta(days=days_ago) + _TERM,
        )
        for line, (number, plate, offence, place, days_ago) in enumerate(read.fines, start=1)
    )
