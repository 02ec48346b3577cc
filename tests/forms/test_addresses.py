import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loket.forms.addresses import is_email, is_phone, read_email, read_phone, readable_phone
from loket.forms.types import Problem

COUNTRIES = st.sampled_from(["", "XX", *sorted(phonenumbers.SUPPORTED_REGIONS)])
DIALLED = st.tuples(
    st.sampled_from(["", "+", "0", "00", "+254", "+62", "+39 0", "8", "(0)"]),
    st.text("0123456789 -", min_size=2, max_size=14),
).map("".join)


def check_phone(read: str | Problem, country: str) -> None:
    """A number that is taken is the same number whenever it is read again."""
    if isinstance(read, str) and read:
        assert is_phone(read)
        assert read_phone(readable_phone(read), country) == read


@given(DIALLED | st.text(max_size=30), COUNTRIES)
@settings(max_examples=400, deadline=None)
def test_a_phone_number_taken_stays_the_same_number(typed: str, country: str) -> None:
    check_phone(read_phone(typed, country), country)


def test_the_check_notices_a_number_that_changes_when_read_again() -> None:
    assert isinstance(read_phone("0000336578", "IL"), Problem)
    with pytest.raises(AssertionError):
        check_phone("+972000336578", "IL")


@given(st.emails() | st.text(max_size=40) | st.tuples(st.text(max_size=9), st.text(max_size=9)).map("@".join))
@settings(max_examples=300, deadline=None)
def test_an_email_address_taken_stays_the_same_address(typed: str) -> None:
    read = read_email(typed)
    if isinstance(read, str) and read:
        assert is_email(read)
        assert read.count("@") == 1
        assert not set(read) & set("\r\n ,;<>")


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("+39 02 1234 5678", "KE", "+390212345678"),
        ("00254712345678", "ID", "+254712345678"),
        ("0812-3456-7890", "id", "+6281234567890"),
        ("(020) 2222 000", "KE", "+254202222000"),
        ("０７１２３４５６７８", "KE", "+254712345678"),
    ],
)
def test_a_phone_number_is_read_as_people_write_it(typed: str, country: str, expected: str) -> None:
    assert read_phone(typed, country) == expected


def test_without_a_country_the_country_code_is_asked_for() -> None:
    refused = read_phone("0712 345678", "")
    assert isinstance(refused, Problem)
    assert refused.message.msgid.startswith("Start the phone number with +")


def test_a_long_domain_label_is_refused() -> None:
    assert isinstance(read_email("a@" + "b" * 64 + ".com"), Problem)
    assert read_email("a@" + "b" * 63 + ".com") == "a@" + "b" * 63 + ".com"
