"""Django's entry for files."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class FilesConfig(AppConfig):
    name = "loket.files"
    label = "files"

    def ready(self) -> None:
        # By name: the module reads models, which are not there yet when this one is imported.
        import_string("loket.files.holdings.register")()
