"""Tables of money. Each piece that came says what became of it; the database holds it to that."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from loket.kernel.ids import new_id
from loket.payments.types import AttemptState, BillState, CloseReason, PaymentState, RefundState

# Amounts are in major units; some currencies count in thousandths.
_DIGITS, _PLACES = 18, 3
_OPEN_REFUNDS = [RefundState.DUE.value, RefundState.ASKED.value]


class Payment(models.Model):
    """Money asked for. `key` is the asker's own name for it, so that asking twice asks once.

    Erased: whose it was is gone, the amounts stay, as the law on public money wants.
    """

    holding: ClassVar = "payments"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=10)
    subject_id = models.UUIDField(null=True)
    bill_id = models.UUIDField(null=True)
    key = models.CharField(max_length=200, unique=True)
    reference = models.CharField(max_length=60, blank=True)
    title = models.JSONField()
    lines = models.JSONField()
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default=PaymentState.DUE.value)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=20, blank=True, default="")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject_kind"], name="payment_subject"),
            models.Index(fields=["agency", "reference"], name="payment_reference"),
            models.Index(
                fields=["expires_at"],
                name="payment_running_out",
                condition=Q(state__in=[PaymentState.DUE.value, PaymentState.PARTLY.value]),
            ),
            # Whoever pays a bill has the others who were asked for it asked no more.
            models.Index(fields=["bill_id"], name="payment_bill", condition=Q(bill_id__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[PaymentState.DUE.value, PaymentState.PARTLY.value],
                    paid_at__isnull=True,
                    closed_at__isnull=True,
                    closed_reason="",
                )
                | Q(
                    state=PaymentState.PAID.value,
                    paid_at__isnull=False,
                    closed_at__isnull=True,
                    closed_reason="",
                )
                | Q(
                    state=PaymentState.CLOSED.value,
                    paid_at__isnull=True,
                    closed_at__isnull=False,
                    closed_reason__in=[reason.value for reason in CloseReason],
                ),
                name="payment_state_times",
            ),
            models.CheckConstraint(
                condition=Q(subject_id__isnull=False, erased_at__isnull=True)
                | Q(subject_id__isnull=True, erased_at__isnull=False, reference=""),
                name="payment_erased",
            ),
        ]


class Attempt(models.Model):
    """A try to pay. Committed before its provider is called: whatever happens then can be found again.

    `provider_ref` is empty until the provider has said it; `receipt` is the payer's own number for the money,
    where that is another than its transaction; `url` the provider's page while it may be used
    again; `check_at` when the provider is next to be asked.
    """

    holding: ClassVar = "payments"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="attempts")
    provider = models.CharField(max_length=60)
    provider_ref = models.CharField(max_length=200, blank=True, default="")
    outside = models.BooleanField(default=False)
    receipt = models.CharField(max_length=60, blank=True, default="")
    url = models.TextField(blank=True, default="")
    language = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default=AttemptState.STARTED.value)
    reason = models.CharField(max_length=60, blank=True, default="")
    checks = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    check_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["check_at"], name="attempt_due", condition=Q(check_at__isnull=False)),
            # The tries of a day, when it is compared with the providers.
            models.Index(fields=["started_at"], name="attempt_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], name="attempt_ref_once", condition=~Q(provider_ref="")
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_amount"),
            models.CheckConstraint(
                condition=Q(state=AttemptState.STARTED.value, ended_at__isnull=True)
                | Q(
                    state__in=[
                        AttemptState.SUCCEEDED.value,
                        AttemptState.FAILED.value,
                        AttemptState.EXPIRED.value,
                    ],
                    ended_at__isnull=False,
                    check_at__isnull=True,
                ),
                name="attempt_state_times",
            ),
        ]


class MoneyIn(models.Model):
    """Money that came in one go. What is neither receipted nor returned is held.

    One without a payment is a transfer whose reference nobody knew; `reference` is what was written on it.
    """

    holding: ClassVar = "payments"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="money", null=True)
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="money", null=True)
    provider = models.CharField(max_length=60)
    transaction_id = models.CharField(max_length=200)
    reference = models.CharField(max_length=60, blank=True, default="")
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    receipted = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES, default=Decimal(0))
    returned = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES, default=Decimal(0))
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "taken_at"], name="money_day"),
            models.Index(fields=["agency"], name="money_unmatched", condition=Q(payment__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "transaction_id"], name="money_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, receipted__gte=0, returned__gte=0)
                & Q(amount__gte=F("receipted") + F("returned")),
                name="money_adds_up",
            ),
            models.CheckConstraint(condition=~Q(transaction_id=""), name="money_named"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False) | Q(receipted=0), name="money_receipted_for"
            ),
        ]


class ReceiptCounter(models.Model):
    """The last number given in an agency and year; its row is locked while the next is given."""

    not_personal: ClassVar = "counts"

    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "year"], name="receipt_counter_once")]


class Receipt(models.Model):
    """What the agency gives for a payment paid in full: one, with the next number."""

    holding: ClassVar = "payments"

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=30)
    provider = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "issued_at"], name="receipt_day")]
        constraints = [
            models.UniqueConstraint(fields=["agency", "year", "sequence"], name="receipt_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0, sequence__gt=0), name="receipt_amount"),
        ]


class Refund(models.Model):
    """Money that goes back. Its id is the provider's idempotency key, so that asking again gives it once.

    `from_receipt`: a receipt had been given for it. `due_at` is when the provider is next to be asked.
    `request_id` is its decider's own name for the decision, so that deciding twice gives back once.
    """

    holding: ClassVar = "payments"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    money = models.ForeignKey(MoneyIn, models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=20)
    from_receipt = models.BooleanField(default=False)
    request_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, default=RefundState.DUE.value)
    provider_ref = models.CharField(max_length=200, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="refund_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["created_at"], name="refund_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["money", "request_id"], name="refund_decided_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount"),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN_REFUNDS, due_at__isnull=False, ended_at__isnull=True)
                | Q(state=RefundState.DONE.value, due_at__isnull=True, ended_at__isnull=False)
                | Q(
                    state__in=[RefundState.FAILED.value, RefundState.BY_HAND.value],
                    due_at__isnull=True,
                    ended_at__isnull=True,
                ),
                name="refund_state_times",
            ),
            models.CheckConstraint(
                condition=~Q(state=RefundState.ASKED.value) | Q(asked_at__isnull=False),
                name="refund_asked_when",
            ),
        ]


class ParkedNotice(models.Model):
    """What a provider told of a try that nobody here knows, kept until it is known or somebody looked."""

    not_personal: ClassVar = "a provider's own ids and an amount, of nobody known here"

    provider = models.CharField(max_length=60)
    provider_ref = models.CharField(max_length=200)
    standing = models.CharField(max_length=10)
    transaction_id = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES, null=True)
    currency = models.CharField(max_length=3, blank=True)
    said_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField()
    heeded_at = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["parked_at"], name="parked_open", condition=Q(heeded_at__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref", "standing", "transaction_id"], name="parked_once"
            ),
        ]


class Disagreement(models.Model):
    """Where a provider and the ledger disagreed when the day was compared."""

    holding: ClassVar = "payments"

    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    day = models.DateField()
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    transaction_id = models.CharField(max_length=200, blank=True, default="")
    ours = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES, null=True)
    theirs = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES, null=True)
    their_currency = models.CharField(max_length=3, blank=True, default="")
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "day", "attempt", "kind"], name="disagreement_once"),
        ]


class BillRegister(models.Model):
    """An agency's list of bills, such as its parking fines; `key_id` is what they are sealed under."""

    not_personal: ClassVar = "names a list"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("identity.Agency", models.PROTECT, related_name="+")
    key = models.CharField(max_length=60)
    key_id = models.UUIDField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "key"], name="bill_register_once")]


class Bill(models.Model):
    """What somebody owes the agency. Found by the digest of its number; `sealed` is what it says in words.

    `paid_with` is the payment that settled it.
    """

    holding: ClassVar = "bills"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.ForeignKey(BillRegister, models.PROTECT, related_name="bills")
    number_digest = models.BinaryField(max_length=32)
    fact_digest = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    issued_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, default=BillState.OPEN.value)
    state_at = models.DateTimeField()
    paid_with = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "number_digest"], name="bill_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bill_amount"),
            models.CheckConstraint(
                condition=Q(state=BillState.PAID.value, paid_with__isnull=False)
                | Q(
                    state__in=[
                        BillState.OPEN.value,
                        BillState.CONTESTED.value,
                        BillState.CANCELLED.value,
                    ],
                    paid_with__isnull=True,
                ),
                name="bill_state",
            ),
        ]


class SandboxPage(models.Model):
    """A try at the demo's own make-believe bank: what a real provider would keep on its side."""

    not_personal: ClassVar = "make-believe money of the demo"

    ref = models.CharField(max_length=60, primary_key=True)
    attempt_id = models.UUIDField(unique=True)
    title = models.CharField(max_length=300)
    payee = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=_DIGITS, decimal_places=_PLACES)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=20)
    return_url = models.TextField()
    state = models.CharField(max_length=10, default="open")
    # What became of the try, and the money that came with it (several where it is paid twice).
    charges = models.JSONField(default=list)
    refunds = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
