"""The Django application of what faces share."""

from typing import Any

from django.apps import AppConfig
from django.core import checks

from loket.web.assets import MANIFEST


def front_end_is_built(**kwargs: Any) -> list[checks.CheckMessage]:
    if MANIFEST.exists():
        return []
    return [
        checks.Warning(
            "The front end is not built.", hint="Run: python -m tools.front_end", id="loket.web.W001"
        )
    ]


class WebConfig(AppConfig):
    name = "loket.web"
    label = "web"

    def ready(self) -> None:
        checks.register(front_end_is_built)
