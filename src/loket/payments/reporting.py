"""The daily report of an agency's money, as values, CSV and XLSX."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from loket.identity import queries as identity
from loket.kernel.money import Money
from loket.payments.comparing import bounds
from loket.payments.models import Disagreement, MoneyIn, Receipt, Refund
from loket.payments.types import Difference, DifferenceKind, Entry, EntryKind, Reconciliation, Totals

_NOTHING = Decimal(0)
_HEADINGS = ("kind", "at", "provider", "reference", "number", "amount", "currency", "detail")
_SUMS = (
    "currency",
    "held_before",
    "money_in",
    "receipted",
    "returned",
    "held",
    "reversed_receipts",
    "balanced",
)
# What a spreadsheet program would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def reconciliation(agency_id: int, day: date) -> Reconciliation:
    since, until = bounds(agency_id, day)
    entries = sorted(
        chain(
            _money_in(agency_id, since, until),
            _receipts(agency_id, since, until),
            _refunds(agency_id, since, until),
        ),
        key=lambda entry: (entry.at, entry.kind, entry.number),
    )
    return Reconciliation(
        agency_id=agency_id,
        day=day,
        entries=(*entries, *_held(agency_id, until)),
        totals=tuple(_totals(agency_id, since, until)),
        differences=tuple(_differences(agency_id, day)),
    )


def as_csv(report: Reconciliation) -> bytes:
    written = io.StringIO(newline="")
    sheet = csv.writer(written, quoting=csv.QUOTE_ALL)
    sheet.writerow(_HEADINGS)
    sheet.writerows([_harmless(cell) for cell in row] for row in _rows(report))
    sheet.writerow([])
    sheet.writerow(_SUMS)
    sheet.writerows([_harmless(str(cell)) for cell in row] for row in _sums(report))
    return "\N{BYTE ORDER MARK}".encode() + written.getvalue().encode("utf-8", "replace")


def as_xlsx(report: Reconciliation) -> bytes:
    # 5 MB that a web worker needs once a day, if ever: loaded then.
    openpyxl = import_module("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "entries"
    for at, (headings, rows) in enumerate(((_HEADINGS, _rows(report)), (_SUMS, _sums(report)))):
        if at:
            sheet = book.create_sheet("totals")
        sheet.append(list(headings))
        for cell in sheet[1]:
            cell.font = openpyxl.styles.Font(bold=True)
        for row in rows:
            sheet.append([_cell(value) for value in row])
        sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _rows(report: Reconciliation) -> Iterator[tuple[str | Decimal, ...]]:
    zone = ZoneInfo(identity.agency_known(report.agency_id).timezone)
    for entry in report.entries:
        at = entry.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        amount = entry.amount.rounded()
        yield (
            entry.kind.value, at, entry.provider, entry.reference, entry.number,
            amount.amount, amount.currency, entry.detail,
        )  # fmt: skip
    for found in report.differences:
        theirs = f"{found.theirs.rounded().amount} {found.theirs.currency}" if found.theirs else "-"
        ours = found.ours.rounded() if found.ours else None
        yield (
            EntryKind.DIFFERENCE.value, str(report.day), found.provider, found.provider_ref,
            found.transaction_id, ours.amount if ours else "", ours.currency if ours else "",
            f"{found.kind.value}: provider {theirs}",
        )  # fmt: skip


def _sums(report: Reconciliation) -> Iterator[tuple[str | Decimal, ...]]:
    for sums in report.totals:
        yield (
            sums.currency, sums.held_before.amount, sums.money_in.amount, sums.receipted.amount,
            sums.returned.amount, sums.held.amount, sums.reversed_receipts.amount,
            "yes" if sums.balanced else "NO",
        )  # fmt: skip


def _harmless(cell: str | Decimal) -> str:
    """Text that no spreadsheet program takes for a formula. Amounts here are never negative."""
    text = "".join(letter for letter in str(cell) if letter.isprintable())
    # Some signs were just taken away: what stands first now is what counts.
    return f"'{text}" if text.startswith(_FORMULA) or str(cell).startswith(_FORMULA) else text


def _cell(value: str | Decimal) -> str | Decimal:
    return value if isinstance(value, Decimal) else _harmless(value)


def _money_in(agency_id: int, since: datetime, until: datetime) -> Iterator[Entry]:
    rows = MoneyIn.objects.filter(agency_id=agency_id, taken_at__gte=since, taken_at__lt=until)
    for row in rows.select_related("payment").order_by("taken_at"):
        yield _entry_of_money(row, EntryKind.MONEY_IN)


def _held(agency_id: int, until: datetime) -> Iterator[Entry]:
    """What waits at the end of the day for its rest or for somebody who knows it: whole pieces always."""
    rows = MoneyIn.objects.filter(agency_id=agency_id, taken_at__lt=until)
    settled = Q(payment__receipt__issued_at__lt=until) | Q(refunds__created_at__lt=until)
    for row in (
        rows.exclude(id__in=rows.filter(settled).values("id")).select_related("payment").order_by("id")
    ):
        yield _entry_of_money(row, EntryKind.HELD)


def _entry_of_money(row: MoneyIn, kind: EntryKind) -> Entry:
    return Entry(
        kind=kind,
        at=row.taken_at,
        provider=row.provider,
        reference=row.payment.reference if row.payment else row.reference,
        number=row.transaction_id.removeprefix(f"{row.agency_id}:"),
        amount=Money(row.amount, row.currency).rounded(),
        detail="" if row.payment_id else "unmatched",
    )


def _receipts(agency_id: int, since: datetime, until: datetime) -> Iterator[Entry]:
    rows = Receipt.objects.filter(agency_id=agency_id, issued_at__gte=since, issued_at__lt=until)
    for row in rows.select_related("payment").order_by("sequence"):
        yield Entry(
            kind=EntryKind.RECEIPT,
            at=row.issued_at,
            provider=row.provider,
            reference=row.payment.reference,
            number=row.number,
            amount=Money(row.amount, row.currency).rounded(),
            detail="",
        )


def _refunds(agency_id: int, since: datetime, until: datetime) -> Iterator[Entry]:
    rows = Refund.objects.filter(money__agency_id=agency_id, created_at__gte=since, created_at__lt=until)
    for row in rows.select_related("money__payment").order_by("created_at"):
        money = row.money
        yield Entry(
            kind=EntryKind.REFUND,
            at=row.created_at,
            provider=money.provider,
            reference=money.payment.reference if money.payment else money.reference,
            number=money.transaction_id.removeprefix(f"{money.agency_id}:"),
            amount=Money(row.amount, row.currency).rounded(),
            detail=" ".join(filter(None, (row.reason, row.state, row.trouble))),
        )


def _differences(agency_id: int, day: date) -> Iterator[Difference]:
    rows = Disagreement.objects.filter(agency_id=agency_id, day=day).select_related("attempt")
    for row in rows.order_by("id"):
        yield Difference(
            kind=DifferenceKind(row.kind),
            provider=row.attempt.provider,
            provider_ref=row.attempt.provider_ref,
            transaction_id=row.transaction_id,
            ours=Money(row.ours, row.attempt.currency).rounded() if row.ours is not None else None,
            theirs=Money(row.theirs, row.their_currency).rounded() if row.theirs is not None else None,
        )


def _totals(agency_id: int, since: datetime, until: datetime) -> Iterator[Totals]:
    money = MoneyIn.objects.filter(agency_id=agency_id)
    receipts = Receipt.objects.filter(agency_id=agency_id)
    returned = Refund.objects.filter(money__agency_id=agency_id, from_receipt=False)
    reversed_ = Refund.objects.filter(money__agency_id=agency_id, from_receipt=True)
    came = _summed(money.filter(taken_at__lt=until))
    for currency in sorted(came):
        sums: dict[str, QuerySet[Any]] = {
            "came_before": money.filter(taken_at__lt=since),
            "money_in": money.filter(taken_at__gte=since, taken_at__lt=until),
            "receipted_before": receipts.filter(issued_at__lt=since),
            "receipted": receipts.filter(issued_at__gte=since, issued_at__lt=until),
            "returned_before": returned.filter(created_at__lt=since),
            "returned": returned.filter(created_at__gte=since, created_at__lt=until),
            "reversed": reversed_.filter(created_at__gte=since, created_at__lt=until),
        }
        at = {name: _summed(rows)[currency] for name, rows in sums.items()}
        before = at["came_before"] - at["receipted_before"] - at["returned_before"]
        held = before + at["money_in"] - at["receipted"] - at["returned"]
        on_pieces = money.filter(currency=currency).aggregate(
            receipted=Sum("receipted"), returned=Sum("returned")
        )
        gone_back = _summed(returned)[currency] + _summed(reversed_)[currency]
        still = _summed(receipts)[currency] - _summed(reversed_)[currency]

        def money_of(amount: Decimal, currency: str = currency) -> Money:
            return Money(amount, currency).rounded()

        yield Totals(
            currency=currency,
            held_before=money_of(before),
            money_in=money_of(at["money_in"]),
            receipted=money_of(at["receipted"]),
            returned=money_of(at["returned"]),
            held=money_of(held),
            reversed_receipts=money_of(at["reversed"]),
            balanced=(on_pieces["receipted"], on_pieces["returned"]) == (still, gone_back),
        )


def _summed(rows: QuerySet[Any]) -> dict[str, Decimal]:
    """Sums by currency, zero for those there are none of."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows.order_by().values("currency").annotate(total=Sum("amount")):
        found[row["currency"]] = row["total"]
    return found
