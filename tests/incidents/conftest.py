from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from grid.incidents.models import Incident
from tests.factories import category


@pytest.fixture
def report_form(places: Any) -> Callable[..., dict[str, Any]]:
    """What the phone sends for 楼道堆物 in 岐山中路, with a fresh key; fields may be put right or left out (None)."""

    def filled(**changes: Any) -> dict[str, Any]:
        fields = {
            "idempotency_key": str(uuid4()),
            "place": places.qishan.pk,
            "category": category().pk,
            "severity": "general",
            "description": "三楼楼梯口堆满纸箱",
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    return filled


def url(name: str, incident: Incident | None = None) -> str:
    """The address of an incident's page."""
    return reverse(f"incidents:{name}", args=[incident.pk] if incident else [])
