"""Long work is started, followed, fetched and forgotten; how it is carried out stands in `running`."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core import audit, outbox
from portal.core.personal import decrypt_bytes
from portal.core.refusals import Refused, refusals

from .models import ENDED, IN_HAND, Job, JobFile, State
from .registry import kinds, may
from .running import KEPT
from .signals import job_ended

LISTED_FOR = timedelta(days=30)
AT_ONCE = 500
MOST_IN_HAND = 20  # of one owner: nobody keeps all others waiting


@transaction.atomic
def start(
    kind: str,
    *,
    owner: User,
    title: str,
    payload: dict[str, Any] | None = None,
    note: str = "",
    total: int = 0,
    posts: Sequence[int] = (),
    key: UUID | None = None,
) -> Job:
    """Have something done once this commits; `payload` holds ids and codes, `note` what was typed, `title` no person.

    `posts` are the ids of the posts that allow it, see `Kind.allows`.
    A double tap gives the same job: the same `key`, or the same of a kind for the same owner while it is in hand.
    Raises Refused when the owner may not have it done, has too much in hand, or used the key for other work.
    """
    job = Job(kind=kind, owner=owner, title=title[:200], payload=payload or {}, note=note, total=total, key=key)
    job.posts = list(posts)
    job.fingerprint = _fingerprint(job.payload, note)
    if kinds.items[kind].run is None:
        raise ValueError(f"{kind} is done elsewhere: follow it")
    if not may(owner, job):
        raise Refused(_("You may no longer do this: your post or your rights have changed."))
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        return _known(job)
    if Job.objects.filter(owner=owner, about=None).in_hand().count() > MOST_IN_HAND:
        raise Refused(_("So much is being done for you already. Wait until some of it has ended."))
    outbox.send("jobs.run", job=job.pk)
    return job


def follow(kind: str, about: int, *, owner: User, title: str) -> None:
    """Let work that is done elsewhere be seen among its owner's; whoever does it keeps up with it."""
    facts = {"owner": owner, "title": title[:200], "fingerprint": str(about)}
    Job.objects.get_or_create(kind=kind, about=about, defaults=facts)


@transaction.atomic
def keep_up(kind: str, about: int, *, state: State, stage: str = "", error: str = "") -> None:
    """Work that is done elsewhere, if it is followed, now stands so. Begun anew it moves to the top of its owner's."""
    job = Job.objects.select_for_update().filter(kind=kind, about=about).first()
    if job is None or (job.state, job.stage, job.error) == (state, stage, error[:500]):
        return
    now = timezone.now()
    job.state, job.stage, job.error, job.beat_at = state, stage, error[:500], now
    job.finished_at, job.expires_at = (None, None) if state in IN_HAND else (now, now + KEPT)
    if state in IN_HAND:
        job.done = job.total = 0
    if state == State.WAITING:
        job.created_at = now
    job.seen_at = now if state == State.EXPIRED else None
    job.save()
    if state in ENDED:
        job_ended.send(Job, job=job)


def seen_about(kind: str, about: int, *, by: User) -> None:
    """Its owner has looked at how it ended, on the page where it is done."""
    Job.objects.filter(kind=kind, about=about, owner=by, seen_at=None, state__in=ENDED).update(seen_at=timezone.now())


def seen(job: Job) -> None:
    """Its owner has looked at how it ended."""
    if job.state in ENDED and job.seen_at is None:
        Job.objects.filter(pk=job.pk, seen_at=None, state=job.state).update(seen_at=timezone.now())


@transaction.atomic
def fetch_file(job: Job, *, actor: User) -> tuple[JobFile, bytes]:
    """The file a job made, with its content; that it was fetched is on record.

    Raises Refused when it was deleted, or `actor` may no longer have it.
    """
    if not may(actor, job):
        raise Refused(_("You may no longer do this: your post or your rights have changed."))
    now = timezone.now()
    file = JobFile.objects.filter(job=job, job__state=State.DONE, job__expires_at__gt=now).first()
    if file is None:
        raise Refused(_("The file was deleted. Have it made again."))
    audit.record("jobs.fetched", job, actor=actor, data={"kind": job.kind})
    return file, decrypt_bytes(bytes(file.content))


@transaction.atomic
def again(job: Job, *, actor: User) -> Job:
    """Have what failed done once more. Raises Refused when it did not fail, or `actor` may not have it done."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state != State.FAILED or job.about is not None or kinds.items.get(job.kind) is None:
        raise Refused(_("This did not fail, or cannot be repeated."))
    same = {name: getattr(job, name) for name in ("kind", "title", "payload", "note", "total", "posts")}
    return start(owner=actor, **same)


@transaction.atomic
def cancel(job: Job, *, actor: User, at: datetime | None = None) -> Job:
    """Let a job that waits or runs come to nothing; whoever works on it stops after the part in hand.

    What work that commits by itself has done by then stays; all other leaves nothing. Raises Refused when it has
    ended, is done elsewhere, or is not `actor`'s.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    with refusals() as refuse:
        if job.owner_id != actor.pk:
            refuse(_("Only whoever started this may cancel it."))
        if job.about is not None:
            refuse(_("This is worked on elsewhere, and is stopped there."))
        elif not job.is_in_hand:
            refuse(_("This has ended: there is nothing left to cancel."))
    now = at or timezone.now()
    audit.record(
        "jobs.cancelled", job, actor=actor, at=at, data={"kind": job.kind, "done": job.done, "total": job.total}
    )
    job.state, job.stage, job.payload, job.note = State.CANCELLED, "", {}, ""
    job.finished_at = job.seen_at = now
    job.expires_at = now + KEPT
    job.save(update_fields=["state", "stage", "payload", "note", "finished_at", "seen_at", "expires_at"])
    return job


def waiting(*, most: int = AT_ONCE) -> list[int]:
    """Jobs that somebody waits for, whoever waits longest for a worker first; one may have been killed over them."""
    in_hand = Job.objects.in_hand().filter(about=None).order_by(Coalesce("beat_at", "created_at"), "pk")
    return list(in_hand.values_list("pk", flat=True)[:most])


@transaction.atomic
def expire() -> int:
    """Delete files a week after they were made, old jobs a month after they ended, cancelled ones after a week.

    Returns how many files.
    """
    now = timezone.now()
    over = Job.objects.exclude(state__in=IN_HAND).filter(expires_at__lte=now)
    deleted, _each = JobFile.objects.filter(job__in=over).delete()
    over.filter(state=State.CANCELLED).delete()
    over.filter(~Q(state=State.EXPIRED)).update(state=State.EXPIRED, payload={}, note="")
    Job.objects.exclude(state__in=IN_HAND).filter(finished_at__lt=now - LISTED_FOR).delete()
    return deleted


def _known(job: Job) -> Job:
    """The job that stands in the way of another one like it."""
    mine = Job.objects.filter(owner=job.owner_id)
    sent = mine.filter(key=job.key).first() if job.key else None
    if sent and (sent.kind, sent.fingerprint) != (job.kind, job.fingerprint):
        raise Refused(_("This page was already sent, with other content. Send it again if you want a second record."))
    same = mine.filter(kind=job.kind, fingerprint=job.fingerprint, state__in=IN_HAND)
    found = sent or same.first()
    if found is None:  # it has ended between the two: let the sender try again
        raise Refused(_("Somebody else is changing this at the moment. Send it again."))
    return found


def _fingerprint(payload: dict[str, Any], note: str) -> str:
    """The same for the same work. Keyed: from a plain one, few words could be found again by trying them all."""
    content = json.dumps([payload, note], sort_keys=True).encode()
    return hmac.digest(settings.SECRET_KEY.encode(), b"portal.jobs:" + content, "sha256").hex()
