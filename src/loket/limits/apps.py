"""Django's entry for limits."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "loket.limits"
    label = "limits"
