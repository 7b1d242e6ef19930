"""How a figure reads on a board: what it was counted over, how it changed; a few are no rate and in no order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.boards import Shown
from portal.core.refusals import Text
from portal.figures.reading import Value
from portal.figures.registry import AnyFigure, Ratio, Score

from .charts import Number, written
from .rules import LEAST_N, LEAST_PEOPLE

NOTHING = Value(None, None, None)


@dataclass(frozen=True)
class Change:
    """How a figure stands to the period before: in words and with an arrow; the tone only helps."""

    tone: str
    arrow: str
    words: Text
    short: str = ""  # the number alone


@dataclass(frozen=True)
class Reading:
    """One figure of one place in one period, beside the period before."""

    figure: AnyFigure
    now: Value
    before: Value
    better: int = 0
    url: str = ""
    is_hidden: bool = False

    @property
    def is_rate(self) -> bool:
        return isinstance(self.figure, Ratio | Score)

    @property
    def is_few(self) -> bool:
        """Counted over too few to be a rate."""
        return self.is_rate and self.now.value is not None and (self.now.n or 0) < LEAST_N

    @property
    def value(self) -> Number | None:
        """What may be told and put in an order; None for all the rest."""
        return None if self.is_hidden or self.is_few else self.now.value

    @property
    def is_ranked(self) -> bool:
        """Whether it may be put in an order: a few are chance."""
        return self.value is not None and (self.is_rate or self.value >= LEAST_N)

    @property
    def n(self) -> Number | None:
        """What a rate was counted over; a count needs none beside it."""
        return self.now.n if self.is_rate else None

    @property
    def text(self) -> str:
        return f"<{LEAST_PEOPLE}" if self.is_hidden else written(self.value)

    @property
    def n_text(self) -> str:
        return written(self.n)

    @property
    def fraction(self) -> str:
        """What a rate was divided out of what; "" where too few would be recognised."""
        if not self.is_rate or self.value is None or self.now.numerator is None:
            return f"n = {self.n_text}" if self.is_rate else ""
        return f"{written(self.now.numerator)} ÷ {self.n_text}"

    @property
    def before_text(self) -> str:
        return self.told_before.text

    @property
    def unit(self) -> Text:
        return self.figure.unit if self.value is not None else ""

    @property
    def note(self) -> str:
        """Why there is no number."""
        if self.is_hidden:
            return _("Fewer than %(number)d people: not told.") % {"number": LEAST_PEOPLE}
        if self.is_few:
            return _("Too few for a rate.")
        return "" if self.now.value is not None else _("Nothing to count.")

    @property
    def told_before(self) -> "Reading":
        """The same figure in the period before, told as carefully."""
        return replace(self, now=self.before, before=NOTHING, is_hidden=self.is_hidden or _is_small(self, self.before))

    @property
    def change(self) -> Change | None:
        """None where there is nothing to compare with."""
        value, before = self.value, self.told_before.value
        if value is None or before is None:
            return None
        if not self.is_rate and max(value, before) < LEAST_N:
            return Change("grey", "", _("too few to compare"))
        step = round(Decimal(value) - Decimal(before), 1)
        if step == 0:
            return Change("grey", "→", _("unchanged"))
        tone = "grey" if not self.better else "green" if (step > 0) == (self.better > 0) else "amber"
        return Change(tone, "↑" if step > 0 else "↓", self._words(step), written(abs(step)))

    def _words(self, step: Decimal) -> str:
        if self.is_rate:
            told = {"points": written(abs(step))}
            return (_("%(points)s points more") if step > 0 else _("%(points)s points less")) % told
        told = {"count": written(abs(step))}
        number = int(abs(step))
        more = ngettext("%(count)s more", "%(count)s more", number)
        return (more if step > 0 else ngettext("%(count)s fewer", "%(count)s fewer", number)) % told


def read_as(figure: AnyFigure, now: Value | None, before: Value | None, *, shown: Shown | None, url: str) -> Reading:
    """A figure as it stands on a board; a small group of people is not told."""
    better = shown.better if shown else 0
    reading = Reading(figure, now or NOTHING, before or NOTHING, better, url)
    return replace(reading, is_hidden=_is_small(reading, reading.now))


def hide_the_last(readings: Iterable[Reading]) -> list[Reading]:
    """Side by side under their sum, one hidden number could be worked out: then the next smallest is hidden with it."""
    told = list(readings)
    hidden = [one for one in told if one.is_hidden]
    others = [one for one in told if not one.is_hidden and one.value]
    if len(hidden) != 1 or not others:
        return told
    least = min(others, key=lambda one: one.value or 0)
    return [replace(one, is_hidden=True) if one is least else one for one in told]


def _is_small(reading: Reading, value: Value) -> bool:
    return reading.figure.counts_people and value.value is not None and 0 < value.value < LEAST_PEOPLE
