"""The order of the suite: what takes long begins first, shared out evenly, so that no worker waits for another's end."""

from collections.abc import Sequence

import pytest

# Seconds on two cores, roughly; whatever begins with these words. Renew them with `--durations=60` once they mislead.
SECONDS = {}
BROWSER = 1.5  # any other test that drives Chromium


def seconds(item: pytest.Item) -> float:
    """How long a test takes, as far as it is worth knowing."""
    named = max((key for key in SECONDS if item.nodeid.startswith(key)), key=len, default="")
    return SECONDS.get(named, BROWSER if is_in_browser(item) else 0)


def is_in_browser(item: pytest.Item) -> bool:
    return item.nodeid.startswith("tests/browser/")


def arranged(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests in as many runs as there are workers, for each begins with a run of its own; then they take from others.

    A run begins with its share of the browser's tests, together because they share a browser, the longest first; then
    come its share of the other long ones, and the rest as they were collected.
    """
    runs: list[list[pytest.Item]] = [[] for _worker in range(workers)]
    taken = [0.0] * workers
    long = sorted((item for item in items if seconds(item)), key=lambda item: (not is_in_browser(item), -seconds(item)))
    for item in long:
        least = taken.index(min(taken))
        runs[least].append(item)
        taken[least] += seconds(item)
    known, rest = set(long), iter(items)
    for number, run in enumerate(runs):
        left = workers - number
        size = (len(items) - sum(len(one) for one in runs[:number])) // left  # as xdist parts them
        while len(run) < size:
            run.append(next(item for item in rest if item not in known))
    return [item for run in runs for item in run]
