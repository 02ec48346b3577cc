"""Reactions to facts of lower floors."""

from loket.applications.events import ApplicationSubmitted
from loket.casework.actions.opening import open_case
from loket.casework.papers import ask_receipt
from loket.kernel.events import on
from loket.payments.events import PaymentReceived


def register() -> None:
    on(ApplicationSubmitted)(open_case)
    on(PaymentReceived)(ask_receipt)
