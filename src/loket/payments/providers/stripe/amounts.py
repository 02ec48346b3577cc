"""Amounts as Stripe writes them: whole numbers of a currency's smallest unit, by its own list.

From docs.stripe.com/currencies, November 2026. The list is not ISO 4217's: ISK and UGX, which have no
minor unit, are written with two zeros; amounts with three digits must end in 0.
"""

from decimal import Decimal

from loket.kernel.money import Money

_NO_DIGITS = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905 - reads as a list
)
_THREE_DIGITS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_WHOLE_ONLY = frozenset({"ISK", "UGX"})
_GREATEST = 99_999_999


def takes(amount: Money) -> bool:
    """Whether Stripe can express the amount exactly. What its account may charge, Stripe alone knows."""
    if not amount.amount.is_finite() or len(amount.currency) != 3:
        return False
    minor = amount.amount.scaleb(_digits(amount.currency))
    step = 10 if amount.currency in _THREE_DIGITS else 100 if amount.currency in _WHOLE_ONLY else 1
    return 0 < minor <= _GREATEST and minor == minor.to_integral_value() and minor % step == 0


def to_minor(amount: Money) -> int:
    """Raises ValueError where `takes` says no."""
    if not takes(amount):
        raise ValueError(f"Stripe can't express {amount.amount} {amount.currency}")
    return int(amount.amount.scaleb(_digits(amount.currency)))


def from_minor(minor: int, currency: str) -> Money:
    """`currency` in the small letters that Stripe uses."""
    code = currency.upper()
    return Money(Decimal(minor).scaleb(-_digits(code)), code)


def _digits(currency: str) -> int:
    return 0 if currency in _NO_DIGITS else 3 if currency in _THREE_DIGITS else 2
