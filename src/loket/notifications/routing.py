"""Which channels carry which medium, from EMAIL_CHANNEL and SMS_CHANNEL: one or several by comma, best first.

Where these say nothing: in the demo the sandboxes, otherwise the mail server for e-mail and nothing for SMS.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from loket.notifications.registry import Channel, channels
from loket.notifications.types import Medium

_NONE = "none"
_IN_DEMO = {Medium.EMAIL: "mail_sandbox", Medium.SMS: "sms_sandbox"}
_OTHERWISE = {Medium.EMAIL: "smtp", Medium.SMS: _NONE}
_SETTINGS = {Medium.EMAIL: "EMAIL_CHANNEL", Medium.SMS: "SMS_CHANNEL"}


def channels_for(medium: Medium) -> tuple[Channel, ...]:
    """The configured channels in the order in which they are tried; none where the operator offers none.

    Raises ImproperlyConfigured for one that doesn't exist, can't carry it, or is only for the demo.
    """
    name = _SETTINGS[medium]
    written: str = getattr(settings, name, "") or (_IN_DEMO if settings.DEMO else _OTHERWISE)[medium]
    keys = [key.strip() for key in written.split(",") if key.strip()]
    return () if keys == [_NONE] else tuple(_channel(key, name, medium) for key in dict.fromkeys(keys))


def channel_for(medium: Medium) -> Channel | None:
    """The first of them."""
    return next(iter(channels_for(medium)), None)


def offered_media() -> tuple[Medium, ...]:
    """The media that have a channel: what people may be offered."""
    return tuple(medium for medium in Medium if channels_for(medium))


def _channel(key: str, name: str, medium: Medium) -> Channel:
    if key not in channels:
        raise ImproperlyConfigured(f"LOKET_{name} is {key!r}; there are: {', '.join(channels)}.")
    channel = channels[key]
    if medium not in channel.media:
        raise ImproperlyConfigured(f"LOKET_{name} is {key!r}, which carries no {medium}.")
    if channel.demo_only and not settings.DEMO:
        raise ImproperlyConfigured(f"LOKET_{name} is {key!r}, which sends nothing: it is for the demo only.")
    if (missing := channel.missing()) and not channel.demo_only:
        raise ImproperlyConfigured(f"LOKET_{name} is {key!r}, which needs {missing}.")
    return channel
