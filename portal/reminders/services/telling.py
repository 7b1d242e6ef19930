"""Telling people: a reminder is written once, in its reader's language, together with the letters that carry it out.

Many are written as sets, five thousand at a time. What was written before is left as it is, and so is what somebody
else writes at the same moment: the database decides (`reminder_written_once`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone, translation

from portal.accounts.models import User
from portal.core.refusals import Text
from portal.reminders.channels import open_channels
from portal.reminders.models import Delivery, Preference, Reminder
from portal.reminders.registry import Due, Kind, kind_of
from portal.reminders.timing import leaves_at

AT_ONCE = 5_000
LONGEST = Reminder._meta.get_field("text").max_length

# In one order, so that two who write the same wait for each other rather than both for ever.
WRITE = f"""
    INSERT INTO {Reminder._meta.db_table} (user_id, kind, subject_type_id, subject_id, stage, text, created_at)
    SELECT told, %s, subject_type, subject, stage, said, %s
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::text[], %s::text[])
        AS due (told, subject_type, subject, stage, said)
    ORDER BY told, subject_type, subject, stage
    ON CONFLICT DO NOTHING
    RETURNING id, user_id
"""  # noqa: S608 - the name of a table
SEND = f"""
    INSERT INTO {Delivery._meta.db_table} (reminder_id, user_id, channel, available_at)
    SELECT reminder, told, %s, leaves
    FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS due (reminder, told, leaves)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - the name of a table


@transaction.atomic
def remind(
    user: User, *, kind: str, about: Model, stage: str = "", text: Text, words: Mapping[str, Any] | None = None
) -> Reminder:
    """Tell `user` about a record, in their language; the same kind, record and stage tells them once.

    Raises LookupError for a kind that nobody registered.
    """
    due = Due(user.pk, type(about), about.pk, text, stage, words or {})
    _write([due], kind_of(kind), {user.pk: user.language}, timezone.now())
    subject_type = ContentType.objects.get_for_model(about)
    return Reminder.objects.get(user=user, kind=kind, subject_type=subject_type, subject_id=about.pk, stage=stage)


def remind_many(rows: Iterable[Due], *, kind: str, at: datetime | None = None) -> int:
    """Tell many, each in their language; returns how many had not been told. Inactive users are told nothing.

    Every few thousand are committed together: whoever was interrupted begins anew and writes what is missing.
    Raises LookupError for a kind that nobody registered.
    """
    chosen, written = kind_of(kind), 0
    for some in _batches(iter(rows)):
        readers = User.objects.filter(pk__in={due.user for due in some}, is_active=True)
        languages = dict(readers.values_list("pk", "language"))
        written += _write(some, chosen, languages, at or timezone.now())
    return written


def _batches(rows: Iterator[Due]) -> Iterator[list[Due]]:
    while some := list(islice(rows, AT_ONCE)):
        yield some


@transaction.atomic
def _write(rows: Sequence[Due], kind: Kind, languages: Mapping[int, str], now: datetime) -> int:
    columns = list(zip(*_said(rows, languages), strict=True))
    if not columns:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [kind.key, now, *map(list, columns)])
        new = cursor.fetchall()
    _send(new, kind, now)
    return len(new)


def _said(rows: Sequence[Due], languages: Mapping[int, str]) -> Iterator[tuple[int, int, int, str, str]]:
    """The rows of those who are told, language by language: changing it for every row would take longest of all."""
    types: dict[type[Model], int] = {}
    told = sorted((due for due in rows if due.user in languages), key=lambda due: languages[due.user])
    for language, theirs in groupby(told, key=lambda due: languages[due.user]):
        with translation.override(language):
            for due in theirs:
                if due.about not in types:
                    types[due.about] = ContentType.objects.get_for_model(due.about).pk
                text = (str(due.text) % due.words)[:LONGEST]
                yield due.user, types[due.about], due.subject, due.stage, text


def _send(new: Collection[tuple[int, int]], kind: Kind, now: datetime) -> None:
    """Put down what leaves the portal for those who want it, with the moment from which it may leave."""
    for channel in open_channels(kind) if new else ():
        found = Preference.objects.filter(channel.reached, user__in={user for _reminder, user in new})
        leaves = {one.pk: leaves_at(one, kind, now) for one in found.defer("email")}
        rows = [(reminder, user, leaves[user]) for reminder, user in new if leaves.get(user)]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(SEND, [channel.key, *map(list, zip(*rows, strict=True))])
