from grid.places.models import Place
from portal.accounts.models import User
from portal.core import outbox
from portal.reminders.services import remind

from .models import Incident
from .news import PASSED_FROM, PASSED_TO, news_of


@outbox.handler("incidents.moved")
def tell(*, incident: int, what: str, actor: int, entry: int) -> None:
    """Tell everybody whom a move concerns, except whoever made it; a second delivery tells nobody again."""
    subject = Incident.objects.select_related("category", "place", "reporter", "holder", "department").get(pk=incident)
    for user, text in news_of(subject, what):
        if user.pk != actor:
            words = {"incident": f"{subject.place} {subject.category}"}
            remind(user, kind=f"incidents.{what}", about=subject, stage=str(entry), text=text, words=words)


@outbox.handler("incidents.handed_over")
def tell_both(*, predecessor: int, successor: int, place: int | None, entry: int, count: int) -> None:
    """Tell the successor what came to them with the post, and the predecessor that it is off their hands."""
    users = User.objects.in_bulk([predecessor, successor])
    old, new, where = users[predecessor], users[successor], Place.objects.filter(pk=place).first() if place else None
    words, stage = {"count": count, "name": new.name}, str(entry)
    remind(new, kind="incidents.passed_to", about=where or new, stage=stage, text=PASSED_TO, words=words)
    remind(old, kind="incidents.passed_from", about=old, stage=stage, text=PASSED_FROM, words=words)
