"""Several hands at once, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def race(hand: Callable[[int], T], *, hands: int, rounds: int = 1) -> list[tuple[T, ...]]:
    """What `hand(round)` returned to each of so many hands, round by round; they start every round together.

    What a hand raises is raised here, and stops the others.
    """
    start = Barrier(hands)

    def play() -> list[T]:
        try:
            return [(start.wait(timeout=60), hand(number))[1] for number in range(rounds)]
        except BaseException:
            start.abort()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        players = [pool.submit(play) for _hand in range(hands)]
    return list(zip(*(player.result() for player in players), strict=True))


def elsewhere(work: Callable[[], T]) -> T:
    """What `work` returns on another connection: it sees only what has been committed."""
    return race(lambda _round: work(), hands=1)[0][0]
