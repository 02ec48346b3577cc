"""Dates, numbers, money and sentences in three languages."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from loket.kernel.money import Money
from loket.kernel.text import Message
from loket.web import words

DAY = date(2026, 3, 7)


@pytest.mark.parametrize(
    ("language", "day", "amount"),
    [
        ("en", "7 March 2026", "KES\xa01,050.00"),
        ("id", "7 Maret 2026", "KES\xa01.050,00"),
        ("sw", "7 Machi 2026", "Ksh\xa01,050.00"),
    ],
)
def test_day_and_amount_in_each_language(language: str, day: str, amount: str) -> None:
    with translation.override(language):
        assert words.long_date(DAY) == day
        assert words.amount(Money(Decimal("1050.00"), "KES")) == amount
        assert words.amount(Money(Decimal("-1050.00"), "KES")) == "\N{MINUS SIGN}" + amount


def test_a_moment_is_told_in_the_active_time_zone() -> None:
    moment = datetime(2026, 3, 7, 22, 30, tzinfo=UTC)
    with translation.override("en"), timezone.override("Africa/Nairobi"):
        assert words.long_moment(moment) == "8 March 2026, 01:30"
        assert words.long_date(moment) == "8 March 2026"
        assert words.clock_time(time(9, 5)) == "09:05"


def test_a_sentence_says_its_parameters_in_the_same_language() -> None:
    message = Message("%(what)s: %(many)s, %(day)s, %(inner)s", {
        "what": {"en": "Fee", "id": "Biaya"}, "many": 1234, "day": DAY, "inner": Message("Back"),
    })  # fmt: skip
    with translation.override("id"):
        assert words.say(message) == "Biaya: 1.234, 7 Maret 2026, Kembali"


def test_local_text_falls_back_to_english() -> None:
    with translation.override("sw"):
        assert words.local_text({"en": "Licence", "id": "SIM"}) == "Licence"
        assert words.local_text(None) == ""
        assert words.direction("ar") == "rtl"
