"""Django's entry for notifications."""

from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "loket.notifications"
    label = "notifications"

    def ready(self) -> None:
        # A channel that can't serve, above all a sandbox outside the demo, stops the process at its start.
        # Imported here because what it stands on has tables, and those are loaded after this module.
        import_module("loket.notifications.routing").offered_media()
