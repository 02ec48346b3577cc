"""The same moment: two deliveries of one call-back, a payer and a timer, two tills."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from loket.audit.models import Entry
from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.payments import actions
from loket.payments.models import MoneyIn, Receipt, Refund, SandboxPage
from loket.payments.providers.sandbox import bank
from loket.payments.registry import Standing
from loket.payments.types import CloseReason, PaymentState
from tests.casework.at_once import at_once
from tests.payments import oracle, till
from tests.payments.till import NOW, OWED, kes, seen

pytestmark = pytest.mark.django_db(databases=["default", "keys"], transaction=True)


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    with oracle.listening():
        yield


def charged(ref: str, amount: str = "1050.00") -> Callable[[], int]:
    """The bank takes money; the call-back that tells of it, to be delivered."""
    page = SandboxPage.objects.get(ref=ref)
    charge = {"id": f"c-{uuid4()}", "amount": amount, "currency": "KES", "at": NOW.isoformat(), "told": True}
    page.charges = [*page.charges, charge]
    page.save()
    headers, body = bank.signed_call_back(page, Standing.SUCCEEDED, charge, NOW)
    return lambda: actions.take_callback(provider="sandbox", headers=headers, query={}, body=body, now=NOW)


def test_one_call_back_delivered_twice_at_once_is_one_payment(agency: AgencyView) -> None:
    for _ in range(5):
        payment = till.asked(agency)
        deliver = charged(till.begun(payment))
        assert sorted(map(str, at_once(deliver, deliver))) == ["0", "1"]
        assert seen(payment).received == OWED
    assert Receipt.objects.count() == MoneyIn.objects.count() == 5
    assert oracle.faults() == []


def test_many_who_pay_at_once_get_numbers_without_gaps(agency: AgencyView) -> None:
    deliveries = [charged(till.begun(till.asked(agency))) for _ in range(6)]
    assert at_once(*deliveries) == [1] * 6
    assert sorted(Receipt.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert oracle.faults() == []


def test_money_and_a_timer_at_once_end_one_way_or_the_other(agency: AgencyView) -> None:
    for _ in range(4):
        payment = till.asked(agency)
        deliver = charged(till.begun(payment))

        def closes(payment_id: object = payment) -> PaymentState:
            return actions.close(payment_id=payment_id, reason=CloseReason.LAPSED, by=SYSTEM, now=NOW)  # type: ignore[arg-type]

        told, state = at_once(deliver, closes)
        assert told == 1
        view = seen(payment)
        assert state == view.state
        assert (view.state is PaymentState.PAID) == (view.received == OWED)
    assert oracle.faults() == []


def test_two_decide_to_give_the_same_money_back(agency: AgencyView) -> None:
    payment = till.asked(agency)
    charged(till.begun(payment))()

    def give_back() -> None:
        actions.refund(payment_id=payment, amount=kes("600.00"), reason="x", by=SYSTEM, now=NOW)

    results = at_once(give_back, give_back)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "NothingToRefund"]
    refund = Refund.objects.get()
    at_once(*[lambda: actions.pay_back(refund_id=refund.id, now=NOW + timedelta(minutes=1))] * 2)
    assert len(SandboxPage.objects.get().refunds) == 1
    assert oracle.faults() == []


def test_a_transfer_recorded_at_two_tills(agency: AgencyView) -> None:
    payment = till.asked(agency)

    def record() -> object:
        return actions.record_transfer(
            agency_id=agency.id, reference="7K3P-2M9X", amount=OWED, transaction_id="BT-1",
            received_at=NOW, by=SYSTEM, now=NOW,
        )  # fmt: skip

    assert at_once(record, record) == [payment, payment]
    assert MoneyIn.objects.count() == 1
    assert Entry.objects.filter(action="test.received").count() == 1
    assert oracle.faults() == []


def test_asking_twice_at_once_asks_once(agency: AgencyView) -> None:
    first = till.asked(agency)
    assert first != till.asked(agency)
    key = str(uuid4())
    one, two = at_once(*[lambda: till.asked(agency, key=key)] * 2)
    assert one == two
