"""Where tables may be and where their foreign keys may point."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Field, Model

from tests.architecture import house


@dataclass(frozen=True)
class Pointer:
    """A foreign key (or many-to-many) from one context's table to another's."""

    source: str
    field: str
    target: str


def _context(model: type[Model]) -> str:
    """The folder of src/loket that a model lives in; empty for other packages' models."""
    root, _, rest = apps.get_app_config(model._meta.app_label).name.partition(".")
    return rest.partition(".")[0] if root == "loket" else ""


def _pointers() -> list[Pointer]:
    return [
        Pointer(_context(model), f"{model._meta.label}.{field.name}", _context(field.related_model))
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, Field) and field.is_relation and isinstance(field.related_model, type)
    ]


def _upward(pointers: Iterable[Pointer]) -> list[str]:
    """Foreign keys that point up or sideways to another context."""
    return [
        f"{pointer.field} points from {pointer.source} to {pointer.target}"
        for pointer in pointers
        if pointer.source and pointer.target and pointer.source != pointer.target
        if house.level_of(pointer.target) >= house.level_of(pointer.source)
    ]


def test_foreign_keys_point_downwards() -> None:
    assert _upward(_pointers()) == []


def test_a_foreign_key_upwards_or_sideways_is_caught() -> None:
    up = Pointer("identity", "identity.Person.case", "casework")
    beside = Pointer("files", "files.StoredFile.message", "notifications")
    down = Pointer("casework", "casework.Case.agency", "identity")
    inside = Pointer("casework", "casework.Event.case", "casework")
    assert len(_upward([up, beside, down, inside])) == 2


def test_engines_and_faces_own_no_tables() -> None:
    tableless = set(house.configuration()["loket"]["house"]["tableless"])
    owners = {_context(model) for model in apps.get_models(include_auto_created=True)}
    assert owners & tableless == set()
    files = {path.parent.name for name in tableless for path in (house.SOURCE / name).glob("models*")}
    assert files == set()


def test_the_list_of_engines_and_faces_names_real_floors() -> None:
    for name in house.configuration()["loket"]["house"]["tableless"]:
        house.level_of(name)
