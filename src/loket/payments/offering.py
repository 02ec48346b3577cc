"""Which ways to pay this installation offers, from LOKET_PAYMENT_PROVIDERS.

Where it says nothing: in the demo the sandbox and offline, otherwise offline alone.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from loket.kernel.money import Money
from loket.payments.registry import Provider, providers

_IN_DEMO = ("sandbox", "offline")
_OTHERWISE = ("offline",)


def offered() -> tuple[Provider, ...]:
    """The providers in the order in which people are offered them.

    Raises ImproperlyConfigured for one that doesn't exist or is only for the demo.
    """
    names = tuple(settings.PAYMENT_PROVIDERS) or (_IN_DEMO if settings.DEMO else _OTHERWISE)
    found = []
    for name in names:
        if name not in providers:
            raise ImproperlyConfigured(
                f"LOKET_PAYMENT_PROVIDERS names {name!r}; there are: {', '.join(providers)}."
            )
        if providers[name].demo_only and not settings.DEMO:
            raise ImproperlyConfigured(
                f"LOKET_PAYMENT_PROVIDERS names {name!r}, which takes no money: it is for the demo only."
            )
        found.append(providers[name])
    return tuple(provider for provider in found if provider.configured())


def offered_for(amount: Money) -> tuple[Provider, ...]:
    return tuple(provider for provider in offered() if provider.takes(amount))


def known(key: str) -> Provider | None:
    """A provider that may tell something or give money back, though people may be offered it no more."""
    if key not in providers:
        return None
    provider = providers[key]
    if (provider.demo_only and not settings.DEMO) or not provider.configured():
        return None
    return provider
