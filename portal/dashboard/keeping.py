"""What boards have drawn, kept for some seconds: everybody who may open one sees the same, as of the same moment.

Each web process keeps its own. Who may open a board is asked before, at every request; what depends on the reader
(their name, the way there, what else they may do) is drawn around it. A key names a place, a period, figures, an order
and a language, and nothing that anybody has typed.
"""

from collections.abc import Callable
from threading import RLock
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from grid.places.models import Place
from portal.core.boards import panels
from portal.core.clock import today
from portal.figures.periods import Period
from portal.figures.registry import figures

DRAWING = [RLock() for _number in range(64)]  # a board is drawn by one thread of a process at a time


def key_of(request: HttpRequest, page: str, place: Place, period: Period, **more: Any) -> str:
    """Under what this page is kept; "" when its address holds anything but what a board itself puts there.

    `more` are the other words of the address, as they were understood.
    """
    told = {"period": period.token}
    for name, values in request.GET.lists():
        if name in more:
            continue
        if len(values) != 1 or name not in ("period", "panel", "sort"):
            return ""
        told[f"asked {name}"] = values[0]
    is_ours = (
        told.get("asked period", period.token) == period.token
        and told.get("asked panel", "") in ("", *panels.items)
        and told.get("asked sort", "").removeprefix("-") in ("", *figures.items)
    )
    if not is_ours:
        return ""
    named = [f"{name}={value}" for name, value in sorted({**told, **more}.items())]
    parts = ["board", page, place.pk, today(), get_language(), *named]
    return ":".join(str(part).replace(" ", "_") for part in parts)


def kept(key: str, draw: Callable[[], str]) -> SafeString:
    """What was drawn under this key some seconds ago, else what is drawn now: by one, while others wait for it."""
    seconds = settings.BOARDS_KEPT_SECONDS if key else 0
    if not seconds:
        return mark_safe(draw())  # noqa: S308 - our own template draws it
    found = cache.get(key)
    if found is None:
        with DRAWING[hash(key) % len(DRAWING)]:
            found = cache.get(key)
            if found is None:
                found = str(draw())
                cache.set(key, found, seconds)
    return mark_safe(found)  # noqa: S308 - our own template drew it
