"""The same pages with one community and with a hundred: how their times compare, and what is read row by row.

    python -m benchmarks.scale [--communities 100] [--keep]

With a hundred there are 1.3 million residents and a million incidents. Both portals stand side by side and are asked
in turn; what counts is the ratio within a round. Then every query of every page is explained. `--keep` leaves the
databases for the next run, which then only measures.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .load import Answer, Order
from .portals import Client, Server, engines, say, scratch, session_of, using
from .web import report_order

MOST = 1.3
BIG = {
    "incidents_incident", "roster_resident", "roster_household", "core_auditentry", "core_auditseal",
    "files_attachment", "reminders_reminder",
}  # fmt: skip
SIGN_INS = ("staff1-1", "leader1-1", "grid1-1", "street1", "department1-1")


@dataclass
class Explained:
    """Every query of a page, and which big tables each reads row by row."""

    queries: list[tuple[str, Any]] = field(default_factory=list)
    scanned: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def listening(self) -> Iterator[None]:
        from django.db import connection

        def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.lstrip().startswith(("SELECT", "(SELECT", "WITH")):
                self.queries.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(hear):
            yield

    def explain(self) -> None:
        from django.db import connection

        for sql, params in self.queries:
            if "FOR UPDATE" in sql:
                continue
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                found = cursor.fetchone()[0]
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            for table in seq_scans(plan):
                self.scanned.setdefault(table, sql)


def seq_scans(plan: dict[str, Any]) -> set[str]:
    """Big tables that a plan reads row by row."""
    found, waiting = set(), [plan]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if node["Node Type"].endswith("Seq Scan") and node.get("Relation Name") in BIG:
            found.add(node["Relation Name"])
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--communities", type=int, default=100)
    options.add_argument("--residents", type=int, default=13_000)
    options.add_argument("--incidents", type=int, default=10_000)
    options.add_argument("--seconds", type=float, default=2.0)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--keep", action="store_true", help="leave the databases for the next run")
    chosen = options.parse_args()
    size = {"residents": chosen.residents, "incidents": chosen.incidents, "photos": True}
    with (
        engines(),
        scratch("bench_scale_one", keep=chosen.keep, communities=1, **size) as one,
        scratch("bench_scale_many", keep=chosen.keep, communities=chosen.communities, **size) as many,
        Client() as client,
        Server(one) as small,
        Server(many) as large,
    ):
        orders = {server.database: orders_for(server) for server in (small, large)}
        report(measure(client, orders[one], orders[many], rounds=chosen.rounds, seconds=chosen.seconds))
        with using(many):
            tell_scans(orders[many])


def pages() -> Iterator[tuple[str, str, str]]:
    """Name, address and reader of every page that is measured, in the database in use."""
    from django.urls import reverse

    from grid.incidents.models import Incident
    from grid.places.models import Level, Place

    community = Place.objects.get(name="第1社区")
    building = Place.objects.filter(level=Level.BUILDING_GROUP, community=community)[0]
    shown = Incident.objects.filter(community=community, state="in_progress").order_by("due_at")[0]
    detail = reverse("incidents:detail", args=[shown.pk])
    incidents, place = reverse("incidents:list"), reverse("places:place", args=[community.pk])
    for username in SIGN_INS:
        yield f"home of {username}", "/", username
        yield f"list of {username}", incidents, username
    clerk = SIGN_INS[0]
    for scope in ("closed", "all", "verify", "mine", "call_back"):
        yield f"list, {scope}", f"{incidents}?scope={scope}", clerk
    yield "list, searched", f"{incidents}?scope=all&q=%E6%A5%BC%E9%81%93%E5%A0%86%E7%89%A9", clerk
    yield "list of street1, all", f"{incidents}?scope=all", "street1"
    yield "detail", detail, clerk
    yield "community", place, clerk
    yield "street", reverse("places:place", args=[community.parent_id]), "street1"
    yield "building group", reverse("places:place", args=[building.pk]), clerk
    yield "building", reverse("roster:buildings", args=[building.pk]), clerk


def orders_for(server: Server) -> dict[str, Order]:
    with using(server.database):
        sessions = {username: session_of(username) for username in SIGN_INS}
        orders = {name: Order(server.port, path, 0, headers=sessions[who]) for name, path, who in pages()}
        orders["report"] = report_order(server, sessions["leader1-1"])
    return orders


def measure(
    client: Client, one: dict[str, Order], many: dict[str, Order], *, rounds: int, seconds: float
) -> dict[str, list[tuple[Answer, Answer]]]:
    """Each page of the one and of the other, turn about; the first round only warms up."""
    answers: dict[str, list[tuple[Answer, Answer]]] = {name: [] for name in one}
    for number in range(rounds + 1):
        for name, order in one.items():
            pair = []
            for asked in (order, many[name]) if number % 2 else (many[name], order):
                asked.seconds = seconds if number else seconds / 2
                pair.append(client.ask(asked))
            if number:
                answers[name].append((pair[0], pair[1]) if number % 2 else (pair[1], pair[0]))
    return answers


def report(answers: dict[str, list[tuple[Answer, Answer]]]) -> None:
    """Print how many times as long each page takes with many."""
    say(f"{'page':28} {'with one':>10} {'with many':>10} {'time':>7}")
    slow = []
    for name, pairs in answers.items():
        times = statistics.median(one.rate / many.rate for one, many in pairs)
        one, many = (statistics.median(pair[side].rate for pair in pairs) for side in (0, 1))
        say(f"{name:28} {one:8.1f}/s {many:8.1f}/s {times:6.2f}×")
        if times > MOST:
            slow.append(name)
    say(f"more than {MOST} times as long: {', '.join(slow) or 'none'}\n")


def tell_scans(orders: dict[str, Order]) -> None:
    """Ask for every page once more, in this process, and explain what it asked the database."""
    from django.test import Client as Browser

    found = False
    for name, order in orders.items():
        if order.body:
            continue
        explained = Explained()
        key, _equals, value = order.headers["Cookie"].partition("=")
        browser = Browser()
        browser.cookies[key] = value
        with explained.listening():
            answer = browser.get(order.path, HTTP_HOST="127.0.0.1")
        if answer.status_code != 200:
            raise RuntimeError(f"{name} answered {answer.status_code}")
        explained.explain()
        for table, sql in explained.scanned.items():
            found = True
            say(f"{name}: reads {table} row by row: {sql[:400]}")
    if not found:
        say("no page reads a big table row by row")


if __name__ == "__main__":
    main()
