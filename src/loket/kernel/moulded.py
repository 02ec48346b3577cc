"""A model's row as a mould takes it."""

from django.db import connections, models

from loket.kernel.casting import Column, Row


def row_of(instance: models.Model, *, store: str = "default", **opened: object) -> Row:
    """The row without numbers that the database draws; `opened` is put in place of what is stored."""
    fields = [field for field in instance._meta.concrete_fields if not isinstance(field, models.AutoField)]
    return Row(
        table=instance._meta.db_table,
        columns=tuple(
            Column(str(field.column), str(field.db_type(connections[store])).partition("(")[0])
            for field in fields
        ),
        values=tuple(opened.get(field.attname, getattr(instance, field.attname)) for field in fields),
        store=store,
    )
