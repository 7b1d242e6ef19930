"""The order of the suite: what takes long begins first and is shared out, so that no worker waits at the end."""

from collections.abc import Sequence
from itertools import islice

import pytest

# Seconds of work, roughly; whatever begins with these words. Renew them with `--durations=60` once they mislead.
SECONDS = {
    "tests/browser/test_department.py": 9,
    "tests/browser/test_department.py::test_from_the_whistle_to_closed": 16,
    "tests/browser/test_import.py": 5,
    "tests/browser/test_life.py": 5,
    "tests/browser/test_life.py::test_a_life_with_rework": 28,
    "tests/browser/test_life.py::test_from_the_phone_to_closed": 22,
    "tests/browser/test_life.py::test_it_goes_up": 9,
    "tests/browser/test_life.py::test_settled_on_the_spot": 7,
    "tests/browser/test_notices.py": 8,
    "tests/browser/test_pages.py::test_no_page_hinders_anybody": 75,
    "tests/browser/test_pages.py::test_what_scripts_draw": 15,
    "tests/browser/test_states.py::test_axe_finds_nothing_on_a_form_that_came_back": 40,
    "tests/accounts/test_throttle.py": 0.5,
    "tests/figures/test_against_recount.py": 10,
    "tests/figures/test_against_recount.py::test_the_roll_up": 50,
    "tests/figures/test_recounting.py": 1,
    "tests/figures/test_rollup_race.py": 5,
    "tests/incidents/test_race.py": 3,
    "tests/incidents/test_race.py::test_one_of_two_clerks": 30,
    "tests/places/test_race.py": 2,
    "tests/places/test_redrawing_race.py": 3,
    "tests/roster/test_demo_roster.py": 3,
    "tests/roster/test_import_properties.py": 15,
    "tests/roster/test_import_race.py": 3,
    "tests/test_backup.py": 2,
    "tests/test_demo.py::test_the_demonstration_as_a_visitor": 100,
    "tests/test_demo.py::test_the_same_day": 18,
    "tests/test_demo.py::test_it_is_all_there": 1,
    "tests/test_embedded.py": 2,
    "tests/test_faults.py": 20,
    "tests/test_generate.py": 8,
    "tests/test_serve.py::test_a_portal_survives": 50,
}
BROWSER = 2.0  # any other test that drives Chromium


def seconds(item: pytest.Item) -> float:
    """How long a test takes, as far as it is worth knowing."""
    named = max((key for key in SECONDS if item.nodeid.startswith(key)), key=len, default="")
    return SECONDS.get(named, BROWSER if is_in_browser(item) else 0)


def is_in_browser(item: pytest.Item) -> bool:
    return item.nodeid.startswith("tests/browser/")


def arranged(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests in as many runs as there are workers: each begins with a run of its own and then takes from others.

    A run begins with its share of the browser's tests, together because they share a browser, the longest first; then
    come its share of the other long ones, and the rest as they were collected.
    """
    sizes: list[int] = []
    for number in range(workers):
        sizes.append((len(items) - sum(sizes)) // (workers - number))  # as xdist parts them
    runs: list[list[pytest.Item]] = [[] for _worker in range(workers)]
    taken = [0.0] * workers
    long = sorted((item for item in items if seconds(item)), key=lambda item: (not is_in_browser(item), -seconds(item)))
    for item in long:
        least = min((number for number in range(workers) if len(runs[number]) < sizes[number]), key=taken.__getitem__)
        runs[least].append(item)
        taken[least] += seconds(item)
    known = set(long)
    rest = (item for item in items if item not in known)
    for run, size in zip(runs, sizes, strict=True):
        run.extend(islice(rest, size - len(run)))
    return [item for run in runs for item in run]
