"""Records that nearly every test begins with: made through the services once in a process, then put back as rows."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Model
from django.utils import timezone

from grid.places.models import Place, PlaceSpan
from portal.core.models import AuditEntry

MODELS: tuple[type[Model], ...] = (Place, PlaceSpan, AuditEntry)


@dataclass(frozen=True)
class Kept:
    """What was handed out, and the rows behind it."""

    made: Any
    rows: list[list[Model]]

    @classmethod
    def by(cls, make: Callable[[], Any]) -> "Kept":
        last = [model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in MODELS]
        made = make()
        rows = [
            list(model.objects.filter(pk__gt=before).order_by("pk")) for model, before in zip(MODELS, last, strict=True)
        ]
        return cls(copy.deepcopy(made), rows)

    def put_back(self) -> Any:
        """What was made, with the same rows under the same keys (those were given out for good), as if written now."""
        for model, rows in zip(MODELS, copy.deepcopy(self.rows), strict=True):
            for field in model._meta.fields:
                if field.default is timezone.now:
                    for row in rows:
                        setattr(row, field.attname, timezone.now())
            model.objects.bulk_create(rows)
        return copy.deepcopy(self.made)
