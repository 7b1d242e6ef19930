"""What rooms below this one announce."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from portal.jobs.models import Job, State
from portal.jobs.signals import job_ended

from .services import remind


@receiver(job_ended)
def tell_owner(sender: Any, job: Job, **_facts: Any) -> None:
    """Whoever started long work and has gone on hears how it ended."""
    if job.is_worth_telling:
        text = _("Ready: %(title)s") if job.state == State.DONE else _("Not finished: %(title)s")
        stage, words = str(job.finished_at), {"title": job.title}  # a file is first checked, then applied: two ends
        remind(job.owner, kind="jobs.ended", about=job, stage=stage, text=text, words=words)
