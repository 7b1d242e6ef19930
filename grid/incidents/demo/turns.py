"""What may happen to an incident besides its straight way: it is objected to, takes longer, goes up, is reopened.

A turn follows on what a story came to (`Story.stops_at`), and is told like its other steps.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from grid.incidents import services
from grid.incidents.models import IncidentRequest
from portal.accounts.models import User
from portal.core.clock import day_of

from . import words

if TYPE_CHECKING:
    from .life import Life

Steps = Iterator[datetime]
SOON = (timedelta(minutes=20), timedelta(hours=5))
LATER = (timedelta(hours=3), timedelta(hours=30))


def objects(life: "Life") -> Steps:
    """Whoever it was dispatched to says that it is not theirs."""
    yield life.in_office(*SOON)
    _object(life)


def has_to_keep_it(life: "Life") -> Steps:
    """The same, and the office says no."""
    yield life.in_office(*SOON)
    asked = _object(life)
    yield life.in_office(*SOON)
    services.decide(asked, actor=_another(life, asked), granted=False, reply=life.chance.choice(words.KEPT), at=life.at)


def asks_for_time(life: "Life") -> Steps:
    """Whoever has taken it on needs longer."""
    yield life.in_office(*SOON)
    _ask_for_time(life)


def gets_time(life: "Life") -> Steps:
    """The same, and gets it."""
    yield life.in_office(*SOON)
    asked = _ask_for_time(life)
    yield life.in_office(*SOON)
    services.decide(asked, actor=_another(life, asked), granted=True, at=life.at)


def asks_to_reopen(life: "Life") -> Steps:
    """It was closed, and whoever reported it says that it is not solved."""
    yield life.later(*LATER)
    _ask_to_reopen(life)


def is_reopened(life: "Life") -> Steps:
    """The same, and the office agrees."""
    yield life.later(*LATER)
    asked = _ask_to_reopen(life)
    yield life.in_office(*SOON)
    services.decide(
        asked, actor=_another(life, asked), granted=True, reply=life.chance.choice(words.REOPENED), at=life.at
    )


def arrives(life: "Life") -> Steps:
    """Whoever has taken it on is on site."""
    yield life.later(*SOON)
    services.arrive(life.incident, actor=life.handled_by, at=life.at)


def is_passed_on(life: "Life") -> Steps:
    """To a colleague over the same place."""
    leader = life.cast.leader(life.story.ground, life.day) or life.clerk(life.handled_by)
    yield life.later(*SOON)
    services.transfer(
        life.incident, actor=life.handled_by, holder=leader, note=life.chance.choice(words.PASSED_ON), at=life.at
    )


def goes_up_to_the_grid(life: "Life") -> Steps:
    """From the building's leader to the grid's."""
    yield life.later(*SOON)
    services.escalate(
        life.incident, actor=life.story.reporter, note=life.chance.choice(words.PASSED_UP_TO_GRID), at=life.at
    )


def goes_up_to_the_street(life: "Life") -> Steps:
    """From the community's office to the street's, where it waits."""
    yield life.in_office(*SOON)
    actor = life.clerk()
    services.escalate(life.incident, actor=actor, note=life.chance.choice(words.PASSED_UP_TO_STREET), at=life.at)


def is_whistled_for(life: "Life") -> Steps:
    """The same, and the street whistles for a department."""
    yield from goes_up_to_the_street(life)
    yield life.in_office(*SOON)
    street, note = life.story.handler, life.chance.choice(words.TO_WHISTLE_BY_STREET)
    services.dispatch(life.incident, actor=street, department=life.department(), note=note, at=life.at)


def stands(life: "Life") -> Steps:
    """It cannot go on for some days."""
    yield life.in_office(*SOON)
    until = day_of(life.stage.now) + timedelta(days=6)
    note = life.chance.choice(words.SUSPENDED)
    services.suspend(life.incident, actor=life.handled_by, note=note, expected_on=until, at=life.at)


def is_void(life: "Life") -> Steps:
    yield life.in_office(*SOON)
    services.void(life.incident, actor=life.clerk(), note=life.chance.choice(words.VOIDED), at=life.at)


Turn = Callable[["Life"], Steps]


def _object(life: "Life") -> IncidentRequest:
    notes = words.HANDED_BACK_BY_DEPARTMENT if life.story.whistles else words.HANDED_BACK
    return services.ask_return(
        life.incident, actor=life.handled_by, reason=life.chance.choice(notes), at=life.at, **_suggestion(life)
    )


def _suggestion(life: "Life") -> dict[str, object]:
    department = None if life.story.whistles else life.department()
    return {"suggested_department": department} if department else {}


def _ask_for_time(life: "Life") -> IncidentRequest:
    days = Decimal(life.chance.choice(("1", "2", "3", "5")))
    reason = life.chance.choice(words.NEEDS_TIME)
    return services.ask_extension(life.incident, actor=life.handled_by, days=days, reason=reason, at=life.at)


def _ask_to_reopen(life: "Life") -> IncidentRequest:
    on_behalf = life.incident.is_on_behalf
    actor = life.clerk() if on_behalf else life.story.reporter
    reason = life.chance.choice(words.NOT_SOLVED)
    return services.ask_reopen(life.incident, actor=actor, reason=reason, at=life.at)


def _another(life: "Life", asked: IncidentRequest) -> User:
    return life.clerk(asked.asked_by)
