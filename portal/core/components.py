"""What all components of the screens share: which values an attribute may have, and how one is drawn."""

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

TONES = ("blue", "green", "amber", "red", "grey")
STEP_STATES = ("done", "current", "todo")
BUTTONS = ("primary", "secondary", "quiet", "danger")
ICON_SIZES = ("sm", "lg", "xl")


def one_of(value: str, allowed: Iterable[str], what: str) -> str:
    """`value`; a template error when it is not among the `allowed`."""
    if value not in allowed:
        raise TemplateSyntaxError(f"{what} is one of {', '.join(sorted(allowed))}, not {value!r}")
    return value


@lru_cache
def icon_names() -> frozenset[str]:
    """Names in the sprite, from the list that the build draws it from."""
    listed = settings.BASE_DIR / "static" / "src" / "icons.json"
    return frozenset(json.loads(listed.read_text())) | {"mark"}


@cache
def page_url(name: str) -> str:
    """The address of a page that takes no arguments: the same for everybody, as long as the process lives."""
    return reverse(name)


def draw(name: str, **context: Any) -> str:
    """The component's template with nothing but what it was given."""
    return get_template(f"components/{name}.html").render(context)


def trimmed(content: str) -> SafeString:
    """A block's rendered content without the space around it: it was escaped when it was rendered."""
    return mark_safe(content.strip())  # noqa: S308
