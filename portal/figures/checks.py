from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core.clock import day_of
from portal.core.doctor import Finding, check

from . import rollup
from .models import DirtyDay
from .periods import ONE_DAY

LATE = timedelta(hours=2)


@check("figures.rollup", gettext_lazy("Figures"))
def figures_are_counted() -> Finding:
    """Every day that ended two hours ago has been counted, and no mark waits for longer."""
    late = timezone.now() - LATE
    advice = _("Run: make serve. To catch up at once: manage.py rollup")
    behind = rollup.behind(day_of(late - rollup.SETTLED_AFTER) - ONE_DAY)
    if behind:
        text = _("Days since %(day)s have not been counted; they are counted whenever somebody looks.")
        return Finding(False, text % {"day": min(behind.values())}, advice)
    waiting = DirtyDay.objects.filter(marked_at__lt=late, of_periods=False).count()
    if waiting:
        words = ngettext(
            "%(count)d marked day waits to be counted anew.", "%(count)d marked days wait to be counted anew.", waiting
        )
        return Finding(False, words % {"count": waiting}, advice)
    return Finding(True, _("All days that have ended are counted."))
