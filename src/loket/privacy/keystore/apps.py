"""Django's entry for the key store."""

from django.apps import AppConfig


class KeyStoreConfig(AppConfig):
    name = "loket.privacy.keystore"
    label = "keystore"
