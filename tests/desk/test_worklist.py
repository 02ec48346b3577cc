"""The worklist: whose cases, in which order, page by page, within its budget."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loket.casework.models import Case
from loket.desk import words
from tests import county
from tests.desk.conftest import AMINA, ESTHER, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
_LIST = "/en/desk/cases/"


def copies(reference: str, number: int, **changes: Any) -> list[Case]:
    """More cases like this one, straight into the table."""
    case = Case.objects.get(reference=reference)
    made = []
    for count in range(number):
        case.pk = Case._meta.get_field("id").get_default()
        case.reference = f"2222-{count:04d}".replace("0", "A").replace("1", "B")
        for name, value in changes.items():
            setattr(case, name, value)
        case.save(force_insert=True)
        made.append(case.reference)
    return made  # type: ignore[return-value]


def shown(client: Client, address: str = _LIST) -> list[str]:
    page = client.get(address).content.decode()
    return re.findall(r'loket-ref">([0-9A-Z]{4}-[0-9A-Z]{4})<', page[page.index('id="list"') :])


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_costs_at_most_six_statements(as_staff: SignIn, reference: str, rows: int) -> None:
    copies(reference, rows - 1)
    client = as_staff(AMINA)
    client.get(_LIST)
    with CaptureQueriesContext(connection) as found:
        assert client.get(_LIST).status_code == 200
    assert len(found) <= 6, [query["sql"] for query in found]


def test_pages_lose_nothing_where_terms_are_equal(as_staff: SignIn, reference: str) -> None:
    made = {reference, *copies(reference, 60)}  # type: ignore[arg-type]
    client, seen, address = as_staff(AMINA), [], _LIST
    for _ in range(5):
        seen += shown(client, address)
        following = re.search(r'href="([^"]*after=[^"]+)">\s*Next page', client.get(address).content.decode())
        if following is None:
            break
        address = following[1].replace("&amp;", "&")
    assert len(seen) == len(made)
    assert set(seen) == made


def test_the_most_urgent_comes_first_and_lateness_is_told_in_words(
    as_staff: SignIn, reference: str, now: datetime
) -> None:
    (late,) = copies(reference, 1, due_at=now - timedelta(days=2))
    client = as_staff(AMINA)
    assert shown(client) == [late, reference]
    page = client.get(_LIST).content.decode()
    assert 'loket-due--late">2 days late' in page
    assert shown(client, f"{_LIST}?due=overdue") == [late]


def test_another_agency_s_officer_sees_none_of_it(as_staff: SignIn, reference: str) -> None:
    client = as_staff(ESTHER)
    assert shown(client) == []
    assert "No case waits for you" in client.get(_LIST).content.decode()
    page = client.post("/en/desk/find/", {"typed": reference}, follow=True).content.decode()
    assert "No case of your agency" in page


def test_filters(as_staff: SignIn, reference: str, now: datetime) -> None:
    client = as_staff(AMINA)
    case = Case.objects.get(reference=reference)
    assert shown(client, f"{_LIST}?unread=1") == [reference]
    assert shown(client, f"{_LIST}?mine=1") == []
    assert shown(client, f"{_LIST}?stage={case.service_id}.{case.stage}") == [reference]
    assert shown(client, f"{_LIST}?stage=x.y") == []
    assert shown(client, f"{_LIST}?phase=closed") == []
    assert shown(client, f"{_LIST}?phase=nonsense&due=nonsense&after=nonsense") == [reference]
    client.post(f"/en/desk/cases/{reference}/take/", {"case": str(case.id)})
    assert shown(client, f"{_LIST}?mine=1") == [reference]
    client.get(f"/en/desk/cases/{reference}/")
    assert shown(client, f"{_LIST}?unread=1") == []


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "spaced"])
def test_one_hit_opens_the_case(as_staff: SignIn, reference: str, typed: str) -> None:
    written = {"lower": reference.lower(), "spaced": reference.replace("-", " ")}.get(
        typed, typed.format(reference)
    )
    found = as_staff(AMINA).post("/en/desk/find/", {"typed": written})
    assert found.headers["Location"] == f"/en/desk/cases/{reference}/"


def test_an_exact_answer_finds_its_cases(as_staff: SignIn, now: datetime) -> None:
    references = {county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=now) for _ in range(2)}
    page = as_staff(ESTHER).post("/en/desk/find/", {"typed": "27 394 105"}).content.decode()
    assert all(reference in page for reference in references)


@pytest.mark.parametrize(
    ("hours", "said"),
    [(-72, "3 days late"), (-24, "1 day late"), (24, "due tomorrow"), (72, "due in 3 days")],
)
def test_terms_in_words(hours: int, said: str) -> None:
    noon = datetime.fromisoformat("2026-11-18T12:00:00+00:00")
    assert words.due(noon + timedelta(hours=hours), noon).words == said


def test_a_term_on_the_same_day() -> None:
    noon = datetime.fromisoformat("2026-11-18T12:00:00+00:00")
    assert words.due(noon + timedelta(hours=2), noon) == words.Due("due today", "soon")
    assert words.due(noon - timedelta(hours=2), noon) == words.Due("late since today", "late")
