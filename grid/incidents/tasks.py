from datetime import timedelta

from celery import shared_task
from django.db import OperationalError

from grid.places.models import Place
from portal.accounts.models import User
from portal.core import outbox, schedule
from portal.reminders.services import remind

from .models import Incident, IncidentRequest
from .news import DECIDED, INFORMED, PASSED_FROM, PASSED_TO, news_of
from .services import overdue, recounting

NAMES = ("category", "place__community", "reporter", "holder", "department", "community")


@outbox.handler("incidents.moved")
def tell(*, incident: int, what: str, actor: int, entry: int) -> None:
    """Tell everybody whom a move concerns, except whoever made it; a second delivery tells nobody again."""
    subject = Incident.objects.select_related(*NAMES).get(pk=incident)
    for user, kind, text, about in news_of(subject, what):
        if user.pk != actor:
            words = {"incident": f"{about.place} {about.category}"}
            remind(user, kind=kind, about=about, stage=str(entry), text=text, words=words)


@outbox.handler("incidents.decided")
def tell_asker(*, request: int) -> None:
    """Tell whoever asked what was decided; not who answered it themselves, nor who hears of the reopening anyway."""
    names = ("asked_by", "incident__category", "incident__place", "incident__reporter")
    asked = IncidentRequest.objects.select_related(*names).get(pk=request)
    about, user = asked.incident, asked.asked_by
    hears_anyway = asked.kind == IncidentRequest.Kind.REOPEN and asked.is_granted and user == about.reporter
    if user.pk != asked.decided_by_id and not hears_anyway:
        words = {"incident": f"{about.place} {about.category}"}
        text = DECIDED[asked.kind, bool(asked.is_granted)]
        remind(user, kind="incidents.decided", about=about, stage=f"request-{request}", text=text, words=words)


@outbox.handler("incidents.informed")
def tell_users(*, incident: int, what: str, users: list[int], entry: int) -> None:
    """Tell those of a step whom the incident names no more."""
    about = Incident.objects.select_related("category", "place").get(pk=incident)
    words = {"incident": f"{about.place} {about.category}"}
    for user in User.objects.filter(pk__in=users):
        remind(user, kind=f"incidents.{what}", about=about, stage=str(entry), text=INFORMED[what], words=words)


@outbox.handler("incidents.handed_over")
def tell_both(*, predecessor: int, successor: int, place: int | None, entry: int, count: int) -> None:
    """Tell the successor what came to them with the post, and the predecessor that it is off their hands."""
    users = User.objects.in_bulk([predecessor, successor])
    old, new, where = users[predecessor], users[successor], Place.objects.filter(pk=place).first() if place else None
    words, stage = {"count": count, "name": new.name}, str(entry)
    remind(new, kind="incidents.passed_to", about=where or new, stage=stage, text=PASSED_TO, words=words)
    remind(old, kind="incidents.passed_from", about=old, stage=stage, text=PASSED_FROM, words=words)


@outbox.handler("incidents.recount")
def recount(*, after: int) -> None:
    """Count uncertain deadlines again, a batch for each message: the next leaves with what this one has written."""
    last = recounting.recount_uncertain(after=after)
    if last is not None:
        outbox.send("incidents.recount", after=last)


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def escalate_overdue() -> int:
    """Tell the next above of every clock that ran out."""
    return overdue.escalate_overdue()


schedule.every(timedelta(minutes=10), "grid.incidents.tasks.escalate_overdue")
