"""Demonstration data: each app offers its part in a module `demo`; they fill an empty database, one after the other.

Deleting an app deletes its part and nothing else. What was loaded is marked in the audit trail, so that a second run
changes nothing, a part added later joins, and a database that holds anything else is refused.
"""

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from . import audit, outbox, planner
from .clock import day_of
from .models import AuditEntry
from .refusals import Refused, refusals

SEED = 20230531
VERSION = 1
LOADED = "demo.loaded"
LOCK = 0xDE30  # advisory lock: two loads never run at once
PASSWORD = "shequ-2023-jiayuan"  # noqa: S105 - known to everybody: production is refused
PREPARE_AFTER = 3


@dataclass(frozen=True)
class SignIn:
    """Somebody as whom a visitor may look around."""

    username: str
    name: str
    post: str


@dataclass(frozen=True)
class Demonstration:
    """What every part is told: the moment at which the story stops, and how much of it to tell (1 is all)."""

    now: datetime = field(default_factory=timezone.now)
    scale: float = 1.0

    @property
    def today(self) -> date:
        return day_of(self.now)

    def random(self, *about: object) -> random.Random:
        """Chance that falls the same way every time, apart for each thing it is about."""
        return random.Random(f"{SEED} {about}")  # noqa: S311 - decides about stories, not secrets

    def share(self, number: int) -> int:
        """So many of a number at this scale, one at least."""
        return max(1, round(number * self.scale))


@dataclass(frozen=True)
class Part:
    """What one app contributes. `load` returns the record beside which the trail keeps that it was loaded."""

    name: str
    order: int
    load: Callable[[Demonstration], Model]
    finds_others: Callable[[], bool]
    sign_ins: Callable[[], Iterable[SignIn]] = tuple


@dataclass(frozen=True)
class Deed:
    """One line for the audit trail."""

    action: str
    subject: Model
    at: datetime
    actor: Any = None
    note: str = ""
    data: dict[str, Any] = field(default_factory=dict)


parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Offer a part; `order` says when it is loaded, lower first, as the layers of the house stand."""
    if part.name in parts:
        raise ValueError(f"{part.name} is registered twice")
    parts[part.name] = part


def discover() -> list[Part]:
    """The parts of all installed apps, in the order in which they are loaded."""
    autodiscover_modules("demo")
    return sorted(parts.values(), key=lambda part: (part.order, part.name))


def load(demonstration: Demonstration | None = None) -> list[str]:
    """Load what is not loaded yet, all of it or nothing, and tell nobody; returns the names of the parts loaded.

    Raises Refused when the database holds accounts or records that the demonstration did not make, or when another
    process is loading it.
    """
    offered = discover()
    with transaction.atomic(), outbox.silence():
        _go_alone()
        loaded = _loaded()
        missing = [part for part in offered if part.name not in loaded]
        if not loaded:
            _refuse_others(offered)
        if missing:
            _load(missing, demonstration or Demonstration())
    while audit.seal():
        pass
    return [part.name for part in missing]


def write_down(deeds: Iterable[Deed]) -> None:
    """Put many deeds on record at once, as `audit.record` does one."""
    kind = ContentType.objects.get_for_model
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                action=deed.action,
                actor=deed.actor,
                subject_type=kind(deed.subject),
                subject_id=deed.subject.pk,
                happened_at=deed.at,
                note=deed.note,
                data=deed.data,
            )
            for deed in sorted(deeds, key=lambda deed: deed.at)
        ],
        batch_size=500,
    )


def sign_ins() -> list[SignIn]:
    """As whom a visitor may look around, as the posts stand today."""
    return [sign_in for part in discover() for sign_in in part.sign_ins()]


def hints() -> str:
    """The sign-ins and their password, in the words that the command and `serve` print."""
    rows = sign_ins()
    widest = max((len(row.username) for row in rows), default=0)
    lines = [f"  {row.username:<{widest}}  {row.name} · {row.post}" for row in rows]
    return "\n".join([_("Sign in with the password %(password)s as:") % {"password": PASSWORD}, *lines])


def write_hints() -> Path:
    """Keep the hints where `serve` finds them, for their owner's eyes only."""
    file = Path(settings.STATE_DIR) / settings.DEMO_HINTS
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
        output.write(hints() + "\n")
    new.replace(file)
    return file


def _go_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Refused(_("The demonstration data are being loaded already."))


def _loaded() -> set[str]:
    marks = AuditEntry.objects.filter(action=LOADED).order_by()
    return {data["part"] for data in marks.values_list("data", flat=True)}


def _refuse_others(offered: Iterable[Part]) -> None:
    with refusals() as refuse:
        if get_user_model().objects.exists() or any(part.finds_others() for part in offered):
            refuse(_("This database holds other data. The demonstration is loaded only into an empty one."))


def _load(missing: Iterable[Part], demonstration: Demonstration) -> None:
    planner.be_patient()
    raw = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, PREPARE_AFTER  # the same few statements, ten thousand times
    try:
        for part in missing:
            subject = part.load(demonstration)
            planner.count_rows()
            told = {"part": part.name, "version": VERSION, "seed": SEED, "until": demonstration.now.isoformat()}
            audit.record(LOADED, subject, actor=None, data=told)
    finally:
        raw.prepare_threshold = before
