"""Django's entry for webhooks."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class WebhooksConfig(AppConfig):
    name = "loket.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        # By name: the module reads models, which are not there yet when this one is imported.
        import_string("loket.webhooks.holdings.register")()
