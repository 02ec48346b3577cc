"""The day's report: adds up, opens in a spreadsheet program, harms nobody who opens it."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from loket.config.commands.money import payments
from loket.identity.types import AgencyView
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.payments import actions, comparing, queries, sweeping
from loket.payments.events import PaymentReceived
from loket.payments.models import MoneyIn, Payment, SandboxPage
from loket.payments.providers.sandbox import bank
from loket.payments.providers.sandbox.bank import Doing
from loket.payments.types import CloseReason, DifferenceKind, EntryKind, Reconciliation
from tests.payments import till
from tests.payments.till import NOW, OWED, kes, paid, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
DAY = date(2026, 11, 23)


def a_day(agency: AgencyView) -> Reconciliation:
    """Paid; paid too much; paid in part; a transfer whose reference is a formula; something given back."""
    first, second, third = (till.asked(agency, reference=f"R-{at}") for at in range(3))
    paid(first)
    paid(second, Doing.TOO_MUCH)
    paid(third, Doing.PARTLY)
    actions.record_transfer(
        agency_id=agency.id, reference='=HYPERLINK("http://x")', amount=kes("10.00"), transaction_id="+1",
        received_at=NOW, by=SYSTEM, now=NOW,
    )  # fmt: skip
    actions.refund(payment_id=first, amount=kes("50.00"), reason="goodwill", by=SYSTEM, now=NOW)
    return queries.reconciliation(agency.id, DAY)


def test_a_day_adds_up(agency: AgencyView) -> None:
    (sums,) = a_day(agency).totals
    assert (sums.held_before, sums.money_in) == (kes("0.00"), kes("3160.00"))
    assert (sums.receipted, sums.returned) == (kes("2100.00"), kes("525.00"))
    assert (sums.held, sums.reversed_receipts, sums.balanced) == (kes("535.00"), kes("50.00"), True)


def test_the_next_day_starts_with_what_was_held(agency: AgencyView) -> None:
    a_day(agency)
    waiting = next(row for row in MoneyIn.objects.exclude(payment=None) if row.receipted + row.returned == 0)
    assert waiting.payment_id
    tomorrow = NOW + timedelta(days=1)
    actions.close(payment_id=waiting.payment_id, reason=CloseReason.LAPSED, by=SYSTEM, now=tomorrow)
    report = queries.reconciliation(agency.id, DAY + timedelta(days=1))
    (sums,) = report.totals
    assert (sums.held_before, sums.money_in, sums.held) == (kes("535.00"), kes("0.00"), kes("10.00"))
    assert [entry.kind for entry in report.entries] == [EntryKind.REFUND, EntryKind.HELD]


def test_days_are_the_agency_s_own(agency: AgencyView) -> None:
    """A quarter to midnight in Greenwich is the next day in Nairobi, and so is its new year."""
    night = NOW.replace(month=12, day=31, hour=23, minute=45)
    payment = till.asked(agency, now=night)
    paid(payment, now=night)
    assert seen(payment).receipts[0].number == "TRA-2027-000001"
    assert queries.reconciliation(agency.id, date(2026, 12, 31)).entries == ()
    assert len(queries.reconciliation(agency.id, date(2027, 1, 1)).entries) == 2


def test_a_ledger_that_does_not_add_up_is_told(agency: AgencyView) -> None:
    a_day(agency)
    row = MoneyIn.objects.exclude(receipted=0).first()
    assert row is not None
    MoneyIn.objects.filter(id=row.id).update(receipted=row.receipted - 1)
    (sums,) = queries.reconciliation(agency.id, DAY).totals
    assert not sums.balanced


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(agency: AgencyView) -> None:
    written = queries.reconciliation_csv(a_day(agency))
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))
    kinds = [row[0] for row in rows[1:] if row]
    assert kinds.count("money_in") == 4
    assert kinds.count("receipt") == 2
    assert kinds.count("refund") == 2
    assert kinds.count("held") == 2
    cells = [cell for row in rows for cell in row]
    assert '\'=HYPERLINK("http://x")' in cells
    assert "'+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("hidden_before", ["\x01", "\u200b", "\x7f\u202e"])
def test_a_formula_behind_signs_that_are_taken_away_is_none_either(
    agency: AgencyView, hidden_before: str
) -> None:
    actions.record_transfer(
        agency_id=agency.id, reference=f"{hidden_before}=1+1", amount=kes("10.00"), transaction_id="T-1",
        received_at=NOW, by=SYSTEM, now=NOW,
    )  # fmt: skip
    report = queries.reconciliation(agency.id, DAY)
    cells = next(
        csv.reader(io.StringIO(queries.reconciliation_csv(report).decode("utf-8-sig").split("\r\n")[1]))
    )
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith("=")]


def test_the_workbook_holds_the_same_and_no_formula(agency: AgencyView) -> None:
    report = a_day(agency)
    book = load_workbook(io.BytesIO(queries.reconciliation_xlsx(report)))
    entries, totals = book["entries"], book["totals"]
    assert entries.max_row == 1 + len(report.entries)
    assert not [cell for row in entries.iter_rows() for cell in row if cell.data_type == "f"]
    amounts = [row[5].value for row in entries.iter_rows(min_row=2) if row[0].value == "money_in"]
    assert sum(amounts) == 3160  # type: ignore[arg-type]
    assert totals.cell(2, 3).value == 3160


def test_what_a_bank_has_and_never_told_is_found_and_taken_in(agency: AgencyView) -> None:
    payment = till.asked(agency)
    ref = till.begun(payment)
    bank.press(ref=ref, doing=Doing.LATE, now=NOW)
    for _ in range(2):
        assert comparing.compare(agency_id=agency.id, day=DAY, now=NOW + timedelta(days=1)) == 1
    (found,) = queries.reconciliation(agency.id, DAY).differences
    assert (found.kind, found.theirs, found.ours) == (DifferenceKind.UNSEEN, OWED, None)
    assert seen(payment).received == OWED


@pytest.mark.parametrize(
    ("charges", "kind"), [("fewer", DifferenceKind.OTHER_AMOUNT), ("none", DifferenceKind.UNKNOWN_THERE)]
)
def test_money_that_a_bank_denies_is_told(agency: AgencyView, charges: str, kind: DifferenceKind) -> None:
    paid(till.asked(agency))
    page = SandboxPage.objects.get()
    page.charges = [] if charges == "none" else [{**page.charges[0], "amount": "1.00"}]
    page.save()
    comparing.compare(agency_id=agency.id, day=DAY, now=NOW)
    (found,) = queries.reconciliation(agency.id, DAY).differences
    assert (found.kind, found.ours) == (kind, OWED)


def test_a_bank_that_can_not_be_asked_is_told_until_it_can(agency: AgencyView) -> None:
    paid(till.asked(agency))
    page = SandboxPage.objects.get()
    SandboxPage.objects.all().delete()
    assert comparing.compare(agency_id=agency.id, day=DAY, now=NOW) == 1
    page.save(force_insert=True)
    assert comparing.compare(agency_id=agency.id, day=DAY, now=NOW) == 0


def test_each_agency_s_yesterday_is_compared_at_four_in_the_morning(agency: AgencyView) -> None:
    assert sweeping.compare_yesterday(now=NOW.replace(hour=0, minute=20)) == 0
    assert sweeping.compare_yesterday(now=NOW.replace(hour=1, minute=20)) == 1


@pytest.mark.parametrize("written_as", ["csv", "xlsx"])
def test_the_command_writes_the_report(agency: AgencyView, tmp_path: Path, written_as: str) -> None:
    a_day(agency)
    file = tmp_path / "report"
    words = ["reconcile", "--agency", agency.key, "--day", "2026-11-23", "--format", written_as]
    done = CliRunner().invoke(payments, [*words, "--output", str(file)])
    assert done.exit_code == 0, done.output
    assert "10 entries, 0 differences" in done.output
    assert file.read_bytes()[:2] in (b"PK", b"\xef\xbb")


def test_the_command_says_what_is_wrong(agency: AgencyView, tmp_path: Path) -> None:
    words = ["reconcile", "--day", "2026-11-23", "--agency"]
    unknown = CliRunner().invoke(payments, [*words, "nobody", "--output", str(tmp_path / "x")])
    assert unknown.exit_code == 1
    assert "There is no agency 'nobody'" in unknown.output
    nowhere = CliRunner().invoke(payments, [*words, agency.key, "--output", str(tmp_path / "no" / "x")])
    assert nowhere.exit_code == 1
    assert "can't be written" in nowhere.output
    paid(till.asked(agency))
    MoneyIn.objects.update(receipted=1)
    crooked = CliRunner().invoke(payments, [*words, agency.key, "--output", str(tmp_path / "x")])
    assert crooked.exit_code == 1
    assert (tmp_path / "x").exists()


def test_money_that_can_not_be_taken_in_keeps_nothing_else_from_the_report(agency: AgencyView) -> None:
    refs = [till.begun(till.asked(agency)) for _ in range(2)]
    for ref in refs:
        bank.press(ref=ref, doing=Doing.LATE, now=NOW)
    broken = Payment.objects.order_by("id").first()
    assert broken

    def trouble(received: PaymentReceived) -> None:
        if received.payment_id == broken.id:
            raise LookupError("its team is gone")

    events.on(PaymentReceived)(trouble)
    try:
        assert comparing.compare(agency_id=agency.id, day=DAY, now=NOW + timedelta(days=1)) == 2
    finally:
        events._handlers[PaymentReceived].remove(trouble)
    assert MoneyIn.objects.exclude(payment=broken).count() == 1
    assert not MoneyIn.objects.filter(payment=broken).exists(), "taken in with its case or not at all"
