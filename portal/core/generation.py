"""Made-up portals of any size, for measuring: each app offers its part in a module `generation`.

A community at a time, each in a transaction of its own, by COPY. What was made is marked in the audit trail: a second
run adds what is missing to the number asked for, and a database that holds anything else is refused.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import GeneratedField, Model
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from . import audit, planner
from .locks import alone_with
from .models import AuditEntry, AuditSeal
from .refusals import Refused

GENERATED = "generated.community"
SEED = 20230531
LOCK = 0x6E3A  # advisory lock: two runs at once would number their communities alike
IDS_LOCK = 0x6E3B  # two threads never take keys at once: each gets its own in a row
AT_ONCE = 2
STREET = 13  # communities that one street office looks after, as in 石碁镇


@dataclass(frozen=True)
class Size:
    """How much there is to be: so many communities, and in each so many residents and incidents."""

    communities: int
    residents: int = 13_000
    incidents: int = 10_000
    seed: int = SEED
    photos: bool = False


@dataclass
class Lot:
    """One community in the making: its number from 1 on, what earlier parts made for later ones, and how much it is."""

    number: int
    size: Size
    now: datetime = field(default_factory=timezone.now)
    made: dict[type, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    trail: list["Deed"] = field(default_factory=list)
    subject: Model | None = None  # beside which the trail keeps that it was made

    @property
    def opens_street(self) -> bool:
        return (self.number - 1) % STREET == 0

    def random(self, about: str) -> random.Random:
        """Chance that falls the same way every time, apart for each part."""
        return random.Random(f"{self.size.seed} {about} {self.number}")  # noqa: S311 - makes up rows, not secrets


def _nothing() -> None:
    """What most parts do when all communities are there."""


@dataclass(frozen=True)
class Part:
    """What one app contributes. `make` fills a community; `finds_others` is told how much the marks speak of.

    `finish` comes once, after all communities are there, outside their transactions.
    """

    name: str
    order: int
    make: Callable[[Lot], None]
    finds_others: Callable[[Mapping[str, int]], bool]
    finish: Callable[[], object] = _nothing


@dataclass(frozen=True)
class Progress:
    """A community is done: how long it took, and how much it holds."""

    number: int
    seconds: float
    counts: Mapping[str, int]


parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Offer a part; `order` says when it is made, lower first, as the layers of the house stand."""
    if part.name in parts:
        raise ValueError(f"{part.name} is registered twice")
    parts[part.name] = part


def discover() -> list[Part]:
    """The parts of all installed apps, in the order in which they are made."""
    autodiscover_modules("generation")
    return sorted(parts.values(), key=lambda part: (part.order, part.name))


def generate(size: Size, *, at_once: int = AT_ONCE) -> Iterator[Progress]:
    """Make the communities that are missing, telling of each; those that are there stay as they are.

    While the database checks one community, another is made up; inside a transaction they come one after the other.
    Raises Refused when the database holds accounts or records that were not made here, or when another process is at
    it.
    """
    offered = discover()
    with _alone():
        marks = marks_of_earlier_runs()
        refuse_others(offered, marks)
        missing = sorted(set(range(1, size.communities + 1)) - {mark["number"] for mark in marks})
        lots = (Lot(number, size) for number in missing)
        if at_once == 1 or connection.in_atomic_block:
            yield from (_make(offered, lot) for lot in lots)
        else:
            yield from _make_at_once(offered, list(lots), at_once)
        while audit.seal():
            pass
        planner.count_rows()
        if missing:
            for part in offered:
                part.finish()


@contextmanager
def _alone() -> Iterator[None]:
    with alone_with(LOCK, 0) as alone:
        if not alone:
            raise Refused(_("Data are being made up here already."))
        yield


def _make_at_once(offered: Sequence[Part], lots: Sequence[Lot], at_once: int) -> Iterator[Progress]:
    """The first of a street's communities comes before the others: it opens the street."""

    def make(lot: Lot) -> Progress:
        try:
            return _make(offered, lot)
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        for opens, some in groupby(lots, key=lambda lot: lot.opens_street):
            if opens:
                yield from map(make, some)
            else:
                yield from pool.map(make, some)


def marks_of_earlier_runs() -> list[dict[str, int]]:
    """How many of what each community holds that was made here."""
    return list(AuditEntry.objects.filter(action=GENERATED).order_by("id").values_list("data", flat=True))


def refuse_others(offered: Iterable[Part], marks: Iterable[Mapping[str, int]]) -> None:
    """Raise Refused when a part finds more than the marks speak of."""
    expected: Counter[str] = Counter()
    for mark in marks:
        expected.update({key: value for key, value in mark.items() if isinstance(value, int)})
    if any(part.finds_others(expected) for part in offered):
        raise Refused(_("This database holds other data. Made-up data go only into an empty one."))


def _make(offered: Iterable[Part], lot: Lot) -> Progress:
    started = time.perf_counter()
    with transaction.atomic():
        planner.be_patient()
        for part in offered:
            part.make(lot)
        _write_down(lot)
    return Progress(lot.number, time.perf_counter() - started, lot.counts)


# COPY


def ids(model: type[Model], count: int) -> range:
    """So many keys of a table, in a row, taken from its sequence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        sequence = cursor.fetchone()[0]
        cursor.execute("SELECT pg_advisory_lock(%s)", [IDS_LOCK])
        try:
            cursor.execute("SELECT nextval(%s::regclass)", [sequence])
            first = cursor.fetchone()[0]
            cursor.execute("SELECT setval(%s::regclass, %s)", [sequence, max(first, first + count - 1)])
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [IDS_LOCK])
    return range(first, first + count)


def copy_in(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows by COPY and return how many; what a row leaves out has the field's default.

    Keys are columns and values are what the database keeps: encrypted texts, JSON and search vectors as texts. Raises
    KeyError for a key that is no column.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return 0
    columns: dict[str, Any] = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if not isinstance(field, GeneratedField)
    }
    key = model._meta.pk
    if str(key.column) not in first and not key.has_default():  # the database numbers what has no number
        del columns[str(key.column)]
    if unknown := set(first) - set(columns):
        raise KeyError(f"{model._meta.db_table} has no {', '.join(sorted(unknown))}")
    pairs, count = list(columns.items()), 0
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"  # names of our own
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in chain([first], coming):
            given = row.get
            copy.write_row([given(column, default) for column, default in pairs])
            count += 1
    return count


@dataclass(frozen=True, slots=True)
class Deed:
    """One line for the audit trail, told by keys: nothing is read for it."""

    action: str
    subject_type: int
    subject: int
    at: datetime
    actor: int | None = None
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def _write_down(lot: Lot) -> None:
    """Put what happened on record in the order of time, then that all of this was made up, and seal it."""
    assert lot.subject is not None  # noqa: S101 - a part says what
    told = sorted(lot.trail, key=lambda deed: deed.at)
    lot.counts["deeds"] += len(told)
    kind = ContentType.objects.get_for_model(lot.subject).pk
    facts = {**lot.counts, "number": lot.number, "seed": lot.size.seed}
    told.append(Deed(GENERATED, kind, lot.subject.pk, lot.now, data=facts))
    entries = [_entry(key, deed) for key, deed in zip(ids(AuditEntry, len(told)), told, strict=True)]
    copy_in(AuditEntry, map(_row, entries))
    links = [
        {"position": position, "entry_id": entry.pk, "digest": digest}
        for position, entry, digest in audit.chained(entries)
    ]
    copy_in(AuditSeal, links)


def _entry(key: int, deed: Deed) -> AuditEntry:
    return AuditEntry(
        pk=key,
        action=deed.action,
        actor_id=deed.actor,
        subject_type_id=deed.subject_type,
        subject_id=deed.subject,
        happened_at=deed.at,
        recorded_at=deed.at,
        note=deed.note,
        data=dict(deed.data),
    )


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "action": entry.action,
        "actor_id": entry.actor_id,
        "subject_type_id": entry.subject_type_id,
        "subject_id": entry.subject_id,
        "happened_at": entry.happened_at,
        "recorded_at": entry.recorded_at,
        "note": entry.note,
        "data": json.dumps(entry.data, ensure_ascii=False),
    }
