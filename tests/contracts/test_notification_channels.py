"""What every notification channel must do; runs over every plug-in found."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

import loket.notifications.channels
from loket.notifications.registry import Attempt, Channel, Permanent, Receipt, Sender, channels
from loket.notifications.routing import channel_for
from loket.notifications.types import Medium, RenderedText
from tests.fakes.gateway import Notify, gateway
from tests.notifications.mail_server import mail_server

_GOOD = {Medium.EMAIL: "amina@home.example", Medium.SMS: "+254712345123"}
_BAD = {Medium.EMAIL: ["", "amina", "a@b\nc: d"], Medium.SMS: ["", "amina", "+2", "0712345123"]}
_TEXT = RenderedText("Habari — salamu", "Ombi lako limekubaliwa.\n", "sw")
_SENDER = Sender("Kantor, Kota “Ω”")
_CODE = re.compile(r"[A-Za-z0-9_]{2,60}")

KEYS = sorted(channels)


@pytest.fixture(params=KEYS)
def channel(request: pytest.FixtureRequest) -> Channel:
    return channels[request.param]


@pytest.fixture(autouse=True)
def outside_world(settings: Settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.DEFAULT_FROM_EMAIL = "no-reply@loket.example"
    settings.NOTIFY_KEY = "loket-" + "-".join(["26785a09-ab16-4eb0-8407-a37497a57506"] * 2)
    settings.NOTIFY_EMAIL_TEMPLATE, settings.NOTIFY_SMS_TEMPLATE = Notify().templates.values()
    with mail_server() as (_, port), gateway() as far, gateway() as sms:
        far.answer = Notify()
        settings.NOTIFY_ADDRESS = f"http://127.0.0.1:{far.port}"
        settings.APPRISE_SMS = f"json://127.0.0.1:{sms.port}/send/?:to={{to}}"
        settings.EMAIL_PORT = port
        yield


def deliver(channel: Channel, address: str, number: int = 1) -> Receipt:
    return channel.deliver(address=address, text=_TEXT, sender=_SENDER, attempt=Attempt(UUID(int=5), number))


def test_every_folder_is_a_channel() -> None:
    folders = {
        path.parent.name for path in Path(loket.notifications.channels.__path__[0]).glob("*/channel.py")
    }
    assert set(KEYS) == folders
    assert {"smtp", "mail_sandbox", "sms_sandbox"} <= folders


def test_it_knows_its_name_and_media(channel: Channel) -> None:
    assert channels[channel.key] is channel
    assert channel.media
    assert channel.media <= set(Medium)


def test_it_takes_a_message_and_gives_the_same_receipt_for_a_second_try(channel: Channel) -> None:
    for medium in channel.media:
        receipts = {deliver(channel, _GOOD[medium], number) for number in (1, 2)}
        assert len(receipts) == 1
        assert _GOOD[medium] not in receipts.pop().provider_id


def test_it_refuses_a_bad_address_for_good_without_repeating_it(channel: Channel) -> None:
    for medium in channel.media:
        for address in _BAD[medium]:
            with pytest.raises(Permanent) as refused:
                deliver(channel, address)
            assert _CODE.fullmatch(refused.value.code)
            assert not address or address not in str(refused.value)


def test_it_serves_where_settings_say_so_and_a_sandbox_in_the_demo_only(
    channel: Channel, settings: Settings
) -> None:
    for medium in channel.media:
        setattr(settings, f"{medium.name}_CHANNEL", channel.key)
        settings.DEMO = True
        assert channel_for(medium) is channel
        settings.DEMO = False
        if channel.demo_only:
            with pytest.raises(ImproperlyConfigured):
                channel_for(medium)
        else:
            assert channel_for(medium) is channel
