"""Django's entry for notifications."""

from django.apps import AppConfig

from loket.notifications.routing import offered_media


class NotificationsConfig(AppConfig):
    name = "loket.notifications"
    label = "notifications"

    def ready(self) -> None:
        # A channel that can't serve, above all a sandbox outside the demo, stops the process at its start.
        offered_media()
