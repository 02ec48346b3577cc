"""Paying: from sending to the receipt, every way round, and nothing by the browser's word alone."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from loket.casework import actions as casework
from loket.casework import queries as casework_queries
from loket.casework.models import Case
from loket.casework.registry import effect_checks
from loket.catalogue import actions as catalogue
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.kernel.money import Money
from loket.payments import queries as payments
from loket.payments.models import SandboxPage
from loket.payments.types import AttemptState, PaymentState, SubjectKind
from loket.portal import cookies, telling_money
from loket.portal.views import paying
from tests import county
from tests.casework import licence, paid_stall, stall
from tests.casework.test_paying import letters
from tests.portal.test_budgets import Counted
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
ANSWERS = {**stall.ANSWERS, "from_day": "2030-12-01"}
ON_PAPER = {**ANSWERS, "contact": {"channel": "none", "address": ""}}
CHECK = "/en/apply/civil-registry/market-stall/check/"


@pytest.fixture
def market(visitor: Visitor, demo: None, settings: Settings) -> Visitor:
    settings.PUBLIC_ADDRESS = "http://testserver"
    paid_stall.open_market_in(clock.now())
    return visitor


def sent(visitor: Visitor, answers: dict[str, Any] = ANSWERS) -> Case:
    visitor.fill_in(stall.KEY, answers)
    visitor.post(CHECK)
    return Case.objects.get()


def press(visitor: Visitor, doing: str) -> str:
    """From the payment's page to the bank's, where a button is pressed; gives the page one comes back to."""
    visitor.post(visitor.path, {"way": "sandbox"})
    assert "/sandbox/pay/" in visitor.path
    return visitor.post(visitor.path, {"doing": doing})


def test_sending_leads_to_paying_and_paying_to_the_receipt(market: Visitor) -> None:
    case = sent(market)
    assert market.path.startswith("/en/pay/")
    assert case.reference in market.html
    assert "KES\xa0400.00" in market.html
    assert "Your application is safe." in market.html
    page = press(market, "approve")
    case.refresh_from_db()
    receipt = paid_stall.payment(case).receipts[0]
    assert case.phase == "open"
    assert receipt.number in page
    assert "Paid. Thank you" in page
    onwards = re.search(r'href="(/en/apply/[^"]+/done/)"', page)
    assert onwards
    done = market.open(onwards[1])
    assert case.reference in done
    assert "We decide by" in done
    assert receipt.number in done


def test_a_refused_card_loses_nothing_and_says_so(market: Visitor) -> None:
    case = sent(market)
    page = press(market, "decline")
    assert "The last try did not work." in page
    assert case.reference in page
    case.refresh_from_db()
    assert case.phase == "unpaid"
    assert "Paid. Thank you" in press(market, "approve")


def test_an_abandoned_payment_goes_on_from_the_tracker_and_from_the_letter(market: Visitor) -> None:
    case = sent(market)
    press(market, "abandon")
    county.settle(clock.now())
    link = re.search(r"http://testserver(/en/pay/[^/]+/)", letters(case)[0])
    assert link
    assert "Pay now" in market.open(link[1])
    other = Visitor(Client())
    other.post("/en/track/", {"reference": case.reference, "proof": "wanjiru@example.com"})
    assert "We are waiting for your payment of KES\xa0400.00" in other.html
    assert link[1] in other.html


@pytest.mark.parametrize("doing", ["told_twice", "late", "out_of_order"])
def test_whatever_the_bank_tells_and_when_it_is_paid_once(market: Visitor, doing: str) -> None:
    case = sent(market)
    assert "Paid. Thank you" in press(market, doing)
    case.refresh_from_db()
    assert [event.happened for event in stall.events(case)].count("paid") == 1
    assert len(paid_stall.payment(case).receipts) == 1


@pytest.mark.parametrize(("doing", "back"), [("charged_twice", "400"), ("too_much", "200")])
def test_what_was_taken_too_much_goes_back_and_is_shown(market: Visitor, doing: str, back: str) -> None:
    sent(market)
    assert f"KES\xa0{back}.00 is on its way back to you." in press(market, doing)


def test_half_the_money_asks_for_the_rest(market: Visitor) -> None:
    case = sent(market)
    page = press(market, "partly")
    assert "Paid so far" in page
    assert "Pay KES\xa0200.00" in page
    assert "Paid. Thank you" in press(market, "approve")
    case.refresh_from_db()
    assert case.phase == "open"


def test_who_pays_at_the_counter_gets_instructions_for_paper(market: Visitor) -> None:
    case = sent(market)
    page = market.post(market.path, {"way": "offline"})
    assert case.reference in page
    assert "Pay exactly KES\xa0400.00." in page
    assert "<svg" in page


def test_whoever_left_no_address_first_sees_the_pin(market: Visitor) -> None:
    case = sent(market, ON_PAPER)
    assert market.page_id == "done"
    assert (market.reference, len(market.pin)) == (case.reference, 8)
    assert "Pay now" in market.html
    assert "Please pay by" in market.html
    assert "We decide by" not in market.html
    link = re.search(r'href="(/en/pay/[^"]+)"', market.html)
    assert link
    market.open(link[1])
    press(market, "approve")
    done = market.open("/en/apply/civil-registry/market-stall/done/")
    assert "We decide by" in done
    assert market.pin


def test_after_the_end_the_link_explains_itself(market: Visitor) -> None:
    case = sent(market)
    path = market.path
    casework.time_out(case_id=case.id, now=clock.now() + timedelta(days=9))
    page = market.open(path)
    assert "There is nothing to pay here any more" in page
    assert "Pay now" not in page
    market.post(path, {"way": "sandbox"})
    assert not SandboxPage.objects.exists()


def test_the_receipt_is_offered_to_whoever_may_see_the_case_and_not_with_the_link(market: Visitor) -> None:
    case = sent(market)
    press(market, "approve")
    path = market.path
    licence.make_all(clock.now())
    file_id = casework_queries.receipt_file(case.id, paid_stall.payment(case).id)
    assert file_id is not None
    assert str(file_id) not in market.open(path)
    assert "where you follow your application" in market.html
    for full in (False, True):
        holder, response = Visitor(Client()), HttpResponse()
        cookies.keep_grant(response, cookies.Grant(case.id, full=full), clock.now())
        holder.client.cookies.update(response.cookies)
        assert (f"/en/track/files/{file_id}/" in holder.open(path)) is full
    assert holder.client.get(f"/en/track/files/{file_id}/").content.startswith(b"%PDF")


def test_why_a_fee_was_reduced_is_read_by_whoever_may_read_the_answers(market: Visitor) -> None:
    label = "For people with a disability"
    waiver = f'waivers: [{{id: half, label: {{en: {label}, sw: Nusu}}, share: "0.5"}}]\n'
    catalogue.publish(
        source=paid_stall.source(waiver),
        by=SYSTEM,
        now=clock.now(),
        effects=effect_checks(),
    )
    case = sent(market)
    stranger = Client().get(market.path).content.decode()
    assert "Reduction" in stranger
    assert label not in stranger
    at = clock.now()
    (seen,) = telling_money.bills_of_case(case.id, at, knowing=False)
    (known,) = telling_money.bills_of_case(case.id, at, knowing=True)
    assert [line.amount for line in seen.lines] == [line.amount for line in known.lines]
    assert label in [line.label for line in known.lines]
    assert label not in [line.label for line in seen.lines]


def test_what_an_officer_asks_for_does_not_hold_the_case_up_and_says_so(market: Visitor) -> None:
    case = sent(market)
    assert "We begin when it is paid." in market.html
    press(market, "approve")
    asked = casework.ask_for_payment(
        case_id=case.id,
        what="Two more metres",
        amount=Money(Decimal(200), "KES"),
        request_id=new_id(),
        staff=county.staff(stall.OFFICER),
        now=clock.now(),
    )
    page = market.open(f"/en/pay/{payments.token_of(asked)}/")
    assert "Meanwhile we go on with your application." in page
    assert "We begin when it is paid." not in page


def test_nothing_that_a_browser_sends_pays_or_changes_the_amount(market: Visitor) -> None:
    case = sent(market)
    path = market.path
    lies = {"way": "sandbox", "amount": "1", "state": "paid", "currency": "IDR", "outstanding": "0"}
    market.post(path, lies)
    (bank,) = SandboxPage.objects.all()
    assert Money(bank.amount, bank.currency).rounded() == Money(Decimal("400.00"), "KES")
    market.open(f"{path}back/sandbox/?sandbox_payment={bank.ref}&status=succeeded&paid=1")
    assert paid_stall.payment(case).state is PaymentState.DUE
    for lie in ("back/sandbox/?sandbox_payment=sbx_other", "back/nobody/", "back/offline/?paid=1"):
        market.open(f"{path}{lie}")
    assert paid_stall.payment(case).state is PaymentState.DUE
    other = "A" if path[-2] != "A" else "B"
    market.open(f"{path[:-2]}{other}/", status=404)
    market.open(f"/en/sandbox/pay/{bank.ref}x/", status=404)


def test_while_nothing_is_known_the_page_waits_and_looks_when_asked(market: Visitor) -> None:
    case = sent(market)
    path = market.path
    market.post(path, {"way": "sandbox"})
    bank = SandboxPage.objects.get()
    page = market.open(f"{path}back/sandbox/?sandbox_payment={bank.ref}")
    assert "We are waiting to hear of your payment" in page
    assert '<meta http-equiv="refresh"' in page
    assert "the payment is not there yet" in market.post(market.path)
    SandboxPage.objects.update(
        state="approved",
        charges=[{"id": "chg_1", "amount": "400.00", "currency": "KES", "at": clock.now().isoformat(),
                  "told": False}],
    )  # fmt: skip
    assert "Paid. Thank you" in market.post(market.path)
    case.refresh_from_db()
    assert case.phase == "open"


def test_the_page_shows_nobodys_data_and_is_not_kept(market: Visitor) -> None:
    sent(market)
    for path in (market.path, f"{market.path}waiting/"):
        response = Client().get(path)
        assert "no-store" in response.headers["Cache-Control"]
        assert not re.search("wanjiru|kamau|0712|clothes", response.content.decode(), re.IGNORECASE)


def test_a_payment_without_a_choice_asks_for_one(market: Visitor) -> None:
    sent(market)
    page = market.post(market.path, {})
    assert "Choose how you want to pay" in page
    assert market.title.startswith("Error:")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("0712 345 678", "+254712345678"), ("+62 812-3456-7890", "+6281234567890"), ("12", ""), ("", ""),
     ("<b>0712345678", "+254712345678"), ("0" * 500, "")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(visitor: Visitor, typed: str, stored: str) -> None:
    agency = county.service(county.ADDRESS).agency_id
    assert paying._number(typed, paying.identity.agency_known(agency)) == stored


def test_a_stranger_at_one_address_can_not_go_on_for_ever(market: Visitor, settings: Settings) -> None:
    sent(market)
    codes = [market.client.post(market.path, {"way": "offline"}).status_code for _ in range(14)]
    assert codes[0] == 200
    assert 429 in codes


def test_the_make_believe_bank_exists_in_the_demo_only(market: Visitor, settings: Settings) -> None:
    sent(market)
    market.post(market.path, {"way": "sandbox"})
    path = market.path
    settings.DEMO = False
    market.open(path, status=404)
    market.post(path, {"doing": "approve"}, status=404)


def test_budgets(market: Visitor) -> None:
    county.send(stall.KEY, ANSWERS, now=clock.now())
    Case.objects.all().delete()
    market.fill_in(stall.KEY, ANSWERS)
    with Counted() as submitted:
        assert market.client.post(CHECK).status_code == 302
    assert len(submitted.statements) <= 8, submitted.statements
    market.open("/en/apply/civil-registry/market-stall/done/")
    path = market.path
    press(market, "charged_twice")
    case = Case.objects.get()
    market.post("/en/track/", {"reference": case.reference, "proof": "wanjiru@example.com"})
    with Counted() as tracked:
        assert market.client.get("/en/track/case/").status_code == 200
    assert len(tracked.statements) <= 3, tracked.statements
    with Counted() as shown:
        assert Client().get(path).status_code == 200
    assert len(shown.statements) <= 3, shown.statements
    with Counted() as asked:
        (found,) = payments.payments_of(subject_kind=SubjectKind.CASE, subject_id=case.id)
    assert len(asked.statements) == 1
    assert (found.received, len(found.receipts), len(found.refunds)) == (found.amount, 1, 1)
    assert {attempt.state for attempt in found.attempts} == {AttemptState.SUCCEEDED}
