"""Which records behind a rate: all of its whole, those of a part, or the rest, such as what was not closed in time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.core.refusals import Text
from portal.figures.registry import AnyFigure, Flow, Ratio, figures

from .charts import written
from .explaining import Part
from .rules import LEAST_PEOPLE

REST = "rest"


@dataclass(frozen=True)
class Share:
    """Some of the records behind a rate; `token` names them in the address, "" all of them."""

    label: Text
    text: str
    token: str
    is_chosen: bool


def shares(figure: AnyFigure, parts: Sequence[Part], asked: str) -> list[Share]:
    """All, each part and what is left; none where it cannot be told apart, or is told to nobody."""
    flows = _flows(figure)
    if not flows or any(part.value is None for part in parts):
        return []
    *some, whole = parts
    if not whole.value:
        return []
    rest = (whole.value or 0) - sum(part.value or 0 for part in some)
    if 0 < rest < LEAST_PEOPLE and any(flow.counts_people for flow in flows):
        return []
    found: list[tuple[Text, str, str]] = [(_("All"), whole.text, "")]
    found += [(part.label, part.text, flow.key) for part, flow in zip(some, flows, strict=True)]
    found.append((_("The rest"), written(rest), REST))
    chosen = asked if asked in {token for *_told, token in found} else ""
    return [Share(label, text, token, token == chosen) for label, text, token in found]


def narrowed(figure: AnyFigure, rows: QuerySet, shown: Sequence[Share]) -> QuerySet:
    """Of the records behind a rate those that are chosen."""
    token = next((share.token for share in shown if share.is_chosen), "")
    for flow in _flows(figure) if token else ():
        if token == REST:
            rows = rows.exclude(flow.where)
        elif token == flow.key:
            rows = rows.filter(flow.where)
    return rows


def _flows(figure: AnyFigure) -> list[Flow]:
    """The upper half of a rate, where it counts some of the records of the lower half."""
    if not isinstance(figure, Ratio):
        return []
    whole = figures.items[figure.over]
    found = list(_parts_of(figure, whole)) if isinstance(whole, Flow) else []
    return found if len(found) == len(figure.of) else []


def _parts_of(figure: Ratio, whole: Flow) -> Iterator[Flow]:
    for _weight, key in figure.of:
        part = figures.items[key]
        if isinstance(part, Flow) and (part.source, part.moment) == (whole.source, whole.moment):
            yield part
