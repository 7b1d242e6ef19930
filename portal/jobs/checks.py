from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.doctor import Finding, check

from .models import Job

LATE = timedelta(minutes=15)


@check("jobs.waiting", gettext_lazy("Long work"))
def jobs_go_on() -> Finding:
    """No job has waited for a worker, or been silent in one, for long."""
    heard = Coalesce(F("beat_at"), F("created_at"))
    silent = Job.objects.in_hand().alias(heard=heard).filter(heard__lt=timezone.now() - LATE).count()
    if silent:
        return Finding(False, _("%(count)d wait for the worker.") % {"count": silent}, _("Run: make serve"))
    return Finding(True, _("None waits."))
