"""What a letter says: the lines of the inbox in their reader's language, and the way there; nothing else."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .channels import Letter
from .models import Reminder
from .registry import in_order, kind_of

MOST_LINES = 40  # beyond them nobody reads a mail; the rest is counted


def written(letter: Letter) -> tuple[str, str]:
    """The subject, without any name, and the body."""
    with translation.override(letter.preference.user.language):
        return _subject(letter.reminders), "\n".join(_body(letter.reminders))


def address_of(path: str) -> str:
    """Where something stands, for somebody who reads it outside of the portal; "" while SITE_URL is not set."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else ""


def portal_name() -> str:
    return _("Community Governance Portal")


def _subject(reminders: Iterable[Reminder]) -> str:
    labels = [reminder.label for reminder in reminders]
    words = {"portal": portal_name(), "kind": labels[0], "count": len(labels)}
    if len(labels) == 1:
        return _("[%(portal)s] %(kind)s") % words
    return ngettext("[%(portal)s] %(count)d message", "[%(portal)s] %(count)d messages", len(labels)) % words


def _body(reminders: Iterable[Reminder]) -> Iterable[str]:
    told = sorted(reminders, key=lambda one: (one.created_at, one.pk), reverse=True)
    shown, rest = told[:MOST_LINES], len(told) - MOST_LINES
    if len(told) == 1:
        yield from _line(shown[0])
    else:
        for group in in_order():
            mine = [one for one in shown if kind_of(one.kind).group == group.key]
            if mine:
                yield from (f"【{group.label}】", "")
                for one in mine:
                    yield from _line(one)
    if rest > 0:
        yield from (ngettext("and %(count)d more", "and %(count)d more", rest) % {"count": rest}, "")
    yield from _foot()


def _line(reminder: Reminder) -> Iterable[str]:
    yield reminder.text
    if address := address_of(reminder.get_absolute_url()):
        yield address
    yield ""


def _foot() -> Iterable[str]:
    yield "-- "
    inbox, settings_page = address_of(reverse("reminders:inbox")), address_of(reverse("reminders:settings"))
    if not inbox:
        yield _("Sign in to the portal and open “Messages” to read more.")
        yield _("There you also choose what is mailed to you, and when.")
        return
    yield _("All messages: %(address)s") % {"address": inbox}
    yield _("What is mailed to you, and when: %(address)s") % {"address": settings_page}
