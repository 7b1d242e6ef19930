"""How long finding somebody takes in a district of 1.3 million residents in 100 communities.

    python -m benchmarks.finding [--residents 1300000] [--keep]

A database of its own is filled as `manage.py generate` does and dropped afterwards. Each kind of question is asked as
whoever looks after the whole district or a street, as a clerk and as a building leader; no big table may be read row
by row. What is typed has to be answered within the limit; filters besides are measured with it.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from .portals import engines, say, scratch, using
from .scale import seq_scans

DATABASE = "bench_finding"
COMMUNITIES = 100
STREET = 13  # communities that one street office looks after
LIMIT = 50  # ms
ROUNDS = 9


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--residents", type=int, default=1_300_000)
    options.add_argument("--keep", action="store_true", help="leave the database for the next run")
    chosen = options.parse_args()
    size = {"communities": COMMUNITIES, "residents": chosen.residents // COMMUNITIES, "incidents": 0}
    with engines(), scratch(DATABASE, keep=chosen.keep, **size), using(DATABASE):
        report()


def report() -> None:
    """Ask everything as both, and say how long it took."""
    from grid.places.models import Level, Place
    from grid.roster.finding import Area, area_of

    district = area_of(Place.objects.get(level=Level.DISTRICT))
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
    say(f"over {LIMIT} ms or by sequential scan: {', '.join(slow) or 'none'}")


def is_quick(who: str, what: str, asked: Any) -> bool:
    """Ask several times and say how long it took; the best time tells the query, the others the machine besides."""
    times = sorted(_timed(asked) for _round in range(ROUNDS))
    scanned, rows = scanned_by(asked), len(list(asked.all()))
    words = f"seq scan on {', '.join(sorted(scanned))}" if scanned else "by index"
    took = f"best {times[0]:7.1f}  median {statistics.median(times):7.1f}  worst {times[-1]:7.1f} ms"
    say(f"{who:16} {what:28} {took}  {rows:3} rows  {words}")
    return statistics.median(times) <= LIMIT and not scanned


def questions(area: Any) -> dict[str, Callable[[], Any]]:
    from grid.roster.filters import with_homes
    from grid.roster.finding import find, residents_in, understood
    from grid.roster.models import Resident

    def here(queryset: Any) -> Any:
        return queryset.present()

    def asked(text: str, narrow: Any = here) -> Callable[[], Any]:
        return lambda: with_homes(find(understood(text), areas=[area], narrow=narrow))

    def listed(narrow: Any) -> Callable[[], Any]:
        return lambda: with_homes(narrow(residents_in([area])))[:26]

    somebody = Resident.objects.present().filter(community__in=area.communities)[:1][0]
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
        "mobile": asked(somebody.mobile),
        "ID number": asked(somebody.id_number),
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


def scanned_by(queryset: Any) -> set[str]:
    """Big tables that the plan of a queryset reads row by row."""
    return seq_scans(json.loads(queryset.explain(format="json"))[0]["Plan"])


if __name__ == "__main__":
    main()
