from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core.doctor import Finding, check

from .models import DirtyDay
from .progress import LATE, lags_since


@check("figures.rollup", gettext_lazy("Figures"))
def figures_are_counted() -> Finding:
    """Every day that ended two hours ago has been counted, and no mark waits for longer."""
    advice = _("Run: make serve. To catch up at once: manage.py rollup")
    if since := lags_since():
        text = _("Days since %(day)s have not been counted; they are counted whenever somebody looks.")
        return Finding(False, text % {"day": since}, advice)
    waiting = DirtyDay.objects.filter(marked_at__lt=timezone.now() - LATE, of_periods=False).count()
    if waiting:
        words = ngettext(
            "%(count)d marked day waits to be counted anew.", "%(count)d marked days wait to be counted anew.", waiting
        )
        return Finding(False, words % {"count": waiting}, advice)
    return Finding(True, _("All days that have ended are counted."))
