"""Money: our books, the bank's books and what people pressed, all three against each other."""

from collections import defaultdict
from decimal import Decimal

from django.db.models import F

from benchmarks.crash.book import Book
from benchmarks.crash.findings import Check
from loket.casework.models import Case, CasePaper
from loket.casework.types import PaperKind, Phase
from loket.payments.models import MoneyIn, Payment, Receipt, ReceiptCounter, Refund, SandboxPage
from loket.payments.types import PaymentState, RefundState

_CHARGES = {"decline": 0, "charged_twice": 2}
_SHARE = {"partly": Decimal("0.5"), "too_much": Decimal("1.5")}


def checks(book: Book) -> list[Check]:
    return [_bank(), _buttons(book), _adds_up(), _refunds(), _numbers(), _cases()]


def _bank() -> Check:
    """Every charge of the bank is money in our books, of the same amount, and nothing else is."""
    theirs = {
        charge["id"]: Decimal(charge["amount"])
        for page in SandboxPage.objects.all()
        for charge in page.charges
    }
    rows = MoneyIn.objects.filter(provider="sandbox").values_list("transaction_id", "amount")
    ours = dict(rows)
    wrong = [f"the bank took {amount} as {name}: we have {ours.get(name)}"
             for name, amount in theirs.items() if ours.get(name) != amount]  # fmt: skip
    wrong += [f"we have {name}, and the bank does not" for name in ours if name not in theirs]
    return Check("payment", "The bank's books and ours have the same money", len(theirs), wrong)


def _buttons(book: Book) -> Check:
    """What people pressed at the bank happened there, once."""
    wrong: list[str] = []
    pages = {page.ref: page for page in SandboxPage.objects.all()}
    pressed = [one for story in book.stories for one in story.pressed if one.acknowledged]
    for one in pressed:
        page = pages.get(one.ref)
        charged = [Decimal(charge["amount"]) for charge in page.charges] if page else []
        count = _CHARGES.get(one.doing, 1)
        due = [page.amount * _SHARE.get(one.doing, Decimal(1))] * count if page else []
        if page is None or [amount.quantize(Decimal(1)) for amount in charged] != [
            amount.quantize(Decimal(1)) for amount in due
        ]:
            wrong.append(f"{one.doing} at {one.ref}: {charged}")
    return Check("pressed", "Whatever somebody was told that they paid was charged", len(pressed), wrong)


def _adds_up() -> Check:
    """Money in = receipted + returned + held, for each payment and altogether."""
    wrong: list[str] = []
    by_payment: dict[object, list[MoneyIn]] = defaultdict(list)
    for money in MoneyIn.objects.all():
        by_payment[money.payment_id].append(money)
        back = sum((refund.amount for refund in money.refunds.all()), Decimal(0))
        if back != money.returned:
            wrong.append(f"money {money.transaction_id}: {money.returned} to go back, refunds of {back}")
    for payment in Payment.objects.all():
        pieces = by_payment.get(payment.id, [])
        receipted = sum((piece.receipted for piece in pieces), Decimal(0))
        held = sum((piece.amount - piece.receipted - piece.returned for piece in pieces), Decimal(0))
        paid = payment.state == PaymentState.PAID
        if receipted != (payment.amount if paid else 0):
            wrong.append(
                f"payment {payment.id} is {payment.state}, receipted {receipted} of {payment.amount}"
            )
        if paid and held:
            wrong.append(f"payment {payment.id} is paid and holds {held} besides")
        if not paid and held >= payment.amount:
            wrong.append(f"payment {payment.id} holds {held} of {payment.amount} and is not paid")
        if paid != Receipt.objects.filter(payment=payment, amount=payment.amount).exists():
            wrong.append(f"payment {payment.id} is {payment.state}, and a receipt says otherwise")
    return Check(
        "money", "Money in is receipted, returned or held, each once", Payment.objects.count(), wrong
    )


def _refunds() -> Check:
    """Each refund was made, at the bank too, and nothing went back that is no refund of ours."""
    wrong: list[str] = []
    given = {
        refund_id: made for page in SandboxPage.objects.all() for refund_id, made in page.refunds.items()
    }
    rows = list(Refund.objects.all())
    for refund in rows:
        made = given.pop(str(refund.id), None)
        if refund.state != RefundState.DONE:
            wrong.append(f"refund {refund.id} is {refund.state}")
        elif made is None or Decimal(made["amount"]) != refund.amount:
            wrong.append(f"refund {refund.id} of {refund.amount}: the bank gave {made}")
    wrong += [f"the bank gave {made} back as {name}, which nobody decided" for name, made in given.items()]
    return Check("refund", "Every refund was made, once", len(rows), wrong)


def _numbers() -> Check:
    wrong: list[str] = []
    for counter in ReceiptCounter.objects.all():
        given = Receipt.objects.filter(agency_id=counter.agency_id, year=counter.year)
        numbers = sorted(given.values_list("sequence", flat=True))
        if numbers != list(range(1, counter.last + 1)):
            wrong.append(
                f"agency {counter.agency_id}, {counter.year}: {len(numbers)} receipts up to {counter.last}"
            )
    return Check("receipt", "Receipt numbers have no gaps", Receipt.objects.count(), wrong)


def _cases() -> Check:
    """A case whose fee is paid has begun, and has its receipt; one that has begun is paid."""
    wrong: list[str] = []
    paid = Payment.objects.filter(state=PaymentState.PAID, reference=F("key")).count()
    receipts = set(CasePaper.objects.filter(kind=PaperKind.RECEIPT).values_list("key", flat=True))
    for payment in Payment.objects.all():
        case = Case.objects.filter(id=payment.subject_id or payment.id).first()
        if case is None:
            wrong.append(f"payment {payment.id} is for a case that is not there")
            continue
        if (payment.state == PaymentState.PAID) == (case.phase == Phase.UNPAID):
            wrong.append(f"payment {payment.id} is {payment.state}, case {case.reference} is {case.phase}")
        if payment.state == PaymentState.PAID and str(payment.id) not in receipts:
            wrong.append(f"case {case.reference} is paid and has no receipt to read")
    return Check(
        "begun", "A case begins when it is paid, and only then", Payment.objects.count() + paid, wrong
    )
