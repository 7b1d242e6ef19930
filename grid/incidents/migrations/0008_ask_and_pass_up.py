from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Whose an incident is once it was passed up to the street; nobody grants what they asked for themselves."""

    dependencies = [
        ("incidents", "0006_hold_what_was_filled"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "incident",
            "at_street",
            models.BooleanField(db_default=False, default=False, verbose_name="with the street"),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                fields=["due_at"],
                name="incident_emergencies",
                condition=Q(
                    ("is_emergency", True),
                    (
                        "state__in",
                        (
                            "reported",
                            "opened",
                            "dispatched",
                            "in_progress",
                            "suspended",
                            "awaiting_verification",
                            "rework",
                        ),
                    ),
                ),
            ),
        ),
        migrations.AddConstraint(
            "incidentrequest",
            models.CheckConstraint(
                condition=Q(("is_granted", None), ("is_granted", False), ~Q(decided_by=F("asked_by")), _connector="OR"),
                name="incident_request_granted_by_another",
                violation_error_message="Somebody else decides what you ask for.",
            ),
        ),
    ]
