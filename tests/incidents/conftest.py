from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from grid.incidents.models import Incident
from grid.incidents.services import categories
from grid.incidents.services.categories import Limits
from grid.places import services as posts
from grid.places.models import Level, Role
from tests.cast import SINCE, make_user
from tests.factories import category, incident


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


@pytest.fixture
def held(chen, li, wu, places):
    """Dispatched by 李 to 吴, who has not taken it on."""
    return incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")


@pytest.fixture
def closed(chen, li, wu, places):
    return incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")


@pytest.fixture
def abroad(places):
    """The admin of another street of the district, and that street."""
    street = posts.open_place(
        level=Level.STREET, code="440113107", name="市桥街", parent=places.district, actor=None, since=SINCE
    )
    user = make_user("qiao", "乔建")
    posts.appoint(user, role=Role.STREET_ADMIN, place=street, actor=None, since=SINCE)
    return street, user


@pytest.fixture
def sent(he, places):
    """What the page of 楼道堆物 sends when nothing is altered."""
    rule = categories.held_by(category(), places.street)
    fields = {name: value for name, value in vars(Limits.of(rule)).items() if value is not False}
    return {**{name: "on" if value is True else value for name, value in fields.items()}, "base": rule.pk, "note": ""}


def url(name: str, incident: Incident | None = None) -> str:
    """The address of an incident's page."""
    return reverse(f"incidents:{name}", args=[incident.pk] if incident else [])
