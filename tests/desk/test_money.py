"""The desk's side of money: asking, taking, giving back, matching, and the day's report."""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from openpyxl import load_workbook

from loket.audit.models import Entry
from loket.casework.models import Case
from loket.kernel import clock
from loket.payments import queries as payments
from loket.payments.types import PaymentState, RefundReason
from tests.casework import paid_stall, stall
from tests.desk.conftest import SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
ESTHER, RUTH = stall.OFFICER, stall.SUPERVISOR
ANSWERS = {**stall.ANSWERS, "from_day": "2030-12-01"}


@pytest.fixture
def unpaid(place: None) -> Case:
    paid_stall.open_market_in(clock.now())
    return stall.sent(ANSWERS, now=clock.now())


@pytest.fixture
def running(unpaid: Case) -> Case:
    paid_stall.pay(unpaid, now=clock.now())
    return unpaid


def at(case: Case, rest: str = "") -> str:
    return f"/en/desk/cases/{case.reference}/{rest}"


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def request_of(page: str) -> str:
    found = re.search(r'name="request" value="([^"]+)"', page)
    assert found
    return found[1]


def test_an_unpaid_case_stands_in_its_own_list_and_says_until_when(as_staff: SignIn, unpaid: Case) -> None:
    officer = as_staff(ESTHER)
    assert unpaid.reference not in text(officer, "/en/desk/cases/")
    assert "to be paid by" in text(officer, "/en/desk/cases/?phase=unpaid")
    page = text(officer, at(unpaid))
    assert "not paid yet" in page
    assert "To be paid by" in page
    assert "Ask for a payment" not in page


def test_cash_at_the_counter_begins_the_case_and_counts_once(as_staff: SignIn, unpaid: Case) -> None:
    officer = as_staff(ESTHER)
    path = at(unpaid, f"payments/{paid_stall.payment(unpaid).id}/cash/")
    sent = {"request": request_of(text(officer, path)), "amount": "400.00", "slip": "T-1"}
    for _ in range(2):
        assert officer.post(path, sent).status_code == 302
    unpaid.refresh_from_db()
    assert unpaid.phase == "open"
    (receipt,) = paid_stall.payment(unpaid).receipts
    page = text(officer, at(unpaid))
    assert receipt.number in page
    assert "Paid: KES\xa0400.00" in page
    assert paid_stall.payment(unpaid).refunds == ()


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "NaN", "Infinity", "1.005", "1e30"])
def test_what_is_no_amount_is_said_by_field_and_nothing_typed_is_lost(
    as_staff: SignIn, unpaid: Case, amount: str
) -> None:
    officer = as_staff(ESTHER)
    path = at(unpaid, f"payments/{paid_stall.payment(unpaid).id}/cash/")
    sent = {"request": request_of(text(officer, path)), "amount": amount, "slip": "T-77"}
    response = officer.post(path, sent)
    assert response.status_code == 422
    assert 'value="T-77"' in response.content.decode()
    assert paid_stall.payment(unpaid).state is PaymentState.DUE


def test_asking_for_a_payment_gives_a_link_and_a_code_once(as_staff: SignIn, running: Case) -> None:
    officer = as_staff(ESTHER)
    path = at(running, "payments/ask/")
    sent = {"request": request_of(text(officer, path)), "amount": "250", "words": "Two certified copies"}
    pages = [officer.post(path, sent, follow=True).content.decode() for _ in range(2)]
    assert "<svg" in pages[0]
    assert "Two certified copies" in pages[0]
    _first, asked = paid_stall.payments_of(running)
    assert (asked.amount.amount, asked.state) == (250, PaymentState.DUE)
    assert f"/en/pay/{asked.token}/" in pages[0]
    happened = [event.happened for event in stall.events(running)]
    assert happened.count("payment_asked") == 1
    missing = officer.post(path, {**sent, "words": " ", "amount": "0"})
    assert missing.status_code == 422
    problems = re.findall(r'href="#(words|amount)"', missing.content.decode())
    assert problems == ["words", "amount"]
    running.refresh_from_db()
    assert (running.phase, running.stage) == ("open", "look")


def test_a_supervisor_gives_back_and_an_officer_does_not(as_staff: SignIn, running: Case) -> None:
    payment = paid_stall.payment(running)
    path = at(running, f"payments/{payment.id}/back/")
    assert as_staff(ESTHER).get(path).status_code == 403
    supervisor = as_staff(RUTH)
    token = request_of(text(supervisor, path))
    too_much = supervisor.post(path, {"request": token, "amount": "401", "words": "Because"})
    assert too_much.status_code == 422
    silent = supervisor.post(path, {"request": token, "amount": "100", "words": ""})
    assert silent.status_code == 422
    assert supervisor.post(path, {"request": token, "amount": "100", "words": "Because"}).status_code == 302
    (refund,) = paid_stall.payment(running).refunds
    assert (refund.amount.amount, refund.reason) == (100, RefundReason.DECIDED)
    assert "KES\xa0100.00" in text(supervisor, at(running))


def test_giving_back_sent_twice_gives_back_once_and_keeps_the_reason_off_the_record(
    as_staff: SignIn, running: Case
) -> None:
    path = at(running, f"payments/{paid_stall.payment(running).id}/back/")
    supervisor = as_staff(RUTH)
    sent = {"request": request_of(text(supervisor, path)), "amount": "100", "words": "She had wept so"}
    for _ in range(2):
        assert supervisor.post(path, sent).status_code == 302
    assert [one.amount.amount for one in paid_stall.payment(running).refunds] == [100]
    page = text(supervisor, at(running))
    assert page.count("KES 100.00: She had wept so") == 1
    assert not any("wept" in str(entry) for entry in Entry.objects.values())


def test_cash_pays_what_it_was_taken_for_and_a_used_number_is_refused(
    as_staff: SignIn, running: Case
) -> None:
    officer = as_staff(ESTHER)
    ask = at(running, "payments/ask/")
    for amount in ("250", "90"):
        sent = {"request": request_of(text(officer, ask)), "amount": amount, "words": "Copies"}
        assert officer.post(ask, sent).status_code == 302
    _fee, first, second = paid_stall.payments_of(running)
    path = at(running, f"payments/{first.id}/cash/")
    sent = {"request": request_of(text(officer, path)), "amount": "250.00", "slip": "T-9"}
    assert officer.post(path, sent).status_code == 302
    _fee, first, second = paid_stall.payments_of(running)
    assert (first.state, second.state) == (PaymentState.PAID, PaymentState.DUE)
    again = officer.post(at(running, f"payments/{second.id}/cash/"), {**sent, "amount": "90.00"})
    assert again.status_code == 422
    assert "under this number" in again.content.decode()
    booked = {"reference": running.reference, "amount": "90", "currency": "KES", "slip": "T-9"}
    assert "under this number" in officer.post("/en/desk/money/record/", booked, follow=True).content.decode()


def test_nobody_handles_the_money_of_another_case_or_agency(
    as_staff: SignIn, running: Case, reference: str
) -> None:
    payment = paid_stall.payment(running)
    stranger = as_staff("amina.wekesa@example.org")
    for rest in (f"payments/{payment.id}/", f"payments/{payment.id}/cash/", "payments/ask/"):
        assert stranger.get(at(running, rest)).status_code in (403, 404)
    # A payment of one case under the reference of another.
    assert stranger.get(f"/en/desk/cases/{reference}/payments/{payment.id}/").status_code == 404


def test_a_transfer_that_nobody_knows_is_matched_or_goes_back(as_staff: SignIn, unpaid: Case) -> None:
    officer, supervisor = as_staff(ESTHER), as_staff(RUTH)
    for slip in ("B-1", "B-2"):
        sent = {"reference": "no such", "amount": "400", "currency": "KES", "slip": slip}
        officer.post("/en/desk/money/record/", sent)
    waiting = payments.unmatched(unpaid.agency_id)
    assert [one.transaction_id for one in waiting] == ["B-1", "B-2"]
    page = text(officer, "/en/desk/money/")
    assert "it says “no such”" in page
    path = f"/en/desk/money/{waiting[0].id}/match/"
    officer.post(path, {"reference": "nothing"})
    officer.post(path, {"reference": unpaid.reference.lower()})
    unpaid.refresh_from_db()
    assert unpaid.phase == "open"
    assert officer.post(f"/en/desk/money/{waiting[1].id}/back/").status_code == 403
    supervisor.post(f"/en/desk/money/{waiting[1].id}/back/")
    assert payments.unmatched(unpaid.agency_id) == ()


def test_the_report_of_the_day_is_for_those_who_keep_the_books(as_staff: SignIn, running: Case) -> None:
    today = (clock.now() + timedelta(hours=3)).date()
    supervisor = as_staff(RUTH)
    page = text(supervisor, f"/en/desk/money/?day={today}")
    receipt = paid_stall.payment(running).receipts[0]
    assert receipt.number in page
    sheet = supervisor.get(f"/en/desk/money/report/{today}.csv")
    assert sheet["Content-Disposition"].endswith(f'civil-registry-{today}.csv"')
    assert receipt.number in sheet.content.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(supervisor.get(f"/en/desk/money/report/{today}.xlsx").content))
    assert any(receipt.number in [cell.value for cell in row] for row in book["entries"].iter_rows())
    officer = as_staff(ESTHER)
    assert "The day’s report" not in text(officer, "/en/desk/money/")
    assert officer.get(f"/en/desk/money/report/{today}.csv").status_code == 403
    stranger = as_staff("grace.atieno@example.org").get(f"/en/desk/money/report/{today}.csv")
    assert receipt.number not in stranger.content.decode("utf-8-sig")
    for day in ("never", "9999-12-31", "0001-01-01"):
        assert supervisor.get(f"/en/desk/money/report/{day}.csv").status_code == 404
        assert supervisor.get(f"/en/desk/money/?day={day}").status_code == 200
