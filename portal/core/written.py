"""Questions written out in SQL, for those few that every page asks (docs/decisions/0019): rows become objects as usual.

The columns come from the models, so that a new one is not forgotten.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model


def columns(alias: str, model: type[Model]) -> str:
    """All columns of a model's table under an alias, in the order in which `made` takes them."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def made(model: type[Model], values: Iterator[Any]) -> Any:
    """The object of the next columns of a row; None where an outer join found nothing."""
    names, converters = _fields(model)
    found = [next(values) for _name in names]
    if found[0] is None:
        return None
    for position, convert in converters:
        found[position] = convert(found[position], None, connection)
    return model.from_db(DEFAULT_DB_ALIAS, names, found)


@cache
def _fields(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """The attributes of a model in the order of its columns, and what makes values of ours from the database's."""
    fields = model._meta.concrete_fields
    converters = [(number, one.from_db_value) for number, one in enumerate(fields) if hasattr(one, "from_db_value")]
    return [field.attname for field in fields], converters
