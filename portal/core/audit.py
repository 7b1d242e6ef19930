"""The audit trail: who did what to which record, kept so that nobody can change it unnoticed."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.utils import timezone

from .models import AuditEntry, AuditSeal

log = structlog.get_logger(__name__)

SEAL_LOCK = 0x5EA1  # advisory lock: two jobs never seal at once
GENESIS = "0" * 64
READ_AT_ONCE = 2000
LATE = timedelta(days=1)  # no transaction lives nearly so long


def record(
    action: str,
    subject: models.Model,
    *,
    actor: Any,
    note: str = "",
    at: datetime | None = None,
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down that `actor` (None for the system itself) did `action`; `at` is when it happened, default now."""
    now = timezone.now()
    return AuditEntry.objects.create(
        action=action,
        actor=actor,
        subject_type=ContentType.objects.get_for_model(subject),
        subject_id=subject.pk,
        happened_at=at or now,
        recorded_at=now,
        note=note,
        data=data or {},
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )


def timeline(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """Everything done to a record, oldest first, with its actors; one query."""
    return (
        AuditEntry.objects.filter(subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk)
        .select_related("actor")
        .order_by("happened_at", "id")
    )


@transaction.atomic
def seal(*, limit: int = 10_000, thoroughly: bool = False) -> int:
    """Chain entries that have no seal yet, oldest id first; returns how many. Safe to run twice at once.

    What a long transaction commits late, under a lower id, is sealed later: the chain's order is that of positions.
    Only `thoroughly` is the whole trail searched for such entries (a second for a million), else that of the last day.
    The new head goes to the log, so that there is an anchor outside the database.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    position, digest = _head()
    seals = []
    unsealed = AuditEntry.objects.filter(seal=None)
    newest = AuditEntry.objects.filter(seal__position=position).first()
    if newest and not thoroughly:
        unsealed = unsealed.filter(recorded_at__gte=newest.recorded_at - LATE)
    for entry in unsealed.order_by("id")[:limit]:
        position, digest = position + 1, link(digest, entry)
        seals.append(AuditSeal(position=position, entry=entry, digest=digest))
    AuditSeal.objects.bulk_create(seals, batch_size=1000)
    if seals:
        log.info("audit.sealed", count=len(seals), anchor=f"{position}:{digest}")
    return len(seals)


def chained(entries: Iterable[AuditEntry]) -> Iterator[tuple[int, AuditEntry, str]]:
    """Position and digest for entries that are written in bulk, chained as `seal` would; the caller keeps them.

    Nobody else seals until the caller's transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
    position, digest = _head()
    for entry in entries:
        position, digest = position + 1, link(digest, entry)
        yield position, entry, digest


@dataclass(frozen=True)
class Verdict:
    """What the chain says of its first `sealed` links, the last of which has the digest `head`.

    `broken_at` is the first position that does not hold, None when all do, and `entry` the entry it seals, if it is
    there. `reason` is "missing" (entry or seal), "altered", "anchor" (the chain is another than the one whose head was
    written down) or "truncated" (it ends before the anchor).
    """

    sealed: int
    unsealed: int
    head: str
    broken_at: int | None = None
    reason: str = ""
    entry: AuditEntry | None = None


def verify(*, anchor: tuple[int, str] | None = None) -> Verdict:
    """Recompute the whole chain; an `anchor` (position, digest) written down earlier shows a cut or rewritten end."""
    digest, sealed = GENESIS, 0
    last, _digest = _head()  # what is sealed in the meantime is left for the next time
    for seal_ in _links(last):
        if seal_.position != sealed + 1:
            break
        previous, digest, sealed = digest, link(digest, seal_.entry), seal_.position
        if not hmac.compare_digest(digest, seal_.digest):
            return _broken(sealed, previous, "altered", seal_.entry)
        if anchor and anchor[0] == sealed and not hmac.compare_digest(anchor[1], digest):
            return _broken(sealed, previous, "anchor", seal_.entry)
    if sealed < last:
        return _broken(sealed + 1, digest, "missing")
    if anchor and anchor[0] > sealed:
        return _broken(sealed + 1, digest, "truncated")
    return Verdict(sealed, _unsealed(), digest)


def link(previous: str, entry: AuditEntry) -> str:
    """The digest of an entry after the one before it: keyed, so that the database alone cannot forge it."""
    facts = json.dumps(
        [
            entry.pk,
            entry.action,
            entry.actor_id,
            entry.subject_type_id,
            entry.subject_id,
            entry.happened_at.astimezone(UTC).isoformat(),
            entry.recorded_at.astimezone(UTC).isoformat(),
            entry.note,
            entry.data,
            entry.request_id,
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    key = hmac.digest(settings.FIELD_KEY.encode(), b"portal.audit", "sha256")
    return hmac.new(key, f"{previous}{facts}".encode(), hashlib.sha256).hexdigest()


def _head() -> tuple[int, str]:
    last = AuditSeal.objects.order_by("-position").first()
    return (last.position, last.digest) if last else (0, GENESIS)


def _links(last: int) -> Iterator[AuditSeal]:
    """Seals up to a position, a page at a time: no statement runs long, whatever has come together in the years."""
    position: int | None = 0
    while position is not None:
        page = AuditSeal.objects.filter(position__gt=position, position__lte=last).select_related("entry")
        position = None
        for seal_ in page.order_by("position")[:READ_AT_ONCE]:
            position = seal_.position
            yield seal_


def _unsealed() -> int:
    return AuditEntry.objects.filter(seal=None).count()


def _broken(position: int, head: str, reason: str, entry: AuditEntry | None = None) -> Verdict:
    return Verdict(position - 1, _unsealed(), head, position, reason, entry)
