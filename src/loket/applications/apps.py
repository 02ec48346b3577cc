from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "loket.applications"

    def ready(self) -> None:
        from loket.applications import holdings  # noqa: PLC0415 - models must be ready

        holdings.register()
