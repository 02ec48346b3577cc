"""How faces say dates, numbers, money and sentences: as everything below them does."""

from loket.kernel.words import (
    amount,
    clock_time,
    direction,
    language,
    local_text,
    long_date,
    long_moment,
    number,
    say,
    short_date,
)

__all__ = [
    "amount",
    "clock_time",
    "direction",
    "language",
    "local_text",
    "long_date",
    "long_moment",
    "number",
    "say",
    "short_date",
]
