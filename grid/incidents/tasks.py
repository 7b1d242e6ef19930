from portal.core import outbox
from portal.reminders.services import remind

from .models import Incident
from .news import news_of


@outbox.handler("incidents.moved")
def tell(*, incident: int, what: str, actor: int, entry: int) -> None:
    """Tell everybody whom a move concerns, except whoever made it; a second delivery tells nobody again."""
    subject = Incident.objects.select_related("category", "place", "reporter", "holder", "department").get(pk=incident)
    for user, text in news_of(subject, what):
        if user.pk != actor:
            words = {"incident": f"{subject.place} {subject.category}"}
            remind(user, kind=f"incidents.{what}", about=subject, stage=str(entry), text=text, words=words)
