"""The first few rows over many communities, by an index that begins with the community.

Each community is asked for its first rows and the answers are merged. A hundred communities of which each gives fifty
would read a hundred times too much, and with a filter besides a thousand times: so each first gives a few, these tell
how far one has to look, and only those that have more are asked again, up to there. (380,000 residents in 100
communities, the first 51 of a frequent surname: 36 ms in one round, 4 ms in two; the party members of that name 150 and
12 ms. `python -m benchmarks.finding` measures it.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from .models import Resident, ResidentQuerySet

FAR_END = "\U0010ffff"  # sorts behind every text
FEW_COMMUNITIES = 4


@dataclass(frozen=True)
class Arm:
    """Rows in the order of an index: `community` and then `column`; they carry their `rank`, lower is better."""

    rows: ResidentQuerySet
    column: str
    community: str = "community_id"
    communities: Sequence[int] = ()

    def part(self, most: int) -> tuple[str, list[Any]]:
        """SQL for (pk, rank, key) of at least the first `most` rows of all communities together, and its parameters."""
        few = -(-2 * most // max(1, len(self.communities)))
        if len(self.communities) < FEW_COMMUNITIES or few >= most:
            inner, params = self._of_one(most)
            return ONE_ROUND.format(each=EACH, inner=inner), [list(self.communities), *params]
        first, first_params = self._of_one(few)
        last = RawSQL("(SELECT first.key FROM first ORDER BY first.key OFFSET %s LIMIT 1)", (most - 1,))
        then, then_params = self._of_one(most, **{f"{self.column}__lte": Coalesce(last, Value(FAR_END))})
        sql = TWO_ROUNDS.format(each=EACH, first=first, then=then)
        return sql, [list(self.communities), *first_params, few, *then_params]

    def _of_one(self, most: int, **further: Any) -> tuple[str, Sequence[Any]]:
        """The first rows of the community `area.id`."""
        here = {self.community: RawSQL("area.id", ())}
        rows = self.rows.filter(**here, **further).annotate(key=F(self.column))
        return rows.values("pk", "rank", "key")[:most].query.sql_with_params()


EACH = "unnest(%s::bigint[]) AS area (id) CROSS JOIN LATERAL"
ONE_ROUND = "(SELECT hit.* FROM {each} ({inner}) AS hit (pk, rank, key))"
TWO_ROUNDS = """(
    WITH first AS MATERIALIZED (SELECT area.id AS area, hit.* FROM {each} ({first}) AS hit (pk, rank, key))
    SELECT pk, rank, key FROM first
    UNION ALL
    SELECT hit.* FROM (SELECT area AS id FROM first GROUP BY area HAVING count(*) >= %s) AS area
    CROSS JOIN LATERAL ({then}) AS hit (pk, rank, key)
)"""


def best_of(arms: Sequence[Arm], most: int) -> ResidentQuerySet:
    """The `most` best rows of all arms: by rank, and within a rank in the order of its arm."""
    if not arms:
        return Resident.objects.none()
    parts = [arm.part(most) for arm in arms]
    hits = " UNION ALL ".join(sql for sql, _params in parts)
    best = f"SELECT pk FROM ({hits}) AS hits GROUP BY pk ORDER BY min(rank), min(key), pk LIMIT %s"  # noqa: S608
    params = [param for _sql, params in parts for param in params]
    return Resident.objects.filter(pk__in=RawSQL(best, (*params, most)))  # noqa: S611 - every value is a parameter
