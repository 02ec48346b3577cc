from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "loket.casework"

    def ready(self) -> None:
        from loket.casework import handlers, holdings  # noqa: PLC0415 - models must be ready

        handlers.register()
        holdings.register()
