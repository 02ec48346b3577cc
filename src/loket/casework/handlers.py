"""Reactions to facts of lower floors."""

from loket.applications.events import ApplicationSubmitted
from loket.casework.actions.opening import open_case
from loket.casework.actions.paying import give_way, take_payment, tell_of_lapse, tell_of_return
from loket.casework.papers import ask_receipt
from loket.kernel.events import on
from loket.payments.events import BillPaidByAnother, MoneyReturned, PaymentLapsed, PaymentReceived


def register() -> None:
    on(ApplicationSubmitted)(open_case)
    on(PaymentReceived)(take_payment)
    on(MoneyReturned)(tell_of_return)
    on(BillPaidByAnother)(give_way)
    on(PaymentLapsed)(tell_of_lapse)
    on(PaymentReceived)(ask_receipt)
