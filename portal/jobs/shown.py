"""A job as its owner reads it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .models import Job, JobFile, State
from .registry import Kind, kinds, may

TONES = {
    State.WAITING: "grey",
    State.RUNNING: "blue",
    State.DONE: "green",
    State.FAILED: "red",
    State.EXPIRED: "grey",
    State.CANCELLED: "grey",
}


@dataclass(frozen=True)
class Shown:
    """A job with the words its kind has for it; `file` is its file's name and size, when it made one."""

    job: Job
    kind: Kind | None
    file: JobFile | None = None
    may: bool = True

    @property
    def tag(self) -> tuple[str, Any]:
        return TONES[State(self.job.state)], State(self.job.state).label

    @property
    def ended_tag(self) -> tuple[str, Any] | None:
        """The tag of what has ended; what is in hand changes under the reader's eyes and says so itself."""
        return None if self.job.is_in_hand else self.tag

    @property
    def label(self) -> Any:
        return self.kind.label if self.kind else ""

    @property
    def icon(self) -> str:
        return self.kind.icon if self.kind else "clock-history"

    @property
    def stage(self) -> Any:
        """What the worker does at the moment."""
        if self.job.state == State.WAITING:
            return _("Goes on in a moment") if self.job.done else _("Waiting for its turn")
        return (self.kind and self.kind.stages.get(self.job.stage)) or _("Being worked on")

    @property
    def progress(self) -> str:
        """How much of how much is done, in the kind's words."""
        if not self.kind or not self.job.total:
            return ""
        return str(self.kind.counted) % {"done": f"{self.job.done:,}", "total": f"{self.job.total:,}"}

    @property
    def link(self) -> str:
        """Where the outcome is looked at, when that is a page."""
        return self.kind.link(self.job) if self.kind and self.kind.link else ""

    @property
    def link_label(self) -> Any:
        return self.kind.link_label if self.kind else ""

    @property
    def can_be_fetched(self) -> bool:
        return self.job.state == State.DONE and self.file is not None and self.may

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it is done here and has not ended; rights that were lost are no reason to let it go on."""
        return self.job.is_in_hand and self.job.about is None

    @property
    def leaves_a_part(self) -> bool:
        """Whether what was done stays when the rest is cancelled."""
        return self.kind is not None and not self.kind.at_once

    @property
    def can_be_repeated(self) -> bool:
        return self.job.state == State.FAILED and bool(self.kind and self.kind.run) and self.may


def shown(jobs: list[Job], user: Any) -> list[Shown]:
    """Jobs of a page with their files; one query for all."""
    made = [job.pk for job in jobs if job.state == State.DONE]
    files = JobFile.objects.filter(job__in=made).only("job_id", "name", "size") if made else ()
    of = {file.job_id: file for file in files}
    return [Shown(job, kinds.items.get(job.kind), of.get(job.pk), may(user, job)) for job in jobs]
