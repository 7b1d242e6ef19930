# ruff: noqa: S608 - these are our own words: names of tables, and questions of the counting module
"""How what was counted replaces what stands there: told twice it is the same, and nothing is added to it.

All of this happens inside one transaction of the roll-up, which holds the lock of what it counts.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from grid.places.models import Place

from .ancestry import ancestry
from .counting import Question
from .models import FigureKey
from .periods import Period

PATIENCE = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL work_mem = '96MB'"
_FRESH = """
CREATE TEMPORARY TABLE IF NOT EXISTS figures_fresh (
    place bigint, value bigint, day date, figure smallint
) ON COMMIT DROP;
TRUNCATE figures_fresh"""
_DROP_OTHERS = """
DELETE FROM figures_count c
WHERE c.place_id = ANY(%s) AND c.figure_id = ANY(%s) AND c.period = %s AND c.day BETWEEN %s AND %s
    AND NOT EXISTS (
        SELECT FROM figures_fresh f WHERE f.place = c.place_id AND f.figure = c.figure_id AND f.day = c.day
    )
"""
# Whatever is counted anywhere is counted for a district: a few rows tell whether there are any.
_ARE_THERE = """
SELECT EXISTS (
    SELECT FROM figures_count
    WHERE place_id = ANY(ARRAY(SELECT id FROM places_place WHERE community_id IS NULL))
        AND figure_id = ANY(%s) AND period = %s AND day BETWEEN %s AND %s
)
"""
_PUT = """
INSERT INTO figures_count (place_id, figure_id, period, day, value)
SELECT place, figure, %s, day, value FROM figures_fresh ORDER BY day, place, figure
"""
_KEEP = """
INSERT INTO figures_count AS kept (place_id, figure_id, period, day, value)
SELECT place, figure, %s, day, value FROM figures_fresh ORDER BY day, place, figure
ON CONFLICT (place_id, figure_id, period, day) DO UPDATE SET value = excluded.value WHERE kept.value <> excluded.value
"""
_ADD = """
INSERT INTO figures_count AS kept (place_id, figure_id, period, day, value)
SELECT place, figure, 'M', %s::date, sum(value) FROM figures_fresh GROUP BY place, figure ORDER BY place, figure
ON CONFLICT (place_id, figure_id, period, day) DO UPDATE SET value = kept.value + excluded.value
"""
_ADD_UP = """
INSERT INTO figures_fresh (place, figure, day, value)
SELECT place_id, figure_id, %s::date, sum(value) FROM figures_count
WHERE place_id = ANY(%s) AND figure_id = ANY(%s) AND period = 'D' AND day BETWEEN %s AND %s
GROUP BY place_id, figure_id
"""


def be_patient() -> None:
    """Let this transaction take as long as it takes: nobody waits for it before a screen."""
    with connection.cursor() as cursor:
        for setting in PATIENCE.split("; "):
            cursor.execute(setting)


def lock(name: str, *, wait: bool = True) -> bool:
    """Hold a name alone until the transaction ends; False when somebody else does and one would not `wait`."""
    question = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)) IS NOT NULL"
    if not wait:
        question = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
    with connection.cursor() as cursor:
        cursor.execute(question, [f"figures {name}"])
        return bool(cursor.fetchone()[0])


def ids_of(keys: Iterable[str]) -> dict[str, int]:
    """The numbers of figures, given to those that have none yet."""
    wanted = set(keys)
    known = dict(FigureKey.objects.filter(key__in=wanted).values_list("key", "id"))
    if missing := wanted - known.keys():
        FigureKey.objects.bulk_create([FigureKey(key=key) for key in sorted(missing)], ignore_conflicts=True)
        known = dict(FigureKey.objects.filter(key__in=wanted).values_list("key", "id"))
    return known


def places_of(communities: Iterable[int] | None) -> list[int]:
    """The places whose numbers change with these communities': theirs, and what stands above them."""
    found = Place.objects.order_by()
    if communities is not None:
        found = found.filter(community__in=list(communities)) | found.filter(community=None)
    return list(found.values_list("pk", flat=True))


def know_ancestry(first: date, last: date) -> None:
    """Walk up from every place once, for all questions that follow in this transaction."""
    tree = ancestry(first, last)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.ancestry")
        cursor.execute(
            f"CREATE TEMPORARY TABLE ancestry ON COMMIT DROP AS WITH RECURSIVE {tree.sql} SELECT * FROM ancestry",
            tree.params,
        )
        cursor.execute("ANALYZE ancestry")


def replace(
    questions: Iterable[Question | None],
    *,
    period: str,
    figures: Sequence[int],
    places: Sequence[int],
    first: date,
    last: date,
) -> int:
    """Put the answers in the place of what stood for these figures and places from first to last.

    Returns how many rows were written or deleted, those left out that say what they said before.
    """
    with connection.cursor() as cursor:
        _gather(cursor, questions)
        if _are_there(cursor, figures, period, first, last):
            return _exchange(cursor, period, figures, places, first, last)
        cursor.execute(_PUT, [period])
        return cursor.rowcount


def replace_days(
    questions: Iterable[Question | None],
    month: Period,
    *,
    figures: Sequence[int],
    places: Sequence[int],
    first: date,
    last: date,
) -> int:
    """The same for days of a month, and for the month, which is their sum.

    Days of which nothing was stored are added to what the month came to without them, in this same transaction; when
    something was, the month is summed up anew.
    """
    with connection.cursor() as cursor:
        _gather(cursor, questions)
        if not _are_there(cursor, figures, "D", first, last):
            cursor.execute(_PUT, ["D"])
            rows = cursor.rowcount
            cursor.execute(_ADD, [month.first])
            return rows + cursor.rowcount
        rows = _exchange(cursor, "D", figures, places, first, last)
        _gather(cursor, [])
        cursor.execute(_ADD_UP, [month.first, list(places), list(figures), month.first, month.last])
        cursor.execute("ANALYZE figures_fresh")
        return rows + _exchange(cursor, "M", figures, places, month.first, month.first)


def _gather(cursor: CursorWrapper, questions: Iterable[Question | None]) -> None:
    """The answers, in a table of this transaction."""
    for statement in _FRESH.split(";"):
        cursor.execute(statement)
    for question in questions:
        if question:
            told = f"INSERT INTO figures_fresh (place, figure, day, value) {question.sql}"
            cursor.execute(told, question.params)
    cursor.execute("ANALYZE figures_fresh")


def _are_there(cursor: CursorWrapper, figures: Sequence[int], period: str, first: date, last: date) -> bool:
    """Whoever holds the lock is alone with these rows: where there are none, none can come in between."""
    cursor.execute(_ARE_THERE, [list(figures), period, first, last])
    return bool(cursor.fetchone()[0])


def _exchange(
    cursor: CursorWrapper, period: str, figures: Sequence[int], places: Sequence[int], first: date, last: date
) -> int:
    cursor.execute(_DROP_OTHERS, [list(places), list(figures), period, first, last])
    gone = cursor.rowcount
    cursor.execute(_KEEP, [period])
    return gone + cursor.rowcount
