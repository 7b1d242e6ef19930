"""The wall: whoever is no neighbour of a record gets 404 at every address of it, and its owner gets in.

The matrix is made from the URL list: an address that is missing here fails the suite.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from grid.incidents.models import Incident
from tests import factories

# Pages without an object: they show what the user's own territory holds (each app tests that they do).
WITHOUT_OBJECT: set[str] = set()


@dataclass
class Scene:
    """The cast and the places of one test."""

    people: dict[str, Any]
    places: Any

    def __getattr__(self, name: str) -> Any:
        return self.people[name]

    def incident(self, stage: str, **fields: Any) -> Incident:
        """An incident in 陈's building, handled by 吴."""
        return factories.incident(
            place=self.places.qishan,
            reporter=self.chen.user,
            office=self.zhang.user,
            handler=self.wu.user,
            stage=stage,
            **fields,
        )


@dataclass
class Door:
    """One address with a real object behind it: who may pass, and how."""

    make: Callable[[Scene], dict[str, Any]]
    owner: str
    method: str = "get"
    data: Callable[[Scene, dict[str, Any]], dict[str, Any]] = field(default=lambda scene, kwargs: {})
    strangers: tuple[str, ...] = ("huang", "zhou")


def _incident(stage: str, **fields: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {"pk": scene.incident(stage, **fields).pk}


def _settleable(scene: Scene) -> dict[str, Any]:
    return {"pk": scene.incident("reported").pk}


def _data(**data: Any) -> Callable[[Scene, dict[str, Any]], dict[str, Any]]:
    return lambda scene, kwargs: data
