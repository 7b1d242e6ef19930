"""Records that nearly every test begins with: made through the services once in a process, then put back as rows."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Field, Max, Model
from django.utils import timezone
from psycopg import sql

NOW = "now, whenever that is"  # stands in the rows for the moment at which they are put back


@dataclass(frozen=True)
class Kept:
    """What was handed out, and the rows behind it, in one statement for each table."""

    made: bytes
    rows: str

    @classmethod
    def by(cls, make: Callable[[], Any], *models: type[Model]) -> "Kept":
        """What this makes, which leaves rows of these models and of no others."""
        last = {model: model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in models}
        made = pickle.dumps(make())  # as it is now, whatever a test does to it
        statements = [_insert(model, model.objects.filter(pk__gt=last[model]).order_by("pk")) for model in models]
        return cls(made, ";".join(statements))

    def handed_out(self) -> Any:
        return pickle.loads(self.made)

    def put_back(self) -> Any:
        """What was made, with the same rows under the same keys (those were given out for good), as if written now."""
        now = sql.Literal(timezone.now()).as_string()
        with connection.cursor() as cursor:
            cursor.execute(self.rows.replace(sql.Literal(NOW).as_string(), now))
        return self.handed_out()


def _insert(model: type[Model], rows: Iterable[Model]) -> str:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(",").join(sql.Identifier(field.column) for field in fields),
        sql.SQL(",").join(sql.SQL("({})").format(sql.SQL(",").join(_values(fields, row))) for row in rows),
    )
    return statement.as_string(connection.connection)


def _values(fields: Iterable[Field], row: Model) -> Iterator[sql.Literal]:
    for field in fields:
        is_now = field.default is timezone.now
        yield sql.Literal(NOW if is_now else field.get_db_prep_save(getattr(row, field.attname), connection))
