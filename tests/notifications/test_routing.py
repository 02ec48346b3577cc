import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from loket.notifications.masking import masked
from loket.notifications.routing import channel_for, offered_media
from loket.notifications.types import Medium

_ROOT = Path(__file__).resolve().parents[2]


def test_settings_choose_the_channels(settings: Settings) -> None:
    assert offered_media() == (Medium.EMAIL,)
    assert channel_for(Medium.SMS) is None
    settings.DEMO, settings.SMS_CHANNEL, settings.EMAIL_CHANNEL = True, "sms_sandbox", "mail_sandbox"
    assert offered_media() == (Medium.EMAIL, Medium.SMS)
    found = channel_for(Medium.EMAIL)
    assert found is not None
    assert found.key == "mail_sandbox"


def test_without_a_setting_the_demo_plays_and_others_send_mail(settings: Settings) -> None:
    settings.EMAIL_CHANNEL = settings.SMS_CHANNEL = ""
    found = [channel_for(medium) for medium in Medium]
    assert [channel.key if channel else "" for channel in found] == ["smtp", ""]
    settings.DEMO = True
    found = [channel_for(medium) for medium in Medium]
    assert [channel.key if channel else "" for channel in found] == ["mail_sandbox", "sms_sandbox"]
    settings.EMAIL_CHANNEL = "none"
    assert offered_media() == (Medium.SMS,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_CHANNEL", "pigeon"),
        ("SMS_CHANNEL", "smtp"),
        ("SMS_CHANNEL", "sms_sandbox"),
        ("EMAIL_CHANNEL", "mail_sandbox"),
    ],
)
def test_a_channel_that_cannot_serve_is_refused(settings: Settings, name: str, value: str) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=f"LOKET_{name}"):
        offered_media()


@pytest.mark.parametrize("demo", [True, False])
def test_a_sandbox_starts_in_the_demo_only(tmp_path: Path, demo: bool) -> None:
    (tmp_path / "sandboxed.py").write_text(
        f"from loket.config.settings import *\nDEMO = {demo}\nSMS_CHANNEL = 'sms_sandbox'\n"
    )
    started = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={"PYTHONPATH": f"{_ROOT / 'src'}:{tmp_path}", "DJANGO_SETTINGS_MODULE": "sandboxed"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (started.returncode == 0) is demo, started.stderr
    assert ("demo only" in started.stderr) is not demo


@pytest.mark.parametrize(
    ("medium", "address", "shown"),
    [
        (Medium.EMAIL, "amina@example.org", "a•••@example.org"),
        (Medium.EMAIL, "a@b@example.org", "a•••@example.org"),
        (Medium.EMAIL, "nonsense", "•••"),
        (Medium.SMS, "+254712345123", "+254•••123"),
        (Medium.SMS, "+6281234567890", "+62•••890"),
        (Medium.SMS, "0712345123", "•••123"),
        (Medium.SMS, "+2541", "•••"),
        (Medium.SMS, "", "•••"),
    ],
)
def test_addresses_are_masked(medium: Medium, address: str, shown: str) -> None:
    assert masked(medium, address) == shown
