"""Which database holds which table: the key store lives apart from everything else."""

from typing import Any

KEYS = "keys"
_KEY_STORE = "keystore"


class KeyStoreRouter:
    """Sends the key store's tables to the `keys` database and nothing else there."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return KEYS if model._meta.app_label == _KEY_STORE else None

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        apart = (one._meta.app_label == _KEY_STORE) != (other._meta.app_label == _KEY_STORE)
        return False if apart else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == KEYS) == (app_label == _KEY_STORE)
