"""How long finding somebody takes in a district of 1.3 million residents in 100 communities.

    python -m benchmarks.finding [--residents 1300000] [--keep]

A database of its own is filled by SQL on the embedded server and dropped afterwards. Each kind of question is asked as
whoever looks after the whole district or a street, as a clerk and as a building leader; no big table may be read row
by row. What is typed has to be answered within the limit; filters besides are measured with it.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

DATABASE = "bench_finding"
COMMUNITIES, GRIDS, GROUPS = 100, 7, 16
STREET = 13  # communities that one street office looks after, as in 石碁镇 and around
LIMIT = 50  # ms
ROUNDS = 9
SURNAMES = "陈李张黄何梁林刘吴罗王杨曾邓谢郑叶冯蔡卢彭朱麦周胡郭高曹苏徐区冼"
GIVEN = "丽芳伟强建国华敏静婷浩志明秀英杰军勇艳超霞平刚桂玲红梅文辉海燕玉兰少嘉俊子轩雨"
NUMBER, ID_NUMBER = "13900139000", "44018119800101001X"
BIG = {"roster_resident", "roster_household"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--residents", type=int, default=1_300_000)
    options.add_argument("--keep", action="store_true", help="leave the database for the next run")
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")
    import django

    django.setup()
    with scratch(keep=chosen.keep):
        if not _is_filled():
            fill(chosen.residents)
        report()


@contextmanager
def scratch(*, keep: bool) -> Iterator[None]:
    """A database beside the portal's own, used by everything inside."""
    from django.core.management import call_command
    from django.db import connection, connections

    from portal import embedded

    embedded.ensure_started()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    usual = connections.databases["default"]["NAME"]
    connection.settings_dict["NAME"] = DATABASE
    try:
        call_command("migrate", verbosity=0)
        yield
    except BaseException:
        keep = False  # half filled, it would mislead the next run
        raise
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        connection.close()


def _is_filled() -> bool:
    from grid.roster.models import Resident

    return Resident.objects.exists()


def fill(residents: int) -> None:
    """Places, flats and people by SQL; keys and constraints that only cost time are looked at by the real tests."""
    from django.db import connection

    from portal.core.personal import blind_index, encrypt

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        _places(cursor)
        flats = residents // 2 // (COMMUNITIES * GRIDS * GROUPS)
        cursor.execute(HOUSEHOLDS, [flats])
        cursor.execute(RESIDENTS, [*_alphabet(SURNAMES, is_surname=True), *_alphabet(GIVEN), encrypt(NUMBER)])
        cursor.execute(
            "UPDATE roster_resident SET mobile_index = %s, id_number_index = %s WHERE id = (SELECT max(id) / 2 FROM"
            " roster_resident)",
            [blind_index(NUMBER), blind_index(ID_NUMBER)],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in ("places_place", "roster_household", "roster_resident"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("SELECT count(*), count(DISTINCT community_id) FROM roster_resident")
        people, communities = cursor.fetchone()
    _say(f"{people:,} residents of {communities} communities in {time.perf_counter() - began:.0f} s")


def _places(cursor: Any) -> None:
    from grid.places.models import Level, Place

    district = Place.objects.create(level=Level.DISTRICT, code="440113", name="番禺区")
    street = Place.objects.create(level=Level.STREET, code="440113106", name="全区", parent=district)
    for n in range(1, COMMUNITIES + 1):
        one = Place(level=Level.COMMUNITY, code=f"440113106{n:03}", name=f"第{n}社区", parent=street)
        one.save()
        Place.objects.filter(pk=one.pk).update(community=one.pk)
        grids = Place.objects.bulk_create(
            Place(level=Level.GRID, code=f"{one.code}{g:03}", name=f"第{g}网格", parent=one, community=one)
            for g in range(1, GRIDS + 1)
        )
        Place.objects.bulk_create(
            Place(level=Level.BUILDING_GROUP, code=f"{grid.code}{b:03}", name=f"{b}组", parent=grid, community=one)
            for grid in grids
            for b in range(1, GROUPS + 1)
        )


def _alphabet(characters: str, *, is_surname: bool = False) -> tuple[list[str], list[str]]:
    from portal.core.pinyin import keys_of

    chen = keys_of("陈").sort_key
    keys = [keys_of(one if is_surname else f"陈{one}").sort_key for one in characters]
    return list(characters), keys if is_surname else [key.removeprefix(chen) for key in keys]


HOUSEHOLDS = """
INSERT INTO roster_household (place_id, community_id, building, unit, room, building_key, unit_key, room_key, floor,
                              occupancy, use)
SELECT g.id, g.community_id, b || '栋', '', f || '0' || d, b::text, '', f || '0' || d, f,
       (ARRAY['registered', 'rented', ''])[1 + n %% 3], 'dwelling'
FROM (SELECT id, community_id, row_number() OVER (PARTITION BY community_id ORDER BY id) AS b
      FROM places_place WHERE level = 3) AS g,
     LATERAL (SELECT n, 1 + n / 4 AS f, 1 + n %% 4 AS d FROM generate_series(0, %s - 1) AS n) AS flat
"""
RESIDENTS = """
INSERT INTO roster_resident (place_id, community_id, household_id, name, given_name, sort_key, initials, relation, sex,
    birth, id_number, id_number_index, mobile, mobile_index, is_party_member, mobilised_since, represents_since,
    represents_until, since, left_because, until, away_since, remark)
SELECT h.place_id, h.community_id, h.id, s || g, g, sp || gp, left(sp, 1) || gi, '', (ARRAY['male', 'female'])[1 + n],
    date '1930-01-01' + (c %% 33000), '', encode(sha256(('i' || h.id || n)::bytea), 'hex'), m,
    encode(sha256(('m' || h.id || n)::bytea), 'hex'), c %% 12 = 0, CASE WHEN c %% 3 > 0 THEN date '2021-01-01' END,
    CASE WHEN n = 0 AND c %% 3 = 1 THEN date '2021-01-01' END,
    CASE WHEN n = 0 AND c %% 3 = 1 AND c %% 50 = 7 THEN date '2022-01-01' END, '2020-01-01',
    CASE WHEN c %% 50 = 7 THEN 'moved_out' ELSE '' END, CASE WHEN c %% 50 = 7 THEN date '2022-01-01' END,
    CASE WHEN c %% 200 = 9 THEN date '2022-06-01' END, ''
FROM roster_household h CROSS JOIN generate_series(0, 1) AS n
CROSS JOIN (SELECT %s::text[] AS ss, %s::text[] AS sps, %s::text[] AS gs, %s::text[] AS gps, %s::text AS m) AS a
CROSS JOIN LATERAL (SELECT (abs(hashint8(h.id * 2 + n)::bigint) %% 2000000000)::int AS c) AS dice
CROSS JOIN LATERAL (SELECT 1 + (c / 7 %% cardinality(ss) * (c / 11 %% 5 + 1) / 5) AS si,
    1 + c / 13 %% cardinality(gs) AS i, 1 + c / 1009 %% cardinality(gs) AS j, c %% 5 > 0 AS two) AS pick
CROSS JOIN LATERAL (SELECT ss[si] AS s, sps[si] AS sp, gs[i] || CASE WHEN two THEN gs[j] ELSE '' END AS g,
    gps[i] || CASE WHEN two THEN gps[j] ELSE '' END AS gp,
    left(gps[i], 1) || CASE WHEN two THEN left(gps[j], 1) ELSE '' END AS gi) AS word
ORDER BY h.id
"""


def report() -> None:
    """Ask everything as both, and say how long it took."""
    from grid.places.models import Level, Place
    from grid.roster.finding import Area, area_of

    district = area_of(Place.objects.get(level=Level.STREET))
    street, clerk = Area(district.communities[:STREET]), Area(district.communities[:1])
    leader_of = Place.objects.filter(level=Level.BUILDING_GROUP, community=clerk.communities[0]).first()
    assert leader_of is not None  # noqa: S101
    slow = []
    for who, area in (
        ("district", district),
        ("street", street),
        ("clerk", clerk),
        ("building leader", area_of(leader_of)),
    ):
        slow += [f"{who}: {what}" for what, ask in questions(area).items() if not is_quick(who, what, ask())]
    _say(f"over {LIMIT} ms or by sequential scan: {', '.join(slow) or 'none'}")


def is_quick(who: str, what: str, asked: Any) -> bool:
    """Ask several times and say how long it took; the best time tells the query, the others the machine besides."""
    times = sorted(_timed(asked) for _round in range(ROUNDS))
    scanned, rows = seq_scans(asked), len(list(asked.all()))
    words = f"seq scan on {', '.join(sorted(scanned))}" if scanned else "by index"
    took = f"best {times[0]:7.1f}  median {statistics.median(times):7.1f}  worst {times[-1]:7.1f} ms"
    _say(f"{who:16} {what:28} {took}  {rows:3} rows  {words}")
    return statistics.median(times) <= LIMIT and not scanned


def questions(area: Any) -> dict[str, Callable[[], Any]]:
    from grid.roster.filters import with_homes
    from grid.roster.finding import find, residents_in, understood

    def here(queryset: Any) -> Any:
        return queryset.present()

    def asked(text: str, narrow: Any = here) -> Callable[[], Any]:
        return lambda: with_homes(find(understood(text), areas=[area], narrow=narrow))

    def listed(narrow: Any) -> Callable[[], Any]:
        return lambda: with_homes(narrow(residents_in([area])))[:26]

    return {
        "surname": asked("陈"),
        "surname and one character": asked("陈丽"),
        "full name": asked("陈丽芳"),
        "given name": asked("丽芳"),
        "one letter": asked("c"),
        "pinyin": asked("chen li fang"),
        "prefix of pinyin": asked("chenli"),
        "initials": asked("clf"),
        "room": asked("502"),
        "building and room": asked("3-502"),
        "mobile": asked(NUMBER),
        "ID number": asked(ID_NUMBER),
        "nobody of this name": asked("尉迟恭"),
        "surname, party members": asked("陈", lambda q: q.present().filter(is_party_member=True)),
        "surname, alone, 80 or over": asked("陈", lambda q: q.present().aged(at_least=80).living_alone()),
        "surname, away": asked("陈", lambda q: q.present().filter(away_since__isnull=False)),
        "list: all": listed(here),
        "list: party members": listed(lambda q: q.present().filter(is_party_member=True)),
        "list: 80 or over": listed(lambda q: q.present().aged(at_least=80)),
        "list: living alone": listed(lambda q: q.present().living_alone()),
        "list: rented": listed(lambda q: q.present().filter(household__occupancy="rented")),
        "list: away": listed(lambda q: q.present().filter(away_since__isnull=False)),
        "list: has left": listed(lambda q: q.gone()),
    }


def _timed(queryset: Any) -> float:
    began = time.perf_counter()
    list(queryset.all())
    return 1000 * (time.perf_counter() - began)


def seq_scans(queryset: Any) -> set[str]:
    """Big tables that the plan reads row by row."""
    import json

    plan = json.loads(queryset.explain(format="json"))[0]["Plan"]
    found, waiting = set(), [plan]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if node["Node Type"].endswith("Seq Scan") and node["Relation Name"] in BIG:
            found.add(node["Relation Name"])
    return found


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
