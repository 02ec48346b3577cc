"""What payments does: one module per thing that happens to money."""

from loket.payments.actions.asking import ask, close, expire
from loket.payments.actions.returning import NoSuchRefund, pay_back, refund, refund_done_by_hand
from loket.payments.actions.transferring import (
    NoSuchMoney,
    NotMoney,
    NumberUsed,
    OtherAgency,
    match_transfer,
    record_transfer,
    return_transfer,
)
from loket.payments.actions.trying import (
    NoSuchProvider,
    NotOwed,
    PhoneNeeded,
    ProviderUnavailable,
    TooOften,
    begin,
    check_attempt,
    come_back,
    take_callback,
)
from loket.payments.ledger import NothingToRefund

__all__ = [
    "NoSuchMoney",
    "NoSuchProvider",
    "NoSuchRefund",
    "NotMoney",
    "NotOwed",
    "NothingToRefund",
    "NumberUsed",
    "OtherAgency",
    "PhoneNeeded",
    "ProviderUnavailable",
    "TooOften",
    "ask",
    "begin",
    "check_attempt",
    "close",
    "come_back",
    "expire",
    "match_transfer",
    "pay_back",
    "record_transfer",
    "refund",
    "refund_done_by_hand",
    "return_transfer",
    "take_callback",
]
