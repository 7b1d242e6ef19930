from typing import Any

from portal.core.forms import ServiceForm

from . import services
from .models import Job


class CancelForm(ServiceForm):
    """Nothing to fill in: that it is sent says it."""

    subjects = ("job",)
    job: Job

    def call(self, *, actor: Any) -> Job:
        return services.cancel(self.job, actor=actor)
