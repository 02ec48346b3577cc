"""Supervisors take a service's applications away as a table: whole, harmless to open, and on record."""

import csv
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.test import Client

from loket.casework.actions import exporting
from loket.casework.models import Case
from loket.catalogue import queries as catalogue
from loket.kernel.actors import SYSTEM
from loket.privacy import actions as privacy
from loket.privacy.models import AccessRow
from tests import county
from tests.desk.conftest import AMINA, GRACE, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
PAGE = "/en/desk/export/"


def test_a_supervisor_gets_every_answer_with_one_record_for_all_cases(
    as_staff: SignIn, now: datetime
) -> None:
    references = {
        county.send(county.INFORMATION, {**county.INFORMATION_ANSWERS, "full_name": name}, now=now)
        for name in ("Odhiambo Okoth", "Wanjiru Ng’ang’a")
    }
    county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=now)

    response, rows = exported(as_staff(GRACE))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert {row["Reference"] for row in rows} == references
    assert {row["What is your name?"] for row in rows} == {"Odhiambo Okoth", "Wanjiru Ng’ang’a"}
    assert rows[0]["From which day?"] == "01/01/2025"
    assert rows[0]["Are you asking for an organisation?"] == "No"
    record = AccessRow.objects.get(kind="exported")
    assert record.reason == "Yearly report"
    assert set(record.case_ids) == set(
        Case.objects.filter(reference__in=references).values_list("id", flat=True)
    )


def test_no_cell_is_a_formula(as_staff: SignIn, now: datetime) -> None:
    nasty = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)")
    for topic in nasty:
        county.send(county.INFORMATION, {**county.INFORMATION_ANSWERS, "topic": topic}, now=now)

    _, rows = exported(as_staff(GRACE))

    cells = [cell for row in rows for cell in row.values()]
    assert {row["In a few words, what is it about?"] for row in rows} == {
        f"'{topic.strip()}" for topic in nasty
    }
    assert not [cell for cell in cells if cell.strip()[:1] in {"=", "+", "-", "@"}]


def test_it_is_parted_as_an_indonesian_excel_expects(as_staff: SignIn, reference: str) -> None:
    response = as_staff(GRACE).post("/id/desk/export/", choice("Laporan tahunan"))

    text = b"".join(response).decode("utf-8")  # type: ignore[call-overload]
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    assert ";" in text.splitlines()[0]


def test_without_a_reason_nothing_is_exported(as_staff: SignIn, reference: str) -> None:
    response = as_staff(GRACE).post(PAGE, choice("  "))

    assert response.status_code == 422
    assert "Write what you need it for." in response.content.decode()
    assert not AccessRow.objects.filter(kind="exported").exists()


def test_only_supervisors_and_only_their_own_teams(as_staff: SignIn, reference: str) -> None:
    assert as_staff(AMINA).get(PAGE).status_code == 404 or as_staff(AMINA).get(PAGE).status_code == 403
    foreign = choice("Curious", county.ADDRESS)
    assert as_staff(GRACE).post(PAGE, foreign).status_code == 422


def test_days_narrow_it_and_what_was_erased_is_left_out(
    as_staff: SignIn, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    for days in (40, 3, 2, 1):
        county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=now - timedelta(days=days))
    gone = Case.objects.order_by("opened_at").last()
    assert gone is not None
    privacy.destroy_key(gone.key_id, by=SYSTEM, now=now)

    since = (now - timedelta(days=10)).date().isoformat()
    _, rows = exported(as_staff(GRACE), sent_from=since)

    assert len(rows) == 2


def choice(reason: str, key: str = county.INFORMATION, **more: str) -> dict[str, str]:
    live = next(one for one in catalogue.all_live() if one.key == key)
    return {"service": str(live.service_id), "reason": reason, **more}


def exported(client: Client, **more: str) -> tuple[object, list[dict[str, str]]]:
    response = client.post(PAGE, choice("Yearly report", **more))
    assert response.status_code == 200
    text = b"".join(response).decode("utf-8-sig")  # type: ignore[call-overload]
    return response, list(csv.DictReader(StringIO(text, newline="")))
