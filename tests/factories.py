"""Records in the states a scene needs; traits are words of the domain. They are made through the services."""

from typing import Any

from grid.incidents import services
from grid.incidents.models import Category, Incident
from grid.places.models import Place
from portal.accounts.models import User
from portal.files.models import Attachment

from .pictures import photo_of

STAGES = ("reported", "opened", "dispatched", "in_progress", "awaiting_verification", "verified", "closed")


def category(code: str = "clutter") -> Category:
    """A category of the standard catalogue; 楼道堆物 unless another is named."""
    return Category.objects.get(code=code)


def incident(
    *,
    place: Place,
    reporter: User,
    office: User | None = None,
    handler: User | None = None,
    stage: str = "reported",
    code: str = "clutter",
    **fields: Any,
) -> Incident:
    """An incident brought to `stage` step by step: `office` opens, dispatches and closes, `handler` does the work."""
    steps = STAGES[1 : STAGES.index(stage) + 1]
    fields = {"description": "三楼楼梯口堆满纸箱", **fields}
    made = services.report(actor=reporter, place=place, category=category(code), **fields)
    for step in steps:
        _advance(made, step, office, handler or reporter)
        made.refresh_from_db()
    return made


def settled(
    *, place: Place, reporter: User, by: User | None = None, code: str = "clutter", drawn: bool = False, **fields: Any
) -> Incident:
    """A small thing settled on the spot by whoever reported it, or `by` another, waiting for confirmation.

    It was `drawn` to be looked at, or it was not.
    """
    made, settler = incident(place=place, reporter=reporter, code=code, **fields), by or reporter
    after = photo_of(settler, kind=Attachment.Kind.AFTER)
    made = services.settle(made, actor=settler, outcome="请住户搬走了", photos=[after])
    if drawn:
        made.is_sampled = True
        made.save(update_fields=["is_sampled"])
    return made


def _advance(made: Incident, step: str, office: User | None, handler: User) -> None:
    match step:
        case "opened":
            services.open_case(made, actor=office)
        case "dispatched":
            services.dispatch(made, actor=office, holder=handler)
        case "in_progress":
            services.take(made, actor=handler)
        case "awaiting_verification":
            services.finish(made, actor=handler, outcome="已经清理")
        case "verified":
            services.verify(made, actor=office)
        case "closed":
            services.close(made, actor=office)
