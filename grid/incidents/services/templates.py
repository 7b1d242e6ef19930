"""Prepared answers: the committee's for its community, the street's for all of its own."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from grid.incidents.models import AnswerTemplate, Incident
from grid.places.models import Place
from portal.accounts.models import User
from portal.core import audit
from portal.core.refusals import refusals

from .moving import Refuse

BLANK = re.compile(r"\{(\w+)\}")
KNOWN = {"number": "编号", "category": "类别", "place": "地点"}  # in both languages, for people write them by hand


def blanks(incident: Incident) -> dict[str, str]:
    """What may stand in braces in a prepared answer, filled in for an incident."""
    where = " ".join(filter(None, [str(incident.place), incident.location]))
    values = {"number": incident.number, "category": str(incident.category), "place": where}
    return values | {KNOWN[name]: value for name, value in values.items()}


def filled(text: str, incident: Incident) -> str:
    """A prepared text with its blanks filled in, once: what is filled in is not looked through again."""
    values = blanks(incident)
    return BLANK.sub(lambda found: values.get(found[1], found[0]), text)


@transaction.atomic
def prepare(
    *, place: Place, title: str, text: str, use: str, actor: User, at: datetime | None = None
) -> AnswerTemplate:
    """Keep an answer for a community or a street. Raises Refused for a blank that nothing can be filled into."""
    with refusals() as refuse:
        _known_blanks(text, refuse)
        _once(place, title, refuse)
    made = AnswerTemplate.objects.create(place=place, title=title, text=text, use=use)
    audit.record("answer_template.added", made, actor=actor, at=at, data={"place": place.pk, "use": use})
    return made


@transaction.atomic
def reword(
    template: AnswerTemplate,
    *,
    title: str,
    text: str,
    use: str,
    is_active: bool,
    actor: User,
    at: datetime | None = None,
) -> AnswerTemplate:
    """Change a prepared answer, or put it away; what was written with it stays as it is."""
    template = AnswerTemplate.objects.select_for_update(of=("self",)).select_related("place").get(pk=template.pk)
    with refusals() as refuse:
        _known_blanks(text, refuse)
        _once(template.place, title, refuse, but=template)
    template.title, template.text, template.use, template.is_active = title, text, use, is_active
    template.save()
    data = {"place": template.place_id, "use": use, "active": is_active}
    audit.record("answer_template.changed", template, actor=actor, at=at, data=data)
    return template


def _known_blanks(text: str, refuse: Refuse) -> None:
    unknown = sorted(set(BLANK.findall(text)) - {*KNOWN, *KNOWN.values()})
    if unknown:
        words = {"unknown": ", ".join(f"{{{name}}}" for name in unknown)}
        refuse(_("Nothing is known to be filled in for %(unknown)s.") % words, field="text")


def _once(place: Place, title: str, refuse: Refuse, *, but: AnswerTemplate | None = None) -> None:
    same = AnswerTemplate.objects.filter(place=place, title=title)
    if (same.exclude(pk=but.pk) if but else same).exists():
        refuse(_("There is a template of this title already."), field="title")
