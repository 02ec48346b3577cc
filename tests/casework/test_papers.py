"""The documents of a case: made once, sealed, offered; withdrawn, made anew; with the pack's own template."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from loket.casework import actions as casework
from loket.casework import jobs, paper_texts
from loket.casework import queries as cases
from loket.casework.explained import RuleTold, Why
from loket.casework.models import Case, CasePaper, Reminder
from loket.casework.refusals import NoSuchCase
from loket.casework.types import PaperKind, PaperView
from loket.catalogue import actions as catalogue
from loket.catalogue.actions import PackRefused
from loket.catalogue.lint import lint
from loket.catalogue.loader import load
from loket.catalogue.models import ServiceVersion
from loket.documents import payload as codes
from loket.documents import queries as documents
from loket.documents.types import Rows, Verdict, WithdrawalReason
from loket.files.models import StoredFile
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.privacy import actions as privacy
from loket.privacy.types import Subject, SubjectKind
from loket.workflow.engine import GivenReason
from tests import county
from tests.casework import licence
from tests.documents.reading import text_of

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


def papers(case: Case) -> dict[PaperKind, PaperView]:
    found = cases.applicant_case(case.id, LATER)
    assert found is not None
    return {paper.kind: paper for paper in found.papers}


def pdf(case: Case, kind: PaperKind) -> bytes:
    file_id = papers(case)[kind].file_id
    assert file_id is not None
    return cases.applicant_file(case.id, file_id).content


@pytest.fixture
def issued() -> Case:
    county.county(NOW)
    licence.publish(NOW)
    case = licence.decided(licence.sent(NOW), "approve", NOW)
    assert licence.make_all(LATER) == 3
    return case


def test_a_case_gets_its_application_its_decision_and_its_licence(issued: Case) -> None:
    assert set(papers(issued)) == {PaperKind.SUBMISSION, PaperKind.DECISION, PaperKind.ISSUED}
    application = text_of(pdf(issued, PaperKind.SUBMISSION))
    for words in ("What is your full name?", "Otieno", "Cars", issued.reference, "31 January 1990"):
        assert words in application
    letter = text_of(pdf(issued, PaperKind.DECISION))
    assert "Granted" in letter
    assert "Write to the board" not in letter


def test_the_licence_says_what_the_pack_says_and_verifies(issued: Case) -> None:
    made = pdf(issued, PaperKind.ISSUED)
    shown = text_of(made)
    for words in ("Driving licence", "May drive on public roads.", "Class", "Cars", "23 November 2029"):
        assert words in shown
    payload = codes.payload_in(made)
    assert payload is not None
    found = documents.verify(payload, LATER)
    assert (found.verdict, found.statement and dict(found.statement.facts)) == (
        Verdict.VALID,
        {"class": "Cars"},
    )
    assert found.statement is not None
    assert (found.statement.holder, found.statement.expires_on) == (licence.NAME, date(2029, 11, 23))
    with pikepdf.open(BytesIO(made)) as opened:
        assert str(opened.Root.Lang) == "en"


def test_its_expiry_is_reminded_of(issued: Case) -> None:
    (planned,) = Reminder.objects.filter(case=issued, kind="expiry")
    assert planned.due_at.date() == date(2029, 9, 24)


def test_asked_twice_is_made_once(issued: Case) -> None:
    county.settle(LATER)
    assert licence.make_all(LATER) == 0
    ids = CasePaper.objects.filter(case=issued).values_list("id", flat=True)
    assert not any(casework.make_paper(paper_id=paper_id, now=LATER) for paper_id in ids)
    assert StoredFile.objects.filter(owner_id=issued.id).count() == 3


def test_a_refusal_says_why_and_how_to_appeal() -> None:
    county.county(NOW)
    licence.publish(NOW)
    case = licence.sent(NOW, language="sw")
    licence.decided(case, "refuse", NOW, GivenReason(("young",), "Uje mwakani."))
    licence.make_all(LATER)
    letter = text_of(pdf(case, PaperKind.DECISION))
    for words in ("Limekataliwa", "Umri wako ni mdogo.", "Uje mwakani.", "Andikia bodi ndani ya siku 30."):
        assert words in letter
    with pikepdf.open(BytesIO(pdf(case, PaperKind.DECISION))) as opened:
        assert str(opened.Root.Lang) == "sw"


def test_a_failing_document_is_seen_and_made_again_and_holds_up_nothing() -> None:
    county.county(NOW)
    licence.publish(NOW)
    case = licence.decided(licence.sent(NOW, years=-1), "approve", NOW)
    assert case.stage == "granted"
    with pytest.raises(Exception, match="cannot_certify"):
        licence.make_all(LATER)
    paper = CasePaper.objects.get(case=case, kind="issued")
    assert (paper.failed_at, paper.made_at) == (LATER, None)
    assert StoredFile.objects.filter(owner_id=case.id).count() <= 2
    again = {"reference": case.reference, "paper_id": paper.id, "now": LATER}
    with pytest.raises(NoSuchCase):
        casework.make_again(**again, staff=county.staff(licence.STRANGER))
    casework.make_again(**again, staff=county.staff(licence.OFFICER))
    paper.refresh_from_db()
    assert paper.failed_at is None


def test_a_document_whose_job_was_lost_after_a_failure_is_asked_for_again(issued: Case) -> None:
    """As when the disk was full for longer than there are tries, or its worker was killed between two."""
    now = clock.now()
    lost = CasePaper.objects.filter(case=issued, kind="submission")
    lost.update(file_id=None, made_at=None, asked_at=now - timedelta(days=1))
    before = ProcrastinateJob.objects.count()

    def asked(failed_at: datetime) -> int:
        lost.update(failed_at=failed_at)
        jobs.catch_up(timestamp=0)
        return ProcrastinateJob.objects.count() - before

    assert asked(now - timedelta(minutes=40)) == 0
    assert asked(now - timedelta(minutes=70)) == 1
    assert ProcrastinateJob.objects.order_by("id").last().args["paper_id"] == str(lost.get().id)  # type: ignore[union-attr]


def test_a_supervisor_withdraws_and_an_officer_does_not(issued: Case) -> None:
    paper = CasePaper.objects.get(case=issued, kind="issued")
    this = {
        "reference": issued.reference,
        "paper_id": paper.id,
        "reason": WithdrawalReason.FRAUD,
        "now": LATER,
    }
    for stranger in (licence.OFFICER, licence.STRANGER):
        with pytest.raises(NoSuchCase):
            casework.withdraw(**this, staff=county.staff(stranger))
    payload = codes.payload_in(pdf(issued, PaperKind.ISSUED)) or ""
    casework.withdraw(**this, staff=county.staff(licence.SUPERVISOR))
    assert documents.verify(payload, LATER).verdict is Verdict.REVOKED
    assert Reminder.objects.get(case=issued, kind="expiry").dropped_at == LATER


def test_made_anew_the_old_one_counts_as_replaced(issued: Case) -> None:
    old = codes.payload_in(pdf(issued, PaperKind.ISSUED)) or ""
    paper = CasePaper.objects.get(case=issued, kind="issued")
    casework.reissue(
        reference=issued.reference, paper_id=paper.id, staff=county.staff(licence.SUPERVISOR), now=LATER
    )
    assert licence.make_all(LATER) == 1
    new = codes.payload_in(pdf(issued, PaperKind.ISSUED)) or ""
    assert documents.verify(old, LATER).verdict is Verdict.REPLACED
    assert documents.verify(new, LATER).verdict is Verdict.VALID


def test_erasing_takes_the_documents_and_leaves_the_register(issued: Case) -> None:
    payload = codes.payload_in(pdf(issued, PaperKind.ISSUED)) or ""
    privacy.erase_subject(subject=Subject(SubjectKind.CASE, issued.id), by=SYSTEM, now=LATER)
    assert not CasePaper.objects.exists()
    assert not StoredFile.objects.filter(owner_id=issued.id).exists()
    assert documents.verify(payload, LATER).verdict is Verdict.VALID


def test_a_pack_brings_its_own_template_and_keeps_it_with_its_version() -> None:
    county.county(NOW)
    plain = licence.publish(NOW)
    own = licence.publish(NOW, template=licence.OWN_TEMPLATE)
    changed = licence.publish(NOW, template=licence.OWN_TEMPLATE.replace("Our own", "Our new"))
    assert len({plain, own, changed}) == 3
    assert licence.publish(NOW, template=licence.OWN_TEMPLATE) == own
    case = licence.decided(licence.sent(NOW), "approve", NOW)
    licence.publish(NOW, template=licence.OWN_TEMPLATE.replace("Our own", "Quite another"))
    licence.make_all(LATER)
    assert "Our own licence" in text_of(pdf(case, PaperKind.ISSUED))


def test_a_template_goes_with_its_pack_in_folders(tmp_path: Path) -> None:
    county.county(NOW)
    folder = licence.pack_folder(tmp_path, licence.OWN_TEMPLATE)
    (version,) = catalogue.import_folder(folder=folder, by=SYSTEM, now=NOW)
    exported = catalogue.export_to(version_id=version, folder=tmp_path / "out")
    assert (exported.parent / "own.typ").read_text(encoding="utf-8") == licence.OWN_TEMPLATE
    (again,) = catalogue.import_folder(folder=exported.parent, by=SYSTEM, now=NOW)
    assert again == version
    assert ServiceVersion.objects.get(pk=version).templates == {"own.typ": licence.OWN_TEMPLATE}


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ('#read("/etc/passwd")', "template-unsettable"),
        ('#import "@preview/tablex:0.0.8"', "template-unsettable"),
        ("#data.nothing", "template-unsettable"),
    ],
)
def test_a_template_that_fails_keeps_a_pack_from_being_published(
    tmp_path: Path, template: str, code: str
) -> None:
    folder = licence.pack_folder(tmp_path, '#set document(title: "T")\n' + template)
    assert code in {finding.code for finding in lint(load(folder))}
    county.county(NOW)
    with pytest.raises(PackRefused):
        catalogue.import_folder(folder=folder, by=SYSTEM, now=NOW)


def test_a_template_that_is_missing_is_an_error(tmp_path: Path) -> None:
    folder = licence.pack_folder(tmp_path, licence.OWN_TEMPLATE)
    (folder / "own.typ").rename(folder / "other.typ")
    codes_found = {finding.code for finding in lint(load(folder))}
    assert {"template-missing", "template-unused"} <= codes_found


def test_rules_that_decided_are_told_one_by_one() -> None:
    whys = (
        Why(
            "tables.help",
            (
                RuleTold({"en": "Very low income"}, False, {"en": ("Your income is 9,000.",)}),
                RuleTold({"en": "Low income"}, True, {"en": ("Your income is 9,000.",)}),
            ),
        ),
    )
    *_, table = paper_texts._rules(whys, "en")
    assert isinstance(table, Rows)
    assert [row.lines for row in table.rows] == [
        ("Does not apply", "Your income is 9,000."),
        ("Applies", "Your income is 9,000."),
    ]
    assert paper_texts._rules((), "en") == []
