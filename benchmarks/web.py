"""How many pages a second the portal gives, against a bare view, Django's tuned admin and a plain template.

    python -m benchmarks.web [--seconds 2] [--rounds 5] [--incidents 10000]

Eight askers keep two gunicorn workers busy, each page in turn, round after round, so that a busy machine is busy for
all; what counts is the ratio within a round, of which the median is told. Scratch databases, this machine only.
"""

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from .load import KEY, Answer, Order
from .portals import PLAIN, TOKEN, Client, Server, engines, say, scratch, session_of, using

AGAINST_ADMIN, AGAINST_TEMPLATE, AGAINST_BARE_POST = 3.0, 1.0, 1 / 3
WARM_UP = 1.0


@dataclass(frozen=True)
class Goal:
    """What a page has to reach: so many times the rate of another."""

    page: str
    against: str
    least: float = 0.0  # 0: nothing is asked, it is only told


GOALS = (
    Goal("list", "bare list"),
    Goal("list", "admin list", AGAINST_ADMIN),
    Goal("list", "admin without filters"),
    Goal("list", "plain list", AGAINST_TEMPLATE),
    Goal("detail", "bare detail"),
    Goal("detail", "admin form", AGAINST_ADMIN),
    Goal("detail", "plain list", AGAINST_TEMPLATE),
    Goal("report", "bare insert", AGAINST_BARE_POST),
    Goal("community", "bare community"),
    Goal("building", "bare building"),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=2.0, help="for each page in each round")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--incidents", type=int, default=10_000)
    options.add_argument("--residents", type=int, default=13_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as directory, engines():
        name = f"bench_web_{os.getpid()}"
        size = {"communities": 1, "incidents": chosen.incidents, "residents": chosen.residents}
        with scratch(name, **size), Client() as client:
            pages = {"BENCH_PAGES": directory}
            with Server(name) as portal, Server(name, PLAIN, environment=pages) as plain, using(name):
                orders = orders_for(portal, plain, Path(directory))
                report(measure(client, orders, rounds=chosen.rounds, seconds=chosen.seconds))


def orders_for(portal: Server, plain: Server, directory: Path) -> dict[str, Order]:
    """What is asked of whom; the portal's pages are kept for the bare views to return."""
    from django.urls import reverse

    from grid.incidents.models import Incident
    from grid.places.models import Level, Place

    clerk, leader = session_of("staff1-1"), session_of("leader1-1")
    community = Place.objects.get(level=Level.COMMUNITY)
    building = Place.objects.filter(level=Level.BUILDING_GROUP)[0]
    shown = Incident.objects.filter(community=community, state="in_progress").order_by("due_at")[0]
    orders = {}
    for page, path, admin in (
        ("list", reverse("incidents:list"), "list"),
        ("detail", reverse("incidents:detail", args=[shown.pk]), "form"),
        ("community", reverse("places:place", args=[community.pk]), ""),
        ("building", reverse("roster:buildings", args=[building.pk]), ""),
    ):
        text, _headers = portal.get(path, clerk)
        (directory / page).write_text(text)
        orders[page] = Order(portal.port, path, 0, headers=clerk)
        orders[f"bare {page}"] = Order(plain.port, f"/bare/{page}/", 0, headers=clerk)
        if admin:
            address = "/admin/incidents/incident/" + (f"{shown.pk}/change/" if admin == "form" else "")
            orders[f"admin {admin}"] = Order(plain.port, address, 0, headers=clerk)
    orders["admin without filters"] = Order(plain.port, "/plain-admin/incidents/incident/", 0, headers=clerk)
    orders["plain list"] = Order(plain.port, "/plain/", 0, headers=clerk)
    orders["report"] = report_order(portal, leader)
    token, headers = plain.get("/admin/incidents/incident/", clerk)
    body = urlencode({"csrfmiddlewaretoken": TOKEN.search(token)[1], "description": "楼道堆物，请尽快处理。"})
    orders["bare insert"] = Order(plain.port, "/bare/", 0, headers=headers, body=body, expect=302)
    return orders


def report_order(portal: Server, headers: dict[str, str]) -> Order:
    """A building leader reports something without a photo."""
    from grid.incidents.models import Category
    from grid.places.models import Appointment

    page, headers = portal.get("/incidents/report/", headers)
    place = Appointment.objects.get(user__username="leader1-1").place_id
    form = {
        "csrfmiddlewaretoken": TOKEN.search(page)[1],
        "idempotency_key": KEY,
        "category": Category.objects.get(code="clutter").pk,
        "place": place,
        "location": "三楼电梯口",
        "description": "楼道堆物，请尽快处理。",
        "severity": "general",
        "anyway": "on",
    }
    return Order(portal.port, "/incidents/report/", 0, headers=headers, body=urlencode(form), expect=302)


def measure(client: Client, orders: dict[str, Order], *, rounds: int, seconds: float) -> dict[str, list[Answer]]:
    """Every order in turn, again and again; a first round only warms up."""
    answers: dict[str, list[Answer]] = {name: [] for name in orders}
    for number in range(rounds + 1):
        for name, order in orders.items():
            order.seconds = seconds if number else WARM_UP
            answer = client.ask(order)
            if number:
                answers[name].append(answer)
    return answers


def ratio(answers: dict[str, list[Answer]], page: str, against: str) -> float:
    """How many times the rate of another a page has: the median over the rounds."""
    return statistics.median(one.rate / other.rate for one, other in zip(answers[page], answers[against], strict=True))


def report(answers: dict[str, list[Answer]]) -> bool:
    """Print what was measured; whether every goal is met."""
    say(f"{'page':22} {'requests/s':>10} {'median ms':>10} {'bytes':>8} {'client':>7}")
    for name, given in answers.items():
        middle = sorted(given, key=lambda answer: answer.rate)[len(given) // 2]
        say(f"{name:22} {middle.rate:10.1f} {middle.median_ms:10.1f} {middle.bytes:8} {middle.cpu:6.0%}")
    say("(bytes as they travel, compressed; client: what asking takes of one of the processors)\n")
    say(f"{'page':12} {'against':22} {'ratio':>7} {'goal':>7}")
    met = True
    for goal in GOALS:
        reached = ratio(answers, goal.page, goal.against)
        words = "" if not goal.least else "met" if reached >= goal.least else "MISSED"
        met &= words != "MISSED"
        least = f"{goal.least:7.2f}" if goal.least else f"{'—':>7}"
        say(f"{goal.page:12} {goal.against:22} {reached:7.2f} {least} {words}")
    return met


if __name__ == "__main__":
    main()
