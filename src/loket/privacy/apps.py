"""Django's entry for privacy."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class PrivacyConfig(AppConfig):
    name = "loket.privacy"
    label = "privacy"

    def ready(self) -> None:
        # By name: the module reads models, which are not there yet when this one is imported.
        import_string("loket.privacy.holdings.register")()
