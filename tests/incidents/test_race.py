"""Two clerks, one incident: the database lets one of them move it, and tells the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from grid.incidents import services
from grid.incidents.models import Incident
from grid.incidents.workflow import State
from portal.core import audit
from portal.core.refusals import Refused
from tests.factories import incident

ROUNDS = 60


@pytest.mark.django_db(transaction=True)
def test_one_of_two_clerks_moves_it_and_the_other_is_told(chen, li, zhang, places):
    made = [incident(place=places.qishan, reporter=chen.user) for _round in range(ROUNDS)]
    start = Barrier(2)

    def clerk(move, actor, **asked) -> list[bool]:
        results = []
        try:
            for one in made:
                start.wait(timeout=30)
                try:
                    move(one, actor=actor, **asked)
                    results.append(True)
                except Refused:
                    results.append(False)
        finally:
            connection.close()
        return results

    with ThreadPoolExecutor(2) as pool:
        opens = pool.submit(clerk, services.open_case, li.user)
        declines = pool.submit(clerk, services.decline, zhang.user, note="重复上报")
        opened, declined = opens.result(), declines.result()

    assert [a + b for a, b in zip(opened, declined, strict=True)] == [1] * ROUNDS
    for one, was_opened in zip(made, opened, strict=True):
        assert Incident.objects.get(pk=one.pk).state == (State.OPENED if was_opened else State.DECLINED)
        assert audit.timeline(one).count() == 2
