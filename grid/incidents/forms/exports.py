from typing import Any

from grid.places.holding import posts_of
from portal.core.forms import ServiceForm
from portal.jobs import services as jobs


class ExportForm(ServiceForm):
    """Have a long list made while one goes on; the list is as it was when it was asked for."""

    creates = True
    subjects = ("pks", "query", "searched", "title")

    def call(self, *, actor: Any) -> Any:
        payload = {"incidents": self.pks, "query": self.query, "searched": self.searched}
        posts = posts_of(actor)
        return jobs.start(
            "incidents.export", owner=actor, title=self.title, payload=payload, total=len(self.pks), posts=posts
        )
