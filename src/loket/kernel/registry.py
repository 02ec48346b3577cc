"""Plug-in registries: a folder per plug-in, found rather than listed."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """The plug-ins in a package, by key.

    Every module or sub-package `<package>.<key>` must offer one object under `attribute`, either
    itself or in its module `<key>.<module>`. Found once, on first use.
    """

    def __init__(self, package: str, attribute: str, module: str = "") -> None:
        self._package, self._attribute, self._module = package, attribute, module
        self._found: dict[str, T] | None = None

    def all(self) -> Mapping[str, T]:
        if self._found is None:
            self._found = dict(self._discover())
        return self._found

    def __getitem__(self, key: str) -> T:
        return self.all()[key]

    def __contains__(self, key: str) -> bool:
        return key in self.all()

    def __iter__(self) -> Iterator[str]:
        return iter(self.all())

    def _discover(self) -> Iterator[tuple[str, T]]:
        package = importlib.import_module(self._package)
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            if info.name.startswith("_"):
                continue
            path = f"{self._package}.{info.name}" + (
                f".{self._module}" if self._module and info.ispkg else ""
            )
            yield info.name, getattr(importlib.import_module(path), self._attribute)
