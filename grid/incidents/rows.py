"""The rows of the list, computed once each: no model is built and the template asks for nothing but words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.core.clock import SHANGHAI

from .due import due_of
from .models import CoReport, Incident, IncidentRequest, Severity, Tier
from .templatetags.incidents import SEVERITIES, TONES
from .timeline import RESULTS
from .workflow import OPEN, State

EXCERPT = 32
COLUMNS = (
    "pk",
    "category__name",
    "category__name_en",
    "description",
    "state",
    "severity",
    "level",
    "resolution",
    "is_emergency",
    "is_sampled",
    "verified_by_id",
    "resident_confirmed_at",
    "parent_id",
    "merged_into_id",
    "place__name",
    "place_id",
    "community_id",
    "community__name",
    "location",
    "reported_at",
    "due_at",
    "due_is_certain",
    "suspended_at",
    "reporter__name",
    "holder__name",
    "owner__name",
    "department__name",
)
SAME = "same"  # beside the kinds of requests
# Written out, for it is asked with every page and takes the ORM longer to say than the database to answer.
SAID_BESIDE = f"""
    SELECT incident_id, kind FROM {IncidentRequest._meta.db_table} WHERE decided_at IS NULL AND incident_id = ANY(%s)
    UNION ALL SELECT incident_id, %s FROM {CoReport._meta.db_table} WHERE incident_id = ANY(%s)
    UNION ALL SELECT merged_into_id, %s FROM {Incident._meta.db_table} WHERE merged_into_id = ANY(%s)
"""  # noqa: S608 - names of tables


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on a tint."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a line of the list says, in the reader's language; the first mark is its state."""

    pk: int
    key: str
    url: str
    number: str
    title: str
    excerpt: str
    place: str
    where: str
    reported: str
    reporter: str
    holder: str
    owner: str
    due: str
    due_kind: str
    is_uncertain: bool
    marks: tuple[Mark, ...]


def rows_of(keys: Sequence[int], *, query: str = "", names_communities: bool = False) -> list[Row]:
    """The lines of these incidents in their order; `query` is carried by their links. Two queries for all of them."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_columns_sql(), [list(keys)])
        found = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in cursor}
    writer = _Writer(list(keys), query, names_communities)
    return [writer.row(found[key]) for key in keys if key in found]


@cache
def _columns_sql() -> str:
    """The SQL for `COLUMNS` of any incidents, put together once; its parameter are their keys.

    A list first asks which rows are on the page, of one table by one index. Asked together with the names, which stand
    in seven tables more, PostgreSQL would plan anew each time, and that takes longer than answering.
    """
    sql, _params = Incident.objects.order_by().filter(pk=0).values(*COLUMNS).query.sql_with_params()
    return f"{sql.removesuffix(' = %s')} = ANY(%s)"


class _Writer:
    """Words, addresses and marks that all the rows of a page share."""

    def __init__(self, keys: list[int], query: str, names_communities: bool) -> None:
        self.base, self.query, self.names_communities = reverse("incidents:list"), query, names_communities
        self.english = (get_language() or "").startswith("en")
        self.now = timezone.now()
        self.states = {state.value: Mark(str(state.label), TONES[state]) for state in State}
        self.severities = {one.value: Mark(str(one.label), SEVERITIES[one]) for one in Severity}
        closed = State.CLOSED.label
        self.results = {one.value: Mark(f"{closed} · {one.label}", tone) for one, tone in RESULTS.items()}
        self.waits = {kind.value: Mark(str(kind.label), "amber") for kind in IncidentRequest.Kind}
        self.street = Mark(str(Tier.STREET.label), "blue")
        self.said = _said_beside(keys)

    def row(self, one: Mapping[str, Any]) -> Row:
        pk, reported = one["pk"], one["reported_at"].astimezone(SHANGHAI)
        holder, owner = one["holder__name"] or one["department__name"] or "", one["owner__name"]
        is_open = one["state"] in OPEN
        due = due_of(one["due_at"], is_open=is_open, stands=bool(one["suspended_at"]), now=self.now)
        number = f"{reported.year}{reported.month:02d}{reported.day:02d}-{pk:05d}"
        return Row(
            pk=pk,
            key=str(pk),
            url=f"{self.base}{pk}/{self.query}",
            number=number,
            title=one["category__name_en"] if self.english and one["category__name_en"] else one["category__name"],
            excerpt=f"{number} · {said}" if (said := _cut(one["description"])) else number,
            place=one["place__name"],
            where=self._where(one),
            reported=str(reported)[:16],
            reporter=one["reporter__name"],
            holder=holder,
            owner=owner if owner != holder and is_open else "",
            due=due.words,
            due_kind=due.kind,
            is_uncertain=is_open and not one["due_is_certain"],
            marks=tuple(self._marks(one)),
        )

    def _where(self, one: Mapping[str, Any]) -> str:
        if not self.names_communities or one["community_id"] in (None, one["place_id"]):
            return one["location"]
        return f"{one['community__name']} {one['location']}".rstrip()

    def _marks(self, one: Mapping[str, Any]) -> Iterable[Mark]:
        """What sets this one apart from the others."""
        said = self.said.get(one["pk"], {})
        is_closed = one["state"] == State.CLOSED and one["resolution"]
        yield self.results[one["resolution"]] if is_closed else self.states[one["state"]]
        if one["is_emergency"]:
            yield Mark(_("Emergency"), "red")
        if one["severity"] != Severity.GENERAL:
            yield self.severities[one["severity"]]
        if one["level"] == Tier.STREET and one["state"] in OPEN:
            yield self.street
        for kind, mark in self.waits.items():
            if kind in said:
                yield Mark(_("Asked: %(what)s") % {"what": mark.text}, mark.tone)
        if one["is_sampled"] and one["state"] == State.AWAITING_VERIFICATION and not _is_confirmed(one):
            yield Mark(_("Looked at on site first"), "amber")
        if one["merged_into_id"]:
            yield Mark(_("Merged"), "grey")
        if one["parent_id"]:
            yield Mark(_("Part"), "grey")
        if number := said.get(SAME):
            yield Mark(
                ngettext("%(number)d more saw it", "%(number)d more saw it", number) % {"number": number}, "blue"
            )


def _said_beside(keys: list[int]) -> dict[int, dict[str, int]]:
    """Incident → what is asked of it and waits, and how many others reported the same; one query for a page."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SAID_BESIDE, [keys, SAME, keys, SAME, keys])
        for about, what in cursor:
            said = found.setdefault(about, {})
            said[what] = said.get(what, 0) + 1
    return found


def _is_confirmed(one: Mapping[str, Any]) -> bool:
    return bool(one["verified_by_id"] or one["resident_confirmed_at"])


def _cut(text: str) -> str:
    """The beginning of what was written, on one line."""
    line = " ".join(text[: EXCERPT * 2].split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"
