"""Two people choose two representatives at once: one of them speaks for the household in the end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from grid.roster.models import Resident
from grid.roster.services import households

from .people import household, resident

ROUNDS = 40


@pytest.mark.django_db(transaction=True)
def test_one_speaks_for_the_household_whoever_was_first(chen, li, places):
    homes = [household(places.qishan, room=f"{number}01") for number in range(1, ROUNDS + 1)]
    pairs = [(resident(home, "陈家生"), resident(home, "李四")) for home in homes]
    start = Barrier(2)

    def choose(at: int, actor) -> None:
        try:
            for home, pair in zip(homes, pairs, strict=True):
                start.wait(timeout=30)
                households.choose_representative(home, resident=pair[at], actor=actor)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(choose, 0, chen.user), pool.submit(choose, 1, li.user)]:
            done.result()

    assert Resident.objects.representatives().count() == ROUNDS
    assert Resident.objects.filter(represents_until=None).exclude(represents_since=None).count() == ROUNDS
