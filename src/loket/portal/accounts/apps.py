"""Django's entry for the sign-in pages."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "loket.portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from loket.portal.accounts import record  # noqa: PLC0415 - models must be ready

        record.listen()
