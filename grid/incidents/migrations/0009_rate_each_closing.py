"""A reopened incident is rated anew when it is closed again: ratings are kept, and one counts."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("incidents", "0008_ask_and_pass_up")]

    operations = [
        migrations.AddField(
            "rating",
            "counts_for",
            models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rating",
                to="incidents.incident",
            ),
        ),
        migrations.RunSQL("UPDATE incidents_rating SET counts_for_id = incident_id", migrations.RunSQL.noop),
        migrations.AlterField(
            "rating",
            "incident",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="incidents.incident"
            ),
        ),
        migrations.AlterModelOptions(
            "rating",
            options={"ordering": ["rated_at", "id"], "verbose_name": "rating", "verbose_name_plural": "ratings"},
        ),
        migrations.AddConstraint(
            "rating",
            models.CheckConstraint(
                condition=models.Q(("counts_for", None), ("counts_for", F("incident")), _connector="OR"),
                name="rating_counts_for_its_incident",
            ),
        ),
    ]
