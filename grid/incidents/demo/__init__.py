"""Incidents of the demonstration: 125 up to May 2023, a trickle, and lively months up to the present moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from grid.incidents.models import Category, CategoryRule, Incident
from grid.places.demo import ABSENT_AT
from grid.places.demo.atlas import COMMUNITIES, DALONG, LINGBIAN, YONGSHAN, Community
from grid.places.demo.people import SIGN_INS
from grid.places.models import Place
from portal.accounts.models import User
from portal.core import demonstration
from portal.core.demonstration import Demonstration, Part

from . import scenes
from .cast import Cast
from .life import Life, Stage, Story, unfold
from .pictures import Album
from .rhythm import DAY, Rhythm
from .scenes import Stagehand
from .stories import Chronicler

FIRST_DAY, LAST_OF_THE_RECORD = date(2021, 6, 1), date(2023, 5, 31)  # domain.md §2: 125 incidents by May 2023
LIVELY, JUST_NOW = timedelta(days=150), timedelta(days=10)  # much of the last days is told in `scenes`


@dataclass(frozen=True)
class Plot:
    """How much happens in a community: until May 2023, in each month after it, and in the lively months."""

    recorded: int
    a_month: float
    lately: int


PLOTS = {
    DALONG.code: Plot(125, 1.3, 300),
    LINGBIAN.code: Plot(6, 0.2, 16),
    YONGSHAN.code: Plot(12, 0.3, 44),
}


def load(scene: Demonstration) -> Place:
    """Let everything happen, in the order of time; returns the district."""
    rhythm, album = Rhythm(), Album()
    categories = {category.code: category for category in Category.objects.select_related("group")}
    held = CategoryRule.objects.for_street(None).select_related("category")
    rules = {rule.category.code: rule for rule in held}
    people = {user.username: user for user in User.objects.filter(username__in=SIGN_INS)}
    lives = []
    for community in COMMUNITIES:
        cast = Cast(Place.objects.get(code=community.code))
        chronicler = Chronicler(cast, rhythm, categories, rules, scene.random("stories", community.code))
        stories = [*_background(scene, community, chronicler), *_present(community, chronicler, scene, people)]
        stage = Stage(cast, rhythm, album, scene.now)
        lives += [Life(story, stage, scene.random(community.code, n)) for n, story in enumerate(stories)]
    unfold(lives, until=scene.now)
    return Place.objects.get(parent=None)


def _background(scene: Demonstration, community: Community, chronicler: Chronicler) -> Iterator[Story]:
    plot, lively_from = PLOTS[community.code], scene.today - LIVELY
    yield from chronicler.period(scene.share(plot.recorded), FIRST_DAY, LAST_OF_THE_RECORD, growth=2.5)
    months = (lively_from - LAST_OF_THE_RECORD).days / 30.5
    quiet = scene.share(round(plot.a_month * months))
    yield from chronicler.period(quiet, LAST_OF_THE_RECORD + DAY, lively_from - DAY, growth=1.5)
    yield from chronicler.period(scene.share(plot.lately), lively_from, scene.today - JUST_NOW - DAY, growth=1.2)
    yield from chronicler.period(max(8, scene.share(plot.lately // 14)), scene.today - JUST_NOW, scene.today)


def _present(
    community: Community, chronicler: Chronicler, scene: Demonstration, people: dict[str, User]
) -> Iterator[Story]:
    """What waits today for those as whom a visitor signs in."""
    hand = Stagehand(chronicler, scene.today, people)
    if community is DALONG:
        yield from hand.set(scenes.LEADER, at=people["leader"])
        yield from hand.set(scenes.LEADER2, at=people["leader2"])
        yield from hand.set(scenes.STOOD_IN_FOR, at=ABSENT_AT)
        yield from hand.set(scenes.GRID, at=people["grid"])
        yield from hand.set(scenes.OFFICE + scenes.DEPARTMENTS)
    else:
        yield from hand.set(scenes.NEXT_DOOR if community is LINGBIAN else scenes.LARGE)


demonstration.register(Part("incidents", order=20, load=load, finds_others=lambda: Incident.objects.exists()))
