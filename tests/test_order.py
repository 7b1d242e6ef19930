"""How the suite shares its work out: nothing is left out, and what takes long begins first at every worker."""

from dataclasses import dataclass

import pytest

from . import order


@dataclass(frozen=True)
class Item:
    nodeid: str


SHORT = [Item(f"tests/core/test_{number}.py::test_it") for number in range(100)]
BROWSERS = [Item(f"tests/browser/test_pages.py::test_no_page_hinders_anybody[{share}]") for share in range(4)]
CLICKS = [Item(f"tests/browser/test_desk.py::test_it[{number}]") for number in range(12)]
LONG = [Item("tests/test_demo.py::test_the_demonstration_as_a_visitor_meets_it"), Item("tests/test_faults.py::test_it")]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize(
    "items",
    [[], SHORT[:2], LONG, [BROWSERS[0], *CLICKS], [*SHORT, *LONG, *BROWSERS]],
    ids=["none", "few", "long", "one of them takes longest", "all"],
)
def test_every_test_stays_and_comes_once(items, workers):
    assert sorted(one.nodeid for one in order.arranged(items, workers)) == sorted(one.nodeid for one in items)


def test_each_worker_begins_with_its_share_of_the_browser_and_then_of_the_long_ones():
    arranged = order.arranged([*SHORT, *LONG, *BROWSERS], 2)

    runs = [arranged[:53], arranged[53:]]
    assert [one in BROWSERS for run in runs for one in run[:2]] == [True] * 4
    assert {run[2] for run in runs} == set(LONG)
    assert all(one in SHORT for run in runs for one in run[3:])


def test_the_short_ones_keep_their_order():
    assert [one for one in order.arranged([*SHORT, *LONG], 3) if one in SHORT] == SHORT


def test_what_is_known_to_take_long_is_there(request):
    collected = {item.nodeid.partition("::")[0] for item in request.session.items}
    known = {name.partition("::")[0] for name in order.SECONDS}

    assert len(collected) < 100 or known <= collected
