"""Work that goes with the posts of whoever started it: when one of them ends, so does the right to what came of it."""

from typing import Any

from portal.jobs.models import Job

from .territory import territory_of


def posts_of(user: Any) -> list[int]:
    """The keys of the appointments somebody holds today."""
    return sorted(post.appointment.pk for post in territory_of(user).posts if post.appointment)


def still_holds(user: Any, job: Job) -> bool:
    """Whether every post under which a job was started is still held."""
    return set(job.posts) <= set(posts_of(user))
