"""Looking up a fine: by number and plate, shown first, never priced by a browser, checked again at last."""

import pytest

from loket.applications import queries as drafts
from loket.casework.models import Case
from loket.forms.types import BillRef
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.payments import bills
from loket.portal import cookies
from tests import county
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

FINE = "pay-parking-fine"
BASE = f"apply/county-revenue/{FINE}/"
RIGHT = {"q-fine-number": "PN-20481", "q-fine-fact": "KDA 123A"}


def found(number: str = "PN-20481", plate: str = "KDA 123A") -> bills.BillView:
    service = county.service(FINE)
    bill = bills.find_bill(agency_id=service.agency_id, register="parking-fines", number=number, fact=plate)
    assert bill is not None
    return bill


def kept(visitor: Visitor) -> BillRef | None:
    """The fine in the visitor's draft."""
    request = visitor.response.wsgi_request  # type: ignore[attr-defined]
    cookie = cookies.draft(request, cookies.draft_name("county-revenue", FINE))
    view = drafts.draft(cookie.token, clock.now()) if cookie else None
    answer = view.answers.get("fine") if view else None
    assert answer is None or isinstance(answer, BillRef)
    return answer


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_a_fine_is_shown_before_anything_else_is_asked(visitor: Visitor, language: str) -> None:
    visitor.language = language
    visitor.open(BASE)
    visitor.post(visitor.path, {"q-fine-number": "pn 20481", "q-fine-fact": "kda123a"})
    assert visitor.page_id == "fine"
    what = {"en": "footpath", "id": "trotoar", "sw": "njia ya waendao"}[language]
    assert what in visitor.html
    assert "Assembly Hill" in visitor.html
    visitor.post(visitor.path, RIGHT)
    assert visitor.page_id == "choice"


@pytest.mark.parametrize("typed", [{"q-fine-fact": "KDA 123B"}, {"q-fine-number": "PN-99999"}])
def test_what_is_not_found_is_kept_and_said(visitor: Visitor, typed: dict[str, str]) -> None:
    visitor.open(BASE)
    visitor.post(visitor.path, {**RIGHT, **typed})
    assert visitor.page_id == "fine"
    assert "We found nothing for" in visitor.html
    for text in {**RIGHT, **typed}.values():
        assert f'value="{text}"' in visitor.html


def test_a_browser_names_neither_fine_nor_price(visitor: Visitor) -> None:
    bill = found()
    visitor.open(BASE)
    forged = {
        "q-fine-id": str(bill.id), "q-fine-amount": "1.00", "q-fine-currency": "KES", "q-fine-language": "en",
        "q-fine-what": "Nothing much", "q-fine-place": "", "q-fine-issued_on": "2026-11-01",
        "q-fine-due_on": "2030-01-01", "q-fine-state": "open",
    }  # fmt: skip
    visitor.post(visitor.path, {**RIGHT, "q-fine-fact": "KDA 999Z", **forged})
    assert "We found nothing for" in visitor.html
    assert "Nothing much" not in visitor.html
    assert kept(visitor) is None
    visitor.post(visitor.path, {**RIGHT, **forged})
    answer = kept(visitor)
    assert answer is not None
    assert answer.amount == bill.amount


def test_another_number_is_looked_up_anew(visitor: Visitor) -> None:
    visitor.open(BASE)
    visitor.post(visitor.path, RIGHT)
    other = {"q-fine-number": "PN-20517", "q-fine-fact": "KBS 476C"}
    visitor.post(visitor.path, other)
    assert visitor.page_id == "fine"
    answer = kept(visitor)
    assert answer is not None
    assert answer.number == "PN-20517"
    visitor.post(visitor.path, {**other, "q-fine-fact": "KBS 476D"})
    assert kept(visitor) == answer


@pytest.mark.parametrize(
    ("move", "says"),
    [(bills.contest, "is being looked at again"), (bills.cancel, "There is nothing to pay")],
)
def test_one_that_need_not_be_paid_says_so(visitor: Visitor, move: object, says: str) -> None:
    move(bill_id=found().id, by=SYSTEM, now=clock.now())  # type: ignore[operator]
    visitor.open(BASE)
    visitor.post(visitor.path, RIGHT)
    assert visitor.page_id == "fine"
    assert says in visitor.html


def test_what_changed_meanwhile_is_seen_when_sending(visitor: Visitor) -> None:
    visitor.open(BASE)
    answers = county.FINE_ANSWERS
    visitor.post(visitor.path, RIGHT)
    for _ in range(8):
        if visitor.page_id == "check":
            break
        visitor.post(visitor.path, visitor.fields(county.service(FINE), answers, visitor.page_id))
    assert visitor.page_id == "check"
    bills.cancel(bill_id=found().id, by=SYSTEM, now=clock.now())
    visitor.post(visitor.path)
    assert visitor.page_id == "fine"
    assert "There is nothing to pay" in visitor.html
    assert not Case.objects.exists()


def test_nobody_walks_through_the_plates_of_a_number(visitor: Visitor) -> None:
    visitor.open(BASE)
    path = visitor.path
    for guess in range(20):
        visitor.post(path, {**RIGHT, "q-fine-fact": f"KDA {guess:03}B"})
    visitor.post(path, RIGHT, status=429)
    # Others may go on with theirs.
    visitor.post(path, {"q-fine-number": "PN-20517", "q-fine-fact": "KBS 476C"})


def test_nobody_walks_through_the_numbers(visitor: Visitor) -> None:
    visitor.open(BASE)
    path = visitor.path
    for number in range(60):
        visitor.post(path, {"q-fine-number": f"PN-{number}", "q-fine-fact": "KDA 123A"})
    visitor.post(path, RIGHT, status=429)
