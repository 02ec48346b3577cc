"""The doctor: each ill is seen, and comes with what to do."""

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connections
from pytest_django.fixtures import Settings

from loket.config import command, doctor
from loket.config.doctor import Finding
from loket.identity import queries as identity
from loket.identity.models import Centre
from tests.casework import window

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _well(settings: Settings, tmp_path: Path) -> None:
    settings.SECRET_KEY, settings.MASTER_KEYS = "s" * 50, (bytes(range(32)),)
    settings.DATA, settings.FILES = tmp_path / "var", tmp_path / "var" / "files"


def _about(subject: str) -> list[Finding]:
    return [finding for finding in doctor.examine() if finding.subject == subject]


def _ill(subject: str) -> list[str]:
    found = [finding for finding in _about(subject) if not finding.well]
    assert all(finding.remedy for finding in found)
    return [finding.words for finding in found]


def test_nothing_is_wrong_with_a_sound_installation() -> None:
    for subject in ("Python", "Keys", "Database", "Key store", "Data folder", "Uploads folder", "Mail"):
        assert _about(subject), subject
        assert _ill(subject) == []


def test_test_keys_are_seen(settings: Settings) -> None:
    settings.MASTER_KEYS = (bytes(32),)
    assert _ill("Keys") == ["LOKET_MASTER_KEY is a test key; make your own with: openssl rand -hex 32"]


def test_a_database_that_is_away_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["keys"].settings_dict, "PORT", "1")
    assert "can't be reached" in _ill("Key store")[0]
    assert _ill("Database") == []


def test_one_database_for_both_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "KEYS", "default")
    assert "is the same database as the main one" in _ill("Key store")


def test_waiting_changes_of_tables_are_seen() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    assert _ill("Database")[0].endswith("changes of its tables are waiting")


def test_too_old_a_database_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_OLDEST_POSTGRESQL", 99)
    assert _ill("Database")


def test_a_full_disk_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_FREE", 1 << 62)
    assert "MB free" in _ill("Data folder")[0]


def test_a_folder_that_cannot_be_written_is_seen(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.DATA = tmp_path / "file" / "var"
    assert "can't be written" in _ill("Data folder")[0]


def test_clocks_apart_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_SKEW_SECONDS", -1)
    assert "its clock is" in _ill("Database")[0]


def test_a_missing_front_end_and_stale_texts_are_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "django.po").write_text("")
    monkeypatch.setattr(doctor, "_SOURCE", tmp_path)
    assert _ill("Front end") == ["style sheets and scripts are not built"]
    assert _ill("Texts") == ["1 catalogues are not compiled"]


def test_mail_that_a_demonstration_keeps_needs_no_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.DEMO, settings.EMAIL_CHANNEL = True, ""
    assert not _ill("Mail")
    settings.DEMO = False
    assert _ill("Mail")


def test_mail_that_nobody_takes_is_seen(settings: Settings) -> None:
    settings.EMAIL_CHANNEL = "smtp"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert "doesn't take mail" in _ill("Mail")[0]


def test_a_superuser_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor._value

    def as_superuser(connection: object, question: str) -> object:
        return True if "rolsuper" in question else real(connection, question)  # type: ignore[arg-type]

    monkeypatch.setattr(doctor, "_value", as_superuser)
    assert "Loket connects as a superuser" in _ill("Database")


def test_a_server_that_logs_what_people_typed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_DISCREET", {**doctor._DISCREET, "log_error_verbosity": ("quieter",)})
    assert "writes what people typed into its own log (log_error_verbosity)" in _ill("Database")[0]


def test_the_command_ends_with_1_and_speaks_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_CHECKS", (lambda: iter([Finding("Mail", False, "is away", "Fetch it.")]),))
    lines = CliRunner().invoke(command.main, ["doctor"])
    assert lines.exit_code == 1
    assert lines.output == "WRONG  Mail: is away\n       → Fetch it.\n"
    data = CliRunner().invoke(command.main, ["doctor", "--json"])
    assert json.loads(data.output)[0]["well"] is False


def test_passwords_are_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["keys"].settings_dict, "PASSWORD", "a-very-secret-one")
    told = "".join(finding.words for finding in doctor.examine())
    assert "can't be reached" in told
    assert "a-very-secret-one" not in told
    assert psycopg.OperationalError.__name__ not in told


def test_ways_to_pay_that_nobody_would_be_offered_are_seen(settings: Settings) -> None:
    settings.PAYMENT_PROVIDERS, settings.PUBLIC_ADDRESS = ["offline"], "http://localhost:8000"
    settings.BANK_ACCOUNT = {"": "Bank of Tumaini, 0001"}
    assert [finding.well for finding in _about("Payments")] == [True]
    settings.PAYMENT_PROVIDERS = ["stripe", "barter"]
    settings.STRIPE_SECRET_KEY = ""
    assert _ill("Payments") == [
        "stripe lacks a setting, so nobody is offered it",
        "there is no way to pay called barter",
        "http://localhost:8000 can't be called back",
    ]
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "sk_test_x", ("whsec_x",)
    settings.PAYMENT_PROVIDERS, settings.PUBLIC_ADDRESS = ["stripe"], "https://loket.example"
    assert _ill("Payments") == []


def test_an_agency_without_the_centres_that_its_services_ask_for_is_named() -> None:
    window.open_window()
    assert _about("Centres") == []
    Centre.objects.filter(agency__key="civil-registry").update(active=False)
    identity.forget_agencies()
    assert _ill("Centres")[0].startswith("civil-registry has no centre, but ")
    assert len(_ill("Centres")) == 1
