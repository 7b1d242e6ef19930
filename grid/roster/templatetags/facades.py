"""Façades, their legend and small pictures of them in templates: `{% load facades %}`."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from grid.roster.facade import Facade, Flat, Key, Row
from grid.roster.facade_layers import Layer
from portal.core.components import icon_names, one_of
from portal.core.templatetags.ui import asset

register = template.Library()


@register.inclusion_tag("roster/buildings/facade.html")
def facade(*, drawing: Facade, here: Any = None) -> dict[str, Any]:
    """A building drawn at full size, each cell a link to its household; `here` is the key of one to be pointed out."""
    return {"drawing": drawing, "here": here, "sprite": asset(name="build/sprite.svg")}


@register.inclusion_tag("roster/buildings/facade_mini.html")
def facade_mini(*, drawing: Facade, here: Any, label: str) -> dict[str, Any]:
    """Where in its building a flat lies: a picture, described by `label`."""
    return {"drawing": drawing, "here": here, "label": label}


@register.inclusion_tag("roster/buildings/row.html")
def house_row(*, row: Row, here: Any = None) -> dict[str, Any]:
    """Houses side by side along a lane, each a link to its household."""
    return {"row": row, "here": here, "sprite": asset(name="build/sprite.svg")}


@register.inclusion_tag("roster/buildings/key.html")
def facade_key(*, key: Iterable[Key]) -> dict[str, Any]:
    """What the tones and symbols of a façade mean."""
    return {"key": key}


@register.inclusion_tag("roster/buildings/table.html")
def facade_table(*, label: str, flats: Iterable[Flat], layer: Layer) -> dict[str, Any]:
    """The same as the façade under a layer, in words: a row a household."""
    return {"label": label, "flats": flats, "layer": layer}


@register.simple_tag
def sign(*, name: str, sprite: str, x: int, y: int, size: int = 15) -> SafeString:
    """An icon inside a drawing."""
    one_of(name, icon_names(), "an icon")
    return format_html(
        '<use class="cell-sign" href="{}#{}" x="{}" y="{}" width="{}" height="{}"></use>',
        sprite,
        name,
        x,
        y,
        size,
        size,
    )
