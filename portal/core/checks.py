from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import outbox
from .doctor import Finding, check
from .documents import font_files

LATE = timedelta(minutes=5)  # a worker that lives takes every message within seconds


@check("core.outbox", gettext_lazy("Messages"))
def messages_leave() -> Finding:
    """Nothing was given up, and nothing that is due waits for long."""
    failed = outbox.given_up().order_by("-id").first()
    if failed:
        words = {"count": outbox.given_up().count(), "topic": failed.topic, "error": failed.last_error}
        return Finding(
            False,
            _("%(count)d could not be delivered, the last of them (%(topic)s) because: %(error)s") % words,
            _("Mend that, then run: manage.py deliver_again"),
        )
    late = outbox.due().filter(available_at__lt=timezone.now() - LATE).count()
    if late:
        return Finding(False, _("%(count)d wait for the worker.") % {"count": late}, _("Run: make serve"))
    return Finding(True, _("None waits."))


@check("core.fonts", gettext_lazy("Documents"))
def documents_can_be_set() -> Finding:
    """The fonts of PDFs lie where they are looked for."""
    try:
        font_files()
    except ImproperlyConfigured as error:
        return Finding(False, str(error), _("Run: make setup"))
    return Finding(True, _("Their fonts are there."))
