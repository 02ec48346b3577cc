"""Django's entry for the sign-in pages."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "loket.portal.accounts"
    label = "accounts"
