"""Amounts in the currencies of the world."""

from decimal import Decimal

import pytest

from loket.kernel.money import Money


@pytest.mark.parametrize(
    ("currency", "exact"),
    [("KES", "10.56"), ("IDR", "10.56"), ("EUR", "10.56"), ("XOF", "11"), ("XAF", "11"), ("UGX", "11"),
     ("JPY", "11"), ("CLP", "11"), ("JOD", "10.556"), ("IQD", "10.556"), ("OMR", "10.556")],
)  # fmt: skip
def test_an_amount_has_the_coins_of_its_currency(currency: str, exact: str) -> None:
    assert str(Money(Decimal("10.5555"), currency).rounded().amount) == exact
