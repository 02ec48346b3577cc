from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "loket.casework"

    def ready(self) -> None:
        from loket.casework import handlers, holdings  # noqa: F401, PLC0415 - they register themselves
