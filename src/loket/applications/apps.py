from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "loket.applications"

    def ready(self) -> None:
        from loket.applications import holdings  # noqa: F401, PLC0415 - registers what is personal here
