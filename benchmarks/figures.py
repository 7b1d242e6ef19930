"""How long a recount of a year and a night's roll-up take, and how fast boards read what was counted.

    python -m benchmarks.figures [--communities 100] [--incidents 1000000] [--years 1] [--keep]

A small portal is made up and its incidents are multiplied inside the database, so that ten million stand there within
minutes: whole lives of incidents, moved by whole days into the last years, more at some places than at others. Then a
year is counted anew, a night is worked off after some late entries, and the board of a street is asked beside that of a
portal with a single community and beside a bare view: what counts is the ratio within a round.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from .load import Answer, Order
from .portals import PLAIN, Client, Server, engines, say, scratch, session_of, using
from .web import measure, ratio

MOST_MINUTES, MOST_TIMES, LEAST_OF_BARE = 10, 1.3, 0.5
SEED = {"residents": 300, "incidents": 400, "photos": False}  # of each community, to be multiplied
LATE, YEAR = 300, 365
OPEN_DAYS = 20  # what is open was reported within so many days, and there is the less of it
DONE = ("closed", "declined", "void")
PAST = (
    "reported_at", "opened_at", "dispatched_at", "taken_at", "arrived_at", "suspended_at", "resumed_at", "finished_at",
    "resident_confirmed_at", "closed_at", "reopened_at",
)  # fmt: skip
MOMENTS = (*PAST, "accept_due_at", "act_due_at", "due_at", "rule_frozen_at")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--communities", type=int, default=100)
    options.add_argument("--incidents", type=int, default=1_000_000, help="in all")
    options.add_argument("--years", type=int, default=1, help="over which they are spread")
    options.add_argument("--seconds", type=float, default=2.0)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--hands", type=int, default=2, help="months counted at once")
    options.add_argument("--keep", action="store_true", help="leave the databases for the next run")
    chosen = options.parse_args()
    each = chosen.incidents // chosen.communities
    with (
        engines(),
        scratch("bench_figures_one", keep=chosen.keep, communities=1, **SEED) as one,
        scratch("bench_figures_many", keep=chosen.keep, communities=chosen.communities, **SEED) as many,
    ):
        for name in (one, many):
            with using(name):
                multiply(each, chosen.years * YEAR)
                recount_a_year(chosen.hands)
                look_at_stocks()
                if name == many:
                    work_off_a_night()
                    read_in_process()
        boards(one, many, rounds=chosen.rounds, seconds=chosen.seconds)


# Making millions


def multiply(each: int, days: int) -> None:
    """Copy the incidents of every community until there are so many in each, on average, all within so many days.

    Triggers and indexes stand aside meanwhile; what is searched for is left out, for nobody counts it.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state = ANY(%s)), count(*), count(DISTINCT community_id)"
            " FROM incidents_incident",
            [list(DONE)],
        )
        done, there, communities = cursor.fetchone()
        copies = round((each * communities - there) / (done + (there - done) * OPEN_DAYS / days))
        if copies < 1:
            return
        began = time.perf_counter()
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '1GB'; SET synchronous_commit = off")
        with without_indexes(cursor, "incidents_incident"), without_indexes(cursor, "incidents_rating"):
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(_copies(cursor), [list(DONE), days, OPEN_DAYS, days, copies])
            cursor.execute(_RATINGS)
            cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE incidents_incident, incidents_rating")
        cursor.execute("SELECT count(*) FROM incidents_incident")
        say(f"  {cursor.fetchone()[0]:,} incidents in {communities} communities, {time.perf_counter() - began:.0f} s")


def _copies(cursor: Any) -> str:
    """Copies of each incident anywhere in its community, the last that happened to it on any day so far."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'incidents_incident'"
        " AND column_name <> ALL(%s) AND is_generated = 'NEVER'",
        [["id", "search", "merged_into_id", "household_id"]],
    )
    names = [name for (name,) in cursor.fetchall()]
    said = {"place_id": "spot", **{name: f"{name} - shift" for name in MOMENTS}}
    values = [said.get(name, name) for name in names]
    return (  # names of our own
        f"INSERT INTO incidents_incident ({', '.join(names)}) SELECT {', '.join(values)} FROM ("  # noqa: S608
        "   SELECT i.*, inside.ids[1 + floor(power(random(), 2) * cardinality(inside.ids))::int] AS spot,"
        f"      (ceil(extract(epoch FROM greatest({', '.join(PAST)}) - now()) / 86400)"
        "           + floor(random() * within.days)) * interval '1 day' AS shift"
        "   FROM incidents_incident i JOIN ("
        "       SELECT community_id, array_agg(id) AS ids FROM places_place WHERE level > 1 GROUP BY community_id"
        "   ) AS inside USING (community_id)"
        "   CROSS JOIN LATERAL (SELECT CASE WHEN i.state = ANY(%s) THEN %s ELSE %s END AS days) AS within"
        "   CROSS JOIN LATERAL generate_series(1, ceil(within.days / %s::float * %s)::int)"
        ") AS copies"
    )


_RATINGS = """
INSERT INTO incidents_rating
    (incident_id, counts_for_id, channel, was_contacted, is_solved, satisfaction, comment, rated_by_id, rated_at)
SELECT i.id, i.id, 'self', i.id % 7 <> 0, i.id % 5 <> 0, (ARRAY['satisfied', 'fairly', 'dissatisfied'])[1 + i.id % 3],
    '', i.reporter_id, least(i.closed_at + interval '5 hours', now())
FROM incidents_incident i
WHERE i.state = 'closed' AND i.id % 2 = 0 AND NOT EXISTS (SELECT FROM incidents_rating g WHERE g.incident_id = i.id)
"""


@contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """Build the indexes of a table at once afterwards; those of keys stay."""
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)",
        [table],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in found:
        cursor.execute(definition)


# Counting


@contextmanager
def timed(what: str) -> Iterator[list[Any]]:
    told: list[Any] = []
    began = time.perf_counter()
    yield told
    say(f"{what:44} {time.perf_counter() - began:8.1f} s  {'  '.join(map(str, told))}")


def recount_a_year(hands: int) -> None:
    """Count the last 365 days that have ended, as after the rules of counting have changed."""
    from portal.figures import rollup
    from portal.figures.models import DirtyDay
    from portal.figures.progress import last_settled_day

    DirtyDay.objects.all().delete()
    last = last_settled_day()
    began = time.perf_counter()
    with timed("a year counted anew") as told:
        told.append(f"{rollup.days(last - timedelta(days=364), last, hands=hands):,} rows")
    minutes = (time.perf_counter() - began) / 60
    say(f"  a recount of a year under {MOST_MINUTES} minutes: {'yes' if minutes < MOST_MINUTES else 'NO'}")


def look_at_stocks() -> None:
    """How stocks stood on the day that this one is compared with, as a portal knows that has been running."""
    from portal.core.clock import today
    from portal.figures import rollup, snapshots
    from portal.figures.periods import MONTH, current

    day = current(MONTH, today()).before().last
    with timed("  how stocks stood a month ago"):
        snapshots.take_again(day, day)
    with timed("what else was to be done"):
        rollup.keep_up(seconds=600)


def work_off_a_night() -> None:
    """Corrections of some days of the last months; the night counts these days and the one that ended."""
    from grid.incidents.models import Incident
    from portal.core.clock import start_of, today
    from portal.figures import rollup, snapshots
    from portal.figures.models import Count, DirtyDay

    since = start_of(today() - timedelta(days=90))
    late = list(Incident.objects.filter(closed_at__gte=since).order_by("?").values_list("pk", flat=True)[:LATE])
    for pk in late:
        Incident.objects.filter(pk=pk).update(settled_on_the_spot=True)
    marked = set(DirtyDay.objects.values_list("source", "community", "first"))
    rows = Count.objects.count()
    with timed(f"a night after {LATE} late changes") as told:
        told.append(f"{rollup.keep_up(seconds=600):,} rows changed")
        told.append(f"{len(marked)} days of communities marked, {len({day for _s, _c, day in marked})} days")
    with timed("  the same again, nothing marked"):
        rollup.keep_up(seconds=600)
    with timed("  how stocks stood when yesterday ended"):
        snapshots.take_again(today() - timedelta(days=1), today() - timedelta(days=1))
    say(f"  {rows:,} rows of counts")


# Reading


def read_in_process() -> None:
    """What a board of the street asks, without the web server, and the same for one community."""
    from grid.places.models import Level, Place
    from portal.core.clock import today
    from portal.figures import reading
    from portal.figures.periods import MONTH, current
    from portal.figures.registry import shown

    keys = [figure.key for figure in shown()]
    period = current(MONTH, today())
    street = Place.objects.filter(level=Level.STREET).order_by("code")[0]
    communities = list(Place.objects.filter(parent=street, level=Level.COMMUNITY))
    for name, places in (("a street and its communities", [street, *communities]), ("a community", communities[:1])):
        with timed(f"read: {name}, all figures, now and before"):
            reading.series(places, keys, [period.before(), period])


def boards(one: str, many: str, *, rounds: int, seconds: float) -> None:
    """The street's board over the web, with one community and with many, beside a bare view; kept, and drawn anew."""
    anew = {"BOARDS_KEPT_SECONDS": "0"}
    with (
        tempfile.TemporaryDirectory() as pages,
        Client() as client,
        Server(one) as small,
        Server(many) as large,
        Server(one, environment=anew) as small_anew,
        Server(many, environment=anew) as large_anew,
        Server(many, PLAIN, environment={"BENCH_PAGES": pages}) as plain,
    ):
        orders = {"one": _order(small), "many": _order(large)}
        asked = orders["many"]
        Path(pages, "board").write_text(large.get(asked.path, asked.headers)[0])
        orders["bare"] = Order(plain.port, "/bare/board/", 0, headers=asked.headers)
        orders["one, anew"], orders["many, anew"] = _order(small_anew), _order(large_anew)
        report(measure(client, orders, rounds=rounds, seconds=seconds))


def report(answers: dict[str, list[Answer]]) -> None:
    say(f"{'street board':22} {'requests/s':>10} {'median ms':>10} {'bytes':>8} {'client':>7}")
    for name, given in answers.items():
        middle = sorted(given, key=lambda answer: answer.rate)[len(given) // 2]
        say(f"{name:22} {middle.rate:10.1f} {middle.median_ms:10.1f} {middle.bytes:8} {middle.cpu:6.0%}")
    times, share = ratio(answers, "one", "many"), ratio(answers, "many", "bare")
    say(f"with many {times:.2f} × as long ({MOST_TIMES} at most): {'met' if times <= MOST_TIMES else 'MISSED'}")
    say(
        f"{share:.2f} of a bare view's rate ({LEAST_OF_BARE} at least): {'met' if share >= LEAST_OF_BARE else 'MISSED'}"
    )
    say(f"drawn anew, with many {ratio(answers, 'one, anew', 'many, anew'):.2f} × as long")


def _order(server: Server) -> Order:
    with using(server.database):
        from django.urls import reverse

        from grid.places.models import Level, Place

        street = Place.objects.filter(level=Level.STREET).order_by("code")[0]
        path = reverse("dashboard:board", args=[street.pk])
        return Order(server.port, path, 0, headers=session_of("street1"))


if __name__ == "__main__":
    main()
