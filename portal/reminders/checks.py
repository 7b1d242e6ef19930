from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.doctor import Finding, check

from .channels import channels
from .models import Delivery

LATE = timedelta(minutes=15)  # the worker looks twice a minute


@check("reminders.mail", gettext_lazy("E-mails"))
def mails_leave() -> Finding:
    """Nothing was given up, nothing that may leave waits for long, and links lead here."""
    if not channels.items["email"].is_open():
        return Finding(True, _("Not set up: messages stand in the portal alone. EMAIL_URL sends them out."))
    failed = Delivery.objects.filter(outcome=Delivery.Outcome.GIVEN_UP).order_by("-ended_at").first()
    if failed:
        given_up = Delivery.objects.filter(outcome=Delivery.Outcome.GIVEN_UP).count()
        words = {"count": given_up, "error": failed.last_error}
        text = _("%(count)d messages could not be mailed, the last of them because: %(error)s") % words
        return Finding(False, text, _("Mend that, then run: manage.py mail_again"))
    before = timezone.now() - LATE
    sent_away = ~Q(last_error="") & Q(attempts=0, reminder__created_at__lte=before)  # it comes back every minute
    late = Delivery.objects.waiting().filter(Q(available_at__lte=before) | sent_away).count()
    if late:
        text = _("%(count)d messages wait to be mailed for more than a quarter of an hour.") % {"count": late}
        return Finding(False, text, _("See that the mail server of EMAIL_URL answers and the worker runs."))
    if not settings.SITE_URL:
        return Finding(False, _("They carry no links."), _("Set SITE_URL to the address of the portal."))
    return Finding(True, _("None waits."))
