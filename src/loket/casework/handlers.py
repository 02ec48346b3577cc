"""Reactions to facts of lower floors."""

from loket.applications.events import ApplicationSubmitted
from loket.casework.actions.opening import open_case
from loket.casework.actions.paying import end_paid_elsewhere, take_payment, tell_of_lapse, tell_of_return
from loket.casework.endpoint_letters import tell_of_disabled
from loket.casework.papers import ask_receipt
from loket.kernel.events import on
from loket.payments.events import BillPaidByAnother, MoneyReturned, PaymentLapsed, PaymentReceived
from loket.webhooks.events import EndpointDisabled


def register() -> None:
    on(ApplicationSubmitted)(open_case)
    on(PaymentReceived)(take_payment)
    on(MoneyReturned)(tell_of_return)
    on(PaymentLapsed)(tell_of_lapse)
    on(PaymentReceived)(ask_receipt)
    on(BillPaidByAnother)(end_paid_elsewhere)
    on(EndpointDisabled)(tell_of_disabled)
