"""Django's entry for notifications."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class NotificationsConfig(AppConfig):
    name = "loket.notifications"
    label = "notifications"

    def ready(self) -> None:
        # By name: these modules read models, which are not there yet when this one is imported.
        import_string("loket.notifications.holdings.register")()
        # A channel that can't serve, above all a sandbox outside the demo, stops the process at its start.
        import_string("loket.notifications.routing.offered_media")()
