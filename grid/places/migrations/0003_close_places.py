import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from grid.places.database import composite_key


class Migration(migrations.Migration):
    """Places are closed and merged; an open place stands in an open one, and a post without an end at an open one."""

    dependencies = [("places", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="place",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="closed on"),
        ),
        migrations.AddField(
            model_name="place",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="places.place",
                verbose_name="merged into",
            ),
        ),
        migrations.AddField(
            model_name="place",
            name="is_open",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(closed_on__isnull=True, then=models.Value(True)), default=models.Value(False)
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddField(
            model_name="place",
            name="parent_is_open",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(models.When(closed_on__isnull=True, then=models.Value(True))),
                output_field=models.BooleanField(null=True),
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="place_is_open",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(models.When(until__isnull=True, then=models.Value(True))),
                output_field=models.BooleanField(null=True),
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(fields=("id", "is_open"), name="place_id_open"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_on", None), ("level__gt", 1), _connector="OR"),
                name="place_closed_below_community",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("closed_on__isnull", False), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="place_merged_is_closed",
            ),
        ),
        migrations.RemoveConstraint(model_name="place", name="place_name_once"),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on", None)),
                fields=("parent", "name"),
                name="place_name_once",
                violation_error_message="There is a place of this name here already.",
            ),
        ),
        migrations.AlterField(
            model_name="place",
            name="code",
            field=models.CharField(
                max_length=18,
                validators=[
                    django.core.validators.RegexValidator(
                        "^\\d{6}(\\d{3}){0,4}$", "A division code has 6, 9, 12, 15 or 18 digits."
                    )
                ],
                verbose_name="division code",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(
                fields=("code",), name="place_code_once", violation_error_message="This division code is taken."
            ),
        ),
        migrations.AlterConstraint(
            model_name="department",
            name="department_name_once",
            constraint=models.UniqueConstraint(
                fields=("street", "name"),
                name="department_name_once",
                violation_error_message="The street has a department of this name already.",
            ),
        ),
        composite_key("places_place", "place_stands_in_open", "parent_id, parent_is_open", "id, is_open"),
        composite_key("places_place", "place_merged_same_level", "merged_into_id, level", "id, level"),
        composite_key("places_place", "place_merged_in_community", "merged_into_id, community_id", "id, community_id"),
        composite_key("places_appointment", "appointment_at_open", "place_id, place_is_open", "id, is_open"),
    ]
