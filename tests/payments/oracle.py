"""What always holds of money, looked for in the rows themselves and not through the code that wrote them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from loket.audit import actions as audit
from loket.audit.models import Entry
from loket.kernel import events
from loket.kernel.actors import SYSTEM
from loket.payments.events import MoneyReturned, PaymentReceived
from loket.payments.models import Attempt, MoneyIn, Payment, Receipt, ReceiptCounter, Refund, SandboxPage

_RECEIVED, _RETURNED = "test.received", "test.returned"
_listening: list[bool] = []


@contextmanager
def listening() -> Iterator[None]:
    """While it lasts, events leave a row that stands and falls with the transaction that published them."""
    _listening.append(True)
    try:
        yield
    finally:
        _listening.pop()


@events.on(PaymentReceived)
def _received(event: PaymentReceived) -> None:
    if _listening:
        audit.record(_RECEIVED, by=SYSTEM, about=f"payment:{event.payment_id}", now=event.paid_at)


@events.on(MoneyReturned)
def _returned(event: MoneyReturned) -> None:
    if _listening:
        audit.record(
            _RETURNED,
            by=SYSTEM,
            about=f"payment:{event.payment_id}",
            now=event.returned_at,
            amount=str(event.amount.amount),
        )


def faults() -> list[str]:
    """In sentences; none where all is well."""
    return [
        *_money_adds_up(),
        *_payments_agree_with_their_money(),
        *_receipts_have_no_gaps(),
        *_told_once(),
        *_the_bank_agrees(),
    ]


def _money_adds_up() -> Iterator[str]:
    """Money in = receipts + what went back + what is held, in each currency; and so for each piece."""
    came: dict[str, Decimal] = defaultdict(Decimal)
    for receipt in Receipt.objects.all():
        came[receipt.currency] -= receipt.amount
    refunds: dict[object, Decimal] = defaultdict(Decimal)
    for refund in Refund.objects.all():
        refunds[refund.money_id] += refund.amount
        if not refund.from_receipt:
            came[refund.currency] -= refund.amount
    for money in MoneyIn.objects.select_related("payment"):
        held = money.amount - money.receipted - money.returned
        came[money.currency] += money.amount - held
        if money.returned != refunds[money.id]:
            yield f"money {money.id}: {money.returned} returned, {refunds[money.id]} in refunds"
        if held and money.payment is not None and money.payment.state != "partly":
            yield f"money {money.id}: held for a payment that is {money.payment.state}"
    for currency, difference in came.items():
        if difference:
            yield f"{currency} {difference} came and is neither receipted, returned nor held"


def _payments_agree_with_their_money() -> Iterator[str]:
    receipts = {receipt.payment_id: receipt for receipt in Receipt.objects.all()}
    reversals: dict[object, Decimal] = defaultdict(Decimal)
    for refund in Refund.objects.filter(from_receipt=True).select_related("money"):
        reversals[refund.money.payment_id] += refund.amount
    for payment in Payment.objects.prefetch_related("money"):
        pieces = [money for money in payment.money.all() if money.currency == payment.currency]
        held = sum((money.amount - money.receipted - money.returned for money in pieces), Decimal(0))
        kept = sum((money.receipted for money in pieces), Decimal(0))
        receipt = receipts.get(payment.id)
        if (receipt is not None) != (payment.state == "paid"):
            yield f"payment {payment.id} is {payment.state}, receipt {receipt}"
        if receipt is not None and not receipt.amount == payment.amount == kept + reversals[payment.id]:
            yield f"payment {payment.id}: receipt {receipt.amount}, kept {kept}"
        if (payment.state == "partly") != (0 < held < payment.amount):
            yield f"payment {payment.id} is {payment.state} and holds {held}"


def _receipts_have_no_gaps() -> Iterator[str]:
    given: dict[tuple[int, int], list[int]] = defaultdict(list)
    for receipt in Receipt.objects.order_by("sequence"):
        given[receipt.agency_id, receipt.year].append(receipt.sequence)
    last = {(row.agency_id, row.year): row.last for row in ReceiptCounter.objects.all()}
    for where, numbers in given.items():
        if numbers != list(range(1, last.get(where, 0) + 1)):
            yield f"receipts of {where}: {numbers}, the counter says {last.get(where)}"
    yield from (f"numbers of {where} were used for nothing" for where in last.keys() - given.keys())


def _told_once() -> Iterator[str]:
    told = Counter(Entry.objects.filter(action=_RECEIVED).values_list("about_id", flat=True))
    paid = Counter(str(payment_id) for payment_id in Receipt.objects.values_list("payment_id", flat=True))
    if told != paid:
        yield f"receipts were told {told}, given {paid}"
    returned = Counter(Entry.objects.filter(action=_RETURNED).values_list("about_id", flat=True))
    refunds = Refund.objects.exclude(money__payment=None).values_list("money__payment_id", flat=True)
    if returned != Counter(map(str, refunds)):
        yield f"returns were told {returned}"


def _the_bank_agrees() -> Iterator[str]:
    """Nothing is in the books that the bank hasn't, and nothing went back that wasn't to."""
    pages = list(SandboxPage.objects.all())
    charges = {
        charge["id"]: (Decimal(charge["amount"]), charge["currency"])
        for page in pages
        for charge in page.charges
    }
    for money in MoneyIn.objects.filter(provider="sandbox"):
        if charges.get(money.transaction_id) != (money.amount, money.currency):
            yield f"money {money.transaction_id} is {money.amount}; the bank knows {charges}"
    given = {refund_id: Decimal(made["amount"]) for page in pages for refund_id, made in page.refunds.items()}
    wanted = {str(refund.id): refund for refund in Refund.objects.filter(money__provider="sandbox")}
    for refund_id, amount in given.items():
        if refund_id not in wanted or wanted[refund_id].amount != amount:
            yield f"the bank gave {amount} back for {refund_id}"
    for refund_id, refund in wanted.items():
        if refund.state == "done" and refund_id not in given:
            yield f"refund {refund_id} is done, and the bank knows nothing of it"
    attempts = {attempt.id: attempt for attempt in Attempt.objects.all()}
    for page in pages:
        attempt = attempts.get(page.attempt_id)
        if attempt is None or attempt.provider_ref not in ("", page.ref):
            yield f"the bank knows a try {page.attempt_id} that nobody made"
