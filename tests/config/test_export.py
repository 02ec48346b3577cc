"""`loket export`: the desk's table on the server, with the same record and no way around it."""

import csv
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django import Settings

from loket.casework.models import Case
from loket.config import command
from loket.privacy.models import AccessRow
from tests import county

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADMINISTRATOR, OFFICER = "daniel.mutua@example.org", "amina.wekesa@example.org"
GIVEN = {
    "--agency": "information-commission",
    "--by": ADMINISTRATOR,
    "--reason": "Yearly report",
    "--language": "en",
}


@pytest.fixture(autouse=True)
def _two_requests(settings: Settings, tmp_path: Path) -> None:
    settings.FILES = tmp_path / "files"
    county.county(NOW)
    for days in (30, 1):
        county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=NOW - timedelta(days=days))


def export(output: Path, service: str = county.INFORMATION, **changed: str | None) -> Result:
    options = {**GIVEN, **{f"--{name}": value for name, value in changed.items()}, "--output": str(output)}
    given = [word for name, value in options.items() if value is not None for word in (name, value)]
    return CliRunner().invoke(command.main, ["export", service, *given])


def test_every_answer_is_in_the_file_and_one_record_names_every_case(tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"

    said = export(file)

    assert said.exit_code == 0, said.output
    assert "2 applications in" in said.output
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["Reference"] for row in rows} == set(Case.objects.values_list("reference", flat=True))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    record = AccessRow.objects.get(kind="exported")
    assert record.reason == "Yearly report"
    assert set(record.case_ids) == set(Case.objects.values_list("id", flat=True))


def test_days_narrow_it(tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    said = export(file, **{"from": "2026-11-01", "until": "2026-11-19"})
    assert "1 applications in" in said.output


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"agency": None}, "Missing option '--agency'"),
        ({"reason": None}, "Missing option '--reason'"),
        ({"reason": "  "}, "Give a --reason"),
        ({"agency": "nobody"}, "There is no agency"),
        ({"agency": "tax-authority"}, "has no service"),
        ({"by": "nobody@example.org"}, "Nobody of the staff"),
        ({"by": OFFICER}, "neither an administrator"),
    ],
)
def test_refused_it_writes_nothing_and_records_nothing(
    tmp_path: Path, changed: dict[str, str | None], words: str
) -> None:
    file = tmp_path / "requests.csv"

    said = export(file, **changed)

    assert said.exit_code != 0
    assert words in said.output
    assert not file.exists()
    assert not AccessRow.objects.filter(kind="exported").exists()


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    file.write_text("kept")

    said = export(file)

    assert "is there already" in said.output
    assert file.read_text() == "kept"
    assert not AccessRow.objects.filter(kind="exported").exists()
