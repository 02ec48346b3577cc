"""Issuing, withdrawing, changing keys: what checking says before and after."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from loket.config.command import main
from loket.documents import actions, queries
from loket.documents.models import Certificate, SigningKey
from loket.documents.qr import TooMuchToSign
from loket.documents.types import CertificateOrder, CertifiedFact, Issued, Verdict, WithdrawalReason
from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from tests import county
from tests.documents.samples import NAME, NOW, at_home

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

LATER = NOW + timedelta(days=1)


def an_order_here() -> CertificateOrder:
    county.county(NOW)
    agency = identity.agency("civil-registry")
    assert agency is not None
    return at_home(agency)


def issued() -> Issued:
    return actions.issue(order=an_order_here(), by=SYSTEM, now=NOW)


def test_a_fresh_certificate_is_valid_and_says_whose_it_is() -> None:
    made = issued()
    found = queries.verify(made.payload, NOW)
    assert found.verdict is Verdict.VALID
    assert found.statement is not None
    assert (found.statement.holder, dict(found.statement.facts)) == (NAME, {"born": "1990-01-01"})
    assert found.entry is not None
    assert found.entry.title["sw"] == "Cheti cha tabia njema"


def test_the_register_keeps_no_facts() -> None:
    made = issued()
    row = Certificate.objects.get(number=made.number)
    kept = json.dumps({name: str(value) for name, value in vars(row).items()})
    for fact in (NAME, "Otieno", "1990-01-01", "Employment"):
        assert fact not in kept


def test_a_number_alone_tells_the_standing_and_nothing_more() -> None:
    made = issued()
    found = queries.look_up(made.number.lower().replace("-", " "), NOW)
    assert (found.verdict, found.statement) == (Verdict.VALID, None)
    assert queries.look_up("2222-2222-2222", NOW).verdict is Verdict.UNKNOWN
    assert queries.look_up("nonsense", NOW).verdict is Verdict.UNKNOWN


def test_the_last_day_counts_where_the_agency_is() -> None:
    made = issued()
    # 22 May 2027 ends at 21:00 UTC in Nairobi.
    assert queries.verify(made.payload, datetime(2027, 5, 22, 20, 59, tzinfo=UTC)).verdict is Verdict.VALID
    assert queries.verify(made.payload, datetime(2027, 5, 22, 21, 1, tzinfo=UTC)).verdict is Verdict.EXPIRED


def test_a_revoked_one_says_why_and_when() -> None:
    made = issued()
    actions.revoke(number=made.number, reason=WithdrawalReason.FRAUD, by=SYSTEM, now=LATER)
    found = queries.verify(made.payload, LATER)
    assert found.verdict is Verdict.REVOKED
    assert found.entry is not None
    assert (found.entry.reason, found.entry.withdrawn_at) == (WithdrawalReason.FRAUD, LATER)
    with pytest.raises(actions.NoSuchCertificate):
        actions.revoke(number=made.number, reason=WithdrawalReason.LOST, by=SYSTEM, now=LATER)


def test_a_replaced_one_says_so() -> None:
    made = issued()
    actions.replace(number=made.number, by=SYSTEM, now=LATER)
    assert queries.verify(made.payload, LATER).verdict is Verdict.REPLACED


def test_an_altered_one_and_one_we_do_not_know() -> None:
    made = issued()
    altered = ("B" if made.payload[-3] != "B" else "C").join((made.payload[:-3], made.payload[-2:]))
    assert queries.verify(altered, NOW).verdict is Verdict.ALTERED
    Certificate.objects.all().delete()
    assert queries.verify(made.payload, NOW).verdict is Verdict.UNKNOWN


def test_keys_change_and_old_documents_still_verify() -> None:
    old = issued()
    actions.rotate_keys(by=SYSTEM, now=LATER)
    new = actions.issue(order=an_order_here(), by=SYSTEM, now=LATER)
    assert queries.verify(old.payload, LATER).verdict is Verdict.VALID
    assert queries.verify(new.payload, LATER).verdict is Verdict.VALID
    latest, first = queries.public_keys()
    assert latest.id != first.id
    assert (latest.retired_at, first.retired_at) == (None, LATER)


def test_keys_are_sealed_and_follow_the_master(settings: Settings) -> None:
    made = issued()
    before = bytes(SigningKey.objects.get().wrapped)
    settings.MASTER_KEYS = (b"n" * 32, *settings.MASTER_KEYS)
    assert actions.rewrap_keys() == 1
    assert actions.rewrap_keys() == 0
    assert bytes(SigningKey.objects.get().wrapped) != before
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    again = actions.issue(order=an_order_here(), by=SYSTEM, now=LATER)
    assert queries.verify(again.payload, LATER).verdict is Verdict.VALID
    assert queries.verify(made.payload, LATER).verdict is Verdict.VALID


def test_too_many_signed_facts_are_refused() -> None:
    order = replace(an_order_here(), facts=(CertifiedFact("long", {"en": "Long"}, "ö" * 900, signed=True),))
    with pytest.raises(TooMuchToSign):
        actions.issue(order=order, by=SYSTEM, now=NOW)
    assert not Certificate.objects.exists()


def test_the_command_checks_a_file_without_a_database(tmp_path: Path) -> None:
    made = issued()
    keys, pdf = tmp_path / "keys.json", tmp_path / "certificate.pdf"
    keys.write_text(CliRunner().invoke(main, ["documents", "keys"]).output)
    pdf.write_bytes(made.pdf)
    for document in (str(pdf), made.payload, f"https://example.org/verify/{made.payload}"):
        found = CliRunner().invoke(main, ["verify-document", document, "--keys", str(keys)])
        assert (found.exit_code, NAME in found.output) == (0, True), repr(found.exception)
    wrong = CliRunner().invoke(main, ["verify-document", made.payload[:-1] + "1", "--keys", str(keys)])
    assert wrong.exit_code == 1
    assert "Not genuine" in wrong.output
    pdf.write_bytes(made.pdf.replace(made.payload.encode(), made.payload[:-1].encode() + b"?"))
    assert CliRunner().invoke(main, ["verify-document", str(pdf), "--keys", str(keys)]).exit_code == 1
