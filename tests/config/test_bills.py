"""`loket bills import`: what is sound is taken in, what isn't is named by line and column."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from loket.config import command
from loket.payments.models import Bill
from tests.payments import till
from tests.payments.test_bills import HEAD, LINES

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def run(file: Path, agency: str = "county-revenue") -> tuple[int, str]:
    said = CliRunner().invoke(
        command.main, ["bills", "import", "parking-fines", str(file), "--agency", agency]
    )
    return said.exit_code, said.output


def test_a_file_is_taken_in_once(tmp_path: Path) -> None:
    till.agency("county-revenue")
    file = tmp_path / "fines.csv"
    file.write_text("\n".join((HEAD, *LINES)), encoding="utf-8-sig")
    code, said = run(file)
    assert code == 0, said
    assert "2 new, 0 changed" in said
    assert "0 new, 0 changed, 2 as they were" in run(file)[1]
    assert Bill.objects.count() == 2


def test_lines_with_a_mistake_are_left_out_and_named(tmp_path: Path) -> None:
    till.agency("county-revenue")
    file = tmp_path / "fines.csv"
    file.write_text("\n".join((HEAD, LINES[0], LINES[1].replace("1000", "much"))), encoding="utf-8")
    code, said = run(file)
    assert code == 1
    assert "fines.csv:3: amount: must be a number such as 1500.00" in said
    assert Bill.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"number,fact\n", b"\xff\xfe\x00", (HEAD + ",colour\n").encode()])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    till.agency("county-revenue")
    file = tmp_path / "fines.csv"
    file.write_bytes(content)
    code, said = run(file)
    assert code == 1, said
    assert "Traceback" not in said
    assert run(file, "nobody")[0] == 1
