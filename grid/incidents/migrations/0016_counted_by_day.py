from django.db import migrations, models

import grid.incidents.moments
from portal.figures.database import marks_dirty

# What figures ask: most steps change none of it, and mark no day.
COUNTS = ("r.state = 'void'", "parent_id")
MOMENTS = {
    "reported_at": (*COUNTS, "reporter_id"),
    "opened_at": COUNTS,
    "closed_at": (*COUNTS, "due_at", "settled_on_the_spot"),
    "r.due_at - interval '1 microsecond'": (
        "r.state IN ('void', 'declined')",
        "parent_id",
        "r.suspended_at IS NULL",
        "finished_at",
        "closed_at",
        "r.rework_count > 0",
    ),
}


class Migration(migrations.Migration):
    """A day is counted from what was opened, closed, due and rated on it; a change marks the days it touches."""

    dependencies = [("incidents", "0015_links_may_hide_what_was_done"), ("figures", "0001_counts")]

    operations = [
        migrations.AddIndex(
            "incident",
            models.Index(
                fields=["opened_at"], name="incident_opened_on", condition=models.Q(("opened_at__isnull", False))
            ),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                fields=["closed_at"], name="incident_closed_on", condition=models.Q(("closed_at__isnull", False))
            ),
        ),
        migrations.AddIndex(
            "incident", models.Index(grid.incidents.moments.LastMoment("due_at"), name="incident_due_by")
        ),
        migrations.AddIndex(
            "rating",
            models.Index(
                fields=["rated_at"], name="rating_counted_on", condition=models.Q(("counts_for__isnull", False))
            ),
        ),
        marks_dirty("incidents_incident", "incidents", moments=MOMENTS),
        marks_dirty(  # what people said of it counts where it was, and only while it counts itself
            "incidents_incident",
            "ratings",
            moments={"g.rated_at": COUNTS},
            join="JOIN incidents_rating g ON g.incident_id = r.id",
            events=("UPDATE",),
        ),
        marks_dirty(
            "incidents_rating",
            "ratings",
            moments={"rated_at": ("counts_for_id", "was_contacted", "is_solved", "satisfaction")},
            community="i.community_id",
            join="JOIN incidents_incident i ON i.id = r.incident_id",
            place="",
        ),
    ]
