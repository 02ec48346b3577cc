"""Django's entry for upkeep."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "loket.upkeep"
    label = "upkeep"
