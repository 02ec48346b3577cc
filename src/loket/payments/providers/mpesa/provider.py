"""M-Pesa in Kenya: a request comes up on the person's phone (STK push), and the PIN is typed there.

What became of it is believed from asking Daraja (`check`) alone; call-backs only say that it is time to ask
(see `callbacks`). The answer tells no amount, because a push takes exactly what it asked; and no receipt
number, so that the money is named by the push it came by, and M-Pesa's number is kept beside it.

Money goes back by a reversal of the whole transaction, where the operator has set up an initiator and
M-Pesa's number came; otherwise by hand.
"""

from collections.abc import Mapping
from datetime import datetime

import phonenumbers
from django.conf import settings

from loket.kernel.money import Money
from loket.kernel.text import Message, marked
from loket.payments.providers.mpesa import callbacks, daraja
from loket.payments.registry import (
    Asks,
    Notice,
    Order,
    Prompted,
    ProviderAway,
    ProviderRefused,
    Refunding,
    RefundNotice,
    RefundOrder,
    Standing,
    Started,
)

# Whole shillings; the most that one transaction may carry since August 2023.
_LEAST, _MOST = 1, 250_000
# The results after which nothing more comes, as words for staff. A result that is not here leaves it open.
_ENDS = {
    "1": "too_little_money",
    "1001": "phone_busy",
    "1019": "expired",
    "1025": "not_delivered",
    "1032": "cancelled",
    "1037": "no_answer",
    "2001": "wrong_pin",
    "9999": "not_delivered",
}
_STILL_GOING_ON = "500.001.1001"
_LONGEST_REFERENCE, _LONGEST_DESCRIPTION = 12, 13


class Mpesa:
    key = "mpesa"
    label = Message(marked("M-Pesa"))
    asks = Asks.PHONE
    demo_only = False

    def configured(self) -> bool:
        return all(
            (
                settings.MPESA_CONSUMER_KEY,
                settings.MPESA_CONSUMER_SECRET,
                settings.MPESA_SHORTCODE,
                settings.MPESA_PASSKEY,
            )
        )

    def takes(self, amount: Money) -> bool:
        return (
            amount.currency == "KES"
            and amount.amount.is_finite()
            and amount.amount == amount.amount.to_integral_value()
            and _LEAST <= amount.amount <= _MOST
        )

    def start(self, order: Order, *, now: datetime) -> Started:
        """Daraja knows no idempotency key: a second call is a second request on the phone."""
        if not self.takes(order.amount):
            raise ProviderRefused("amount")
        phone = _subscriber(order.phone)
        reference = "".join(filter(str.isalnum, order.reference))
        pays_till = bool(settings.MPESA_TILL)
        answer = daraja.post(
            "/mpesa/stkpush/v1/processrequest",
            {
                **daraja.signed(now),
                "TransactionType": "CustomerBuyGoodsOnline" if pays_till else "CustomerPayBillOnline",
                "Amount": int(order.amount.amount),
                "PartyA": phone,
                "PartyB": settings.MPESA_TILL or settings.MPESA_SHORTCODE,
                "PhoneNumber": phone,
                "CallBackURL": callbacks.for_try(order.callback_url, order.attempt_id),
                "AccountReference": reference[:_LONGEST_REFERENCE],
                "TransactionDesc": reference[:_LONGEST_DESCRIPTION],
            },
        )
        ref = answer.text("CheckoutRequestID")
        if answer.status == 200 and str(answer.fields.get("ResponseCode")) == "0":
            if callbacks.is_checkout(ref):
                return Prompted(
                    ref,
                    Message(
                        marked(
                            "We have sent a request to your phone. Type your M-Pesa PIN there to pay. "
                            "Never type it here."
                        )
                    ),
                )
            raise ProviderAway("nonsense")
        if answer.status >= 500:
            raise ProviderAway("not_taken" if daraja.error_code(answer) == _STILL_GOING_ON else "faulty")
        raise ProviderRefused("refused")

    def read_return(self, query: Mapping[str, str]) -> str:
        return ""

    def parse_callback(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, now: datetime
    ) -> tuple[Notice | RefundNotice, ...]:
        return callbacks.read(query, body)

    def check(self, provider_ref: str, *, now: datetime) -> Notice:
        if not callbacks.is_checkout(provider_ref):
            raise ProviderRefused("unknown")
        answer = daraja.post(
            "/mpesa/stkpushquery/v1/query", {**daraja.signed(now), "CheckoutRequestID": provider_ref}
        )
        if daraja.error_code(answer) == _STILL_GOING_ON:
            return Notice(provider_ref, Standing.PENDING)
        if answer.status >= 500:
            raise ProviderAway("faulty")
        if answer.status != 200:
            raise ProviderRefused("unknown" if answer.status in {400, 404} else "refused")
        if answer.text("CheckoutRequestID") != provider_ref:
            raise ProviderAway("nonsense")
        return _notice(provider_ref, answer.fields.get("ResultCode"))

    def refund(self, order: RefundOrder, *, now: datetime) -> Refunding:
        """A reversal ends by call-back. It is asked for once: M-Pesa itself refuses to reverse a whole
        transaction twice, so that a crash between asking and noting the answer gives nothing twice."""
        if order.begun:
            return Refunding(Standing.PENDING, provider_ref=order.begun)
        if not _reversible(order):
            return Refunding(Standing.PENDING, by_hand=True)
        address = callbacks.for_refund(order.callback_url, order.refund_id)
        answer = daraja.post(
            "/mpesa/reversal/v1/request",
            {
                "Initiator": settings.MPESA_INITIATOR,
                "SecurityCredential": settings.MPESA_SECURITY_CREDENTIAL,
                "CommandID": "TransactionReversal",
                "TransactionID": order.receipt,
                "Amount": int(order.amount.amount),
                "ReceiverParty": settings.MPESA_SHORTCODE,
                # Daraja's own spelling; 11 is a short code.
                "RecieverIdentifierType": "11",
                "ResultURL": address,
                "QueueTimeOutURL": address,
                "Remarks": "Refund",
                "Occasion": str(order.refund_id)[:20],
            },
        )
        ref = answer.text("ConversationID")
        if answer.status == 200 and answer.text("ResponseCode") == "0" and ref:
            return Refunding(Standing.PENDING, provider_ref=ref[:100])
        if answer.status >= 500:
            raise ProviderAway("faulty")
        raise ProviderRefused("refused")


def _reversible(order: RefundOrder) -> bool:
    return bool(
        order.whole
        and callbacks.is_receipt(order.receipt)
        and order.callback_url
        and settings.MPESA_INITIATOR
        and settings.MPESA_SECURITY_CREDENTIAL
        and order.amount.currency == "KES"
        and order.amount.amount == order.amount.amount.to_integral_value()
    )


def _notice(provider_ref: str, result: object) -> Notice:
    """Daraja writes results as text here and as numbers in call-backs."""
    code = str(result) if isinstance(result, str | int) else ""
    if code == "0":
        return Notice(provider_ref, Standing.SUCCEEDED, transaction_id=provider_ref)
    if code in _ENDS:
        return Notice(provider_ref, Standing.FAILED, reason=_ENDS[code])
    return Notice(provider_ref, Standing.PENDING)


def _subscriber(phone: str) -> str:
    """254712345678, from any way of writing a Kenyan mobile number. Raises ProviderRefused."""
    try:
        number = phonenumbers.parse(phone, "KE")
    except phonenumbers.NumberParseException:
        raise ProviderRefused("bad_phone") from None
    written = f"{number.country_code}{number.national_number}"
    if number.country_code != 254 or len(written) != 12 or written[3] not in "17":
        raise ProviderRefused("bad_phone")
    return written


provider = Mpesa()
