"""Which category somebody may mean, from the words they typed; each suggestion says why it is made.

Two things speak for a category: words that stand in its name or in `synonyms`, and what similar reports of the same
community were taken for in the last year. Of those only counts are told, and only of three or more.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grid.places.models import Place
from portal.core import search

from .models import Category, Incident
from .synonyms import SYNONYMS, WEAK

MOST = 3
LONGEST = 1000  # characters looked at
LOOKED_AT = 400  # newest reports of the community; a bound on the work, however many there are
SIMILAR, LEAST_SIMILAR = 10, 3
ALIKE = 0.3  # of the weight of the words typed
A_YEAR = timedelta(days=365)
PARTS = re.compile(r"[、，,/（）()\s]+")
BARE = frozenset(("损坏", "缺失", "破损", "隐患", "不足", "问题", "故障", "服务", "求助", "关爱"))  # of any name


@dataclass(frozen=True)
class Suggestion:
    """A category with the reasons to take it for what was meant, the strongest suggestion first."""

    category: Category
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """How strongly the words of a text point at a category, and by which of them."""

    score: float
    words: tuple[str, ...]


def suggest(text: str, *, offered: Iterable[Category], community: Place | None = None) -> list[Suggestion]:
    """At most three of the `offered` categories for a text; none when nothing speaks for any."""
    categories = {category.pk: category for category in offered}
    hits = by_words(text, categories.values())
    past = by_past(text, community) if community else Past()
    scores = {pk: hit.score for pk, hit in hits.items()}
    for pk in past.told:
        scores[pk] = scores.get(pk, 0.0) + 3.0 * past.share(pk)
    known = [pk for pk in scores if pk in categories]
    best = sorted(known, key=lambda pk: (-scores[pk], categories[pk].order, pk))[:MOST]
    return [Suggestion(categories[pk], _reasons(hits.get(pk), past, pk)) for pk in best]


# The words typed


def by_words(text: str, categories: Iterable[Category]) -> dict[int, Hit]:
    """Category id → which of its words stand in the text; the longer and the rarer a word, the more it says."""
    said = _plain(text)
    known = {category.pk: _words_of(category) for category in categories}
    shared = Counter(word for words in known.values() for word in words)
    hits = {}
    for pk, words in known.items():
        found = _longest([word for word in words if all(part in said for part in word.split("+"))])
        if found:
            score = sum(_weight(word) / shared[word] for word in found)
            spoken = sorted(found, key=_weight, reverse=True)
            hits[pk] = Hit(score, tuple(word.replace("+", "…") for word in spoken))
    return hits


def _words_of(category: Category) -> set[str]:
    """Synonyms, the name's parts, and the English name's words."""
    parts = [*PARTS.split(_plain(category.name)), *SYNONYMS.get(category.code, ())]
    english = [word for word in PARTS.split(_plain(category.name_en)) if len(word) > 3]
    return {word for word in [*parts, *english] if word and word not in BARE}


def _longest(words: list[str]) -> list[str]:
    """Without those that stand inside a longer one."""
    return [word for word in words if not any(word != other and word in other for other in words)]


def _weight(word: str) -> float:
    if word in WEAK or word.isascii():
        return 0.4
    return min(len(word.replace("+", "")), 5) ** 1.3 / 2


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:LONGEST]).lower()


# What similar reports turned out to be


@dataclass(frozen=True)
class Past:
    """Of so many similar reports, how many were of which category."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def told(self) -> Mapping[int, int]:
        """What may be told: nothing of fewer than three, for nobody is to find out what a single report says."""
        return self.counts if self.n >= LEAST_SIMILAR else {}

    def share(self, category: int) -> float:
        return self.told.get(category, 0) / self.n if self.n else 0.0


def by_past(text: str, community: Place) -> Past:
    """What the reports most like this text were taken for: among the newest of the community, at most a year old.

    One query along an index, of a bounded number of rows; the words of others stay in the database.
    """
    wanted = search.tokens(text[:LONGEST])
    if not wanted:
        return Past()
    rows = _newest(community)
    df: Counter[str] = Counter()
    seen = []
    asked = set(wanted)
    for category, vector in rows:
        shared = asked & set(vector)
        df.update(shared)
        seen.append((category, shared))
    weights = {word: math.log((len(seen) + 50) / (df[word] + 5)) for word in asked}  # the rarer, the more it says
    whole = sum(weights.values())
    alike = [(sum(weights[word] for word in shared) / whole, category) for category, shared in seen if shared]
    nearest = sorted((one for one in alike if one[0] >= ALIKE), reverse=True)[:SIMILAR]
    return Past(Counter(category for _likeness, category in nearest))


def _newest(community: Place) -> Any:
    of_late = Incident.objects.filter(community=community, reported_at__gte=timezone.now() - A_YEAR)
    words = models.Func(F("search"), function="tsvector_to_array", output_field=ArrayField(models.TextField()))
    return of_late.order_by("-reported_at", "-id").values_list("category_id", words)[:LOOKED_AT]


def _reasons(hit: Hit | None, past: Past, category: int) -> tuple[str, ...]:
    reasons = []
    if hit:
        quoted = "、".join(f"“{word}”" for word in hit.words[:2])
        reasons.append(_("because you wrote %(words)s") % {"words": quoted})
    if past.share(category):
        words = ngettext(
            "%(count)d of %(n)d similar report here in the last year",
            "%(count)d of %(n)d similar reports here in the last year",
            past.n,
        )
        reasons.append(words % {"count": past.counts[category], "n": past.n})
    return tuple(reasons)
