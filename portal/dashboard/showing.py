"""How a figure reads on a board: what it was counted over, how it changed; a few are no rate and in no order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.boards import Shown
from portal.core.clock import today
from portal.core.refusals import Text
from portal.figures.periods import Period
from portal.figures.reading import Value
from portal.figures.registry import AnyFigure, Distinct, Flow, Ratio, Score, grows, is_of_people

from .charts import Number, rounded, written
from .rules import LEAST_N, LEAST_PEOPLE

NOTHING = Value(None, None, None)
KEPT_BACK = "*"
FEWEST = {"number": LEAST_PEOPLE}


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
    is_before_hidden: bool = False
    is_before_partnered: bool = False
    is_partnered: bool = False  # hidden with others, some of which say too much only beside it
    period: Period | None = None

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
        if self.is_hidden:
            return KEPT_BACK if self.is_partnered else f"<{LEAST_PEOPLE}"
        return written(self.value)

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
        """Why there is no number, or that it is not of now."""
        if self.is_hidden and self.is_partnered:
            return _("Not told, so that no group of fewer than %(number)d people can be worked out.") % FEWEST
        if self.is_hidden:
            return _("Fewer than %(number)d people: not told.") % FEWEST
        if self.is_few:
            return _("Too few for a rate.")
        if self.now.value is None:
            return _("Nothing to count.")
        return _("as of last night") if self.now.as_of else ""

    @property
    def told_before(self) -> "Reading":
        """The same figure in the period before, told as carefully."""
        is_hidden = self.is_hidden or self.is_before_hidden or _is_small(self, self.before)
        has_partner = self.is_partnered or self.is_before_partnered or not _is_small(self, self.before)
        is_partnered = is_hidden and has_partner
        return replace(self, now=self.before, before=NOTHING, is_hidden=is_hidden, is_partnered=is_partnered)

    @property
    def change(self) -> Change | None:
        """None where there is nothing to compare with."""
        value, before = self.value, self.told_before.value
        if value is None or before is None:
            return None
        if why := self._why_not_compared:
            return Change("grey", "", why)
        if not self.is_rate and value == before == 0:
            return None
        if not self.is_rate and max(value, before) < LEAST_N:
            return Change("grey", "", _("too few to compare"))
        step = rounded(value) - rounded(before)  # of the numbers as they are read
        if step == 0:
            return Change("grey", "→", _("unchanged"))
        tone = "grey" if not self.better else "green" if (step > 0) == (self.better > 0) else "amber"
        short = written(abs(step) if self.is_rate else int(abs(step)))
        return Change(tone, "↑" if step > 0 else "↓", self._words(step), short)

    @property
    def is_compared(self) -> bool:
        """Whether the period before says anything beside it."""
        return not self._why_not_compared

    @property
    def _why_not_compared(self) -> str:
        """While a period runs, what grows after it has ended stands behind every period before."""
        if self.period is None or self.period.last < today():
            return ""
        if grows(self.figure):
            return _("still growing; compared when the period has ended")
        if self.period.first == self.period.last and isinstance(self.figure, Flow | Distinct):
            return _("the day still runs; compared when it has ended")
        return ""

    def _words(self, step: Decimal) -> str:
        if self.is_rate:
            told = {"points": written(abs(step))}
            if isinstance(self.figure, Score):
                return (_("up %(points)s points") if step > 0 else _("down %(points)s points")) % told
            return (_("%(points)s points more") if step > 0 else _("%(points)s points less")) % told
        told = {"count": written(int(abs(step)))}
        number = int(abs(step))
        more = ngettext("%(count)s more", "%(count)s more", number)
        return (more if step > 0 else ngettext("%(count)s fewer", "%(count)s fewer", number)) % told


def read_as(
    figure: AnyFigure,
    now: Value | None,
    before: Value | None,
    *,
    shown: Shown | None,
    url: str,
    period: Period | None = None,
) -> Reading:
    """A figure as it stands on a board in a period; a small group of people is not told."""
    better = shown.better if shown else 0
    reading = Reading(figure, now or NOTHING, before or NOTHING, better, url, period=period)
    return replace(reading, is_hidden=_is_small(reading, reading.now))


def hide_small_groups(readings: Iterable[Reading]) -> list[Reading]:
    """Side by side under their sum, what is hidden could be worked out: then the next smallest are hidden with it.

    The period before has a sum of its own; there as well.
    """
    told = list(readings)
    if not any(is_of_people(one.figure) for one in told):
        return told
    small = {at for at, one in enumerate(told) if one.is_hidden}
    hidden = _with_partners([one.now.value or 0 for one in told], small)
    told = [replace(one, is_hidden=at in hidden, is_partnered=hidden > small) for at, one in enumerate(told)]
    small = {at for at, one in enumerate(told) if one.told_before.is_hidden}
    hidden = _with_partners([one.before.value or 0 for one in told], small)
    more = hidden > small
    return [replace(one, is_before_hidden=at in hidden, is_before_partnered=more) for at, one in enumerate(told)]


def _with_partners(values: Sequence[Number], hidden: set[int]) -> set[int]:
    """Those of the values that are hidden, and as many of the smallest others as keep their sum from telling them."""
    found = set(hidden)
    others = sorted((at for at, value in enumerate(values) if value and at not in hidden), key=lambda at: -values[at])
    while found and others and _tells_each([values[at] for at in found]):
        found.add(others.pop())
    return found


def _tells_each(values: Sequence[Number]) -> bool:
    """Whether the sum of hidden values gives them away: one alone, few together, each of them 1, or each 4."""
    most, total = LEAST_PEOPLE - 1, sum(values)
    return len(values) < 2 or total <= max(most, len(values)) or total == most * len(values)


def _is_small(reading: Reading, value: Value) -> bool:
    return is_of_people(reading.figure) and value.value is not None and 0 < value.value < LEAST_PEOPLE
