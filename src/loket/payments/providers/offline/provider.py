"""Bank transfer, or cash at the agency's counter: instructions now, and the office records what came."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from loket.kernel.money import Money
from loket.kernel.text import Message, marked
from loket.payments.registry import (
    Asks,
    Forged,
    Instructed,
    Notice,
    Order,
    Refunding,
    RefundNotice,
    RefundOrder,
    Standing,
    Started,
)

_ANY_AGENCY = ""


class Offline:
    key = "offline"
    label = Message(marked("Bank transfer, or cash at the counter"))
    asks = Asks.NOTHING
    demo_only = False

    def configured(self) -> bool:
        return True

    def takes(self, amount: Money) -> bool:
        return True

    def start(self, order: Order, *, now: datetime) -> Started:
        account = _account(order)
        says = [Message(marked("Pay exactly %(amount)s."), {"amount": order.amount})]
        if account:
            says.append(Message(marked("By bank, transfer it to: %(account)s"), {"account": account}))
        says += _at_the_counter(order, bank_too=bool(account))
        says += [
            Message(
                marked("Give this reference with your payment: %(reference)s"), {"reference": order.reference}
            ),
            Message(marked("We match your payment by its reference.")),
        ]
        if account:
            says.append(Message(marked("A bank transfer can take two working days.")))
        return Instructed(str(order.attempt_id), tuple(says))

    def read_return(self, query: Mapping[str, str]) -> str:
        return ""

    def parse_callback(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, now: datetime
    ) -> tuple[Notice | RefundNotice, ...]:
        """Nobody calls back: the office records what came."""
        raise Forged

    def check(self, provider_ref: str, *, now: datetime) -> Notice:
        return Notice(provider_ref, Standing.PENDING)

    def refund(self, order: RefundOrder, *, now: datetime) -> Refunding:
        return Refunding(Standing.PENDING, by_hand=True)


def _account(order: Order) -> str:
    accounts: Mapping[str, str] = settings.BANK_ACCOUNT
    agency = order.payee.agency_key if order.payee else _ANY_AGENCY
    return accounts.get(agency) or accounts.get(_ANY_AGENCY, "")


def _at_the_counter(order: Order, *, bank_too: bool) -> list[Message]:
    payee = order.payee
    if payee is None or not payee.name:
        return []
    if payee.address:
        said = (
            marked("Or pay at the counter of %(agency)s, %(address)s.")
            if bank_too
            else marked("Pay at the counter of %(agency)s, %(address)s.")
        )
        return [Message(said, {"agency": payee.name, "address": payee.address})]
    said = (
        marked("Or pay at the counter of %(agency)s.")
        if bank_too
        else marked("Pay at the counter of %(agency)s.")
    )
    return [Message(said, {"agency": payee.name})]


provider = Offline()
