from datetime import timedelta

from celery import shared_task
from django.db import OperationalError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.core import outbox, schedule

from . import email, letters, services
from .models import Preference
from .services import preferences

AGAIN = {"acks_late": True, "autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}
# Its next turn may come before it ends; then both write the same once.
LONG = {"soft_time_limit": 280, "time_limit": 300}


@shared_task(**AGAIN, **LONG)
def collect(kind: str) -> int:
    """Write the reminders of a kind that are due by the calendar."""
    return services.collect(kind)


@shared_task(**AGAIN)
def deliver() -> int:
    """Send what may leave now."""
    return services.deliver_due()


@shared_task(**AGAIN)
def forget_delivered() -> int:
    """Drop what left months ago."""
    return services.forget_delivered()


@outbox.handler(preferences.TOPIC)
def send_link(*, preference: int) -> None:
    """Send the link that confirms an address, to nobody else; what was confirmed or changed meanwhile gets none."""
    found = Preference.objects.select_related("user").filter(pk=preference, email_confirmed_at=None).first()
    if found is None or not found.email or found.email_refused_at:
        return
    with translation.override(found.user.language):
        subject = _("[%(portal)s] Confirm your e-mail address") % {"portal": letters.portal_name()}
        body = "\n".join(_link_body(found))
    sent_at = int(found.link_sent_at.timestamp()) if found.link_sent_at else 0
    try:
        with email.connected() as connection:
            email.send(found.email, subject, body, name=f"confirm-{found.pk}-{sent_at}", connection=connection)
    except email.NotSent as reason:
        if not reason.is_refused:
            raise
        preferences.refused(found)


def _link_body(preference: Preference) -> list[str]:
    path = reverse("reminders:confirm_address", args=[preferences.token_for(preference)])
    return [
        _("Somebody, probably you, wants the messages of the portal sent to this address. If so, open this page:"),
        "",
        letters.address_of(path) or path,
        "",
        _("It is good for three days. If it was not you, do nothing: no further mail will come."),
    ]


schedule.every(timedelta(seconds=30), "portal.reminders.tasks.deliver")
schedule.every(timedelta(days=1), "portal.reminders.tasks.forget_delivered")
