"""Where a reminder leads, as far as its reader may still go there: posts end, and records with them."""

from typing import Any
from urllib.parse import urlsplit

from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve

from .models import Reminder
from .registry import kinds


def way_to(reminder: Reminder, user: Any) -> str:
    """The address of what a reminder is about; "" when it is gone or not for this reader, which are not told apart."""
    kind = kinds.items.get(reminder.kind)
    if kind and kind.leads_to:
        return _if_open(kind.leads_to(reminder), user)
    subject = reminder.subject
    return _if_open(resolve_url(subject), user, subject) if subject and _is_seen(subject, user) else ""


def _is_seen(subject: Any, user: Any) -> bool:
    rows = type(subject)._default_manager.all()
    return not hasattr(rows, "visible_to") or rows.visible_to(user).filter(pk=subject.pk).exists()


def _if_open(address: str, user: Any, subject: Any = None) -> str:
    """The address, when what its view declares holds for this reader; else ""."""
    try:
        page = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    needed = getattr(page.func, "access", "")
    asked = [subject] if subject and "pk" in page.kwargs else []
    return address if needed in ("public", "signed in") or user.has_perm(needed, *asked) else ""
