"""The audit trail: who did what to which record, kept so that nobody can change it unnoticed."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.utils import timezone

from .models import AuditEntry, AuditSeal

SEAL_LOCK = 0x5EA1  # advisory lock: two jobs never seal at once
GENESIS = "0" * 64


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
def seal(*, limit: int = 10_000) -> int:
    """Chain entries that have no seal yet, oldest id first; returns how many. Safe to run twice at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-position").first()
    position, digest = (last.position, last.digest) if last else (0, GENESIS)
    seals = []
    for entry in AuditEntry.objects.filter(seal=None).order_by("id")[:limit]:
        position, digest = position + 1, link(digest, entry)
        seals.append(AuditSeal(position=position, entry=entry, digest=digest))
    AuditSeal.objects.bulk_create(seals, batch_size=1000)
    return len(seals)


@dataclass(frozen=True)
class Verdict:
    """What the chain says: `broken_at` is the first position that does not hold, None when all do."""

    sealed: int
    unsealed: int
    head: str
    broken_at: int | None = None
    reason: str = ""


def verify(*, anchor: tuple[int, str] | None = None) -> Verdict:
    """Recompute the whole chain; an `anchor` (position, digest) written down earlier shows a truncated end."""
    digest, sealed = GENESIS, 0
    anchored = anchor is None
    for seal_ in _links():
        if seal_.position != sealed + 1:
            return _broken(sealed + 1, digest, "missing")
        digest, sealed = link(digest, seal_.entry), seal_.position
        if not hmac.compare_digest(digest, seal_.digest):
            return _broken(sealed, digest, "altered")
        if anchor and anchor[0] == sealed:
            if not hmac.compare_digest(anchor[1], digest):
                return _broken(sealed, digest, "anchor")
            anchored = True
    if not anchored:
        return _broken(sealed + 1, digest, "truncated")
    return Verdict(sealed, AuditEntry.objects.filter(seal=None).count(), digest)


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


def _links() -> Iterator[AuditSeal]:
    return AuditSeal.objects.select_related("entry").order_by("position").iterator(chunk_size=2000)


def _broken(position: int, digest: str, reason: str) -> Verdict:
    return Verdict(position - 1, AuditEntry.objects.filter(seal=None).count(), digest, position, reason)
