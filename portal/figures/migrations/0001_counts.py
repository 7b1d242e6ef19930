import django.db.models.deletion
import django.db.models.functions
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """What has been counted; its columns lie so that a row takes no more room than it must."""

    initial = True

    dependencies = [("places", "0004_duty_phone")]

    operations = [
        migrations.CreateModel(
            name="FigureKey",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=60, unique=True, verbose_name="key")),
                ("through", models.DateField(null=True, verbose_name="counted through")),
            ],
            options={"verbose_name": "figure", "ordering": ["key"]},
        ),
        migrations.CreateModel(
            name="Count",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "period",
                        "day",
                        "place_id",
                        "figure_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("value", models.BigIntegerField(verbose_name="number")),
                ("day", models.DateField(verbose_name="first day")),
                (
                    "figure",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="figures.figurekey",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("D", "Day"), ("M", "Month"), ("Q", "Quarter"), ("Y", "Year")],
                        db_collation="C",
                        max_length=1,
                        verbose_name="period",
                    ),
                ),
            ],
            options={"verbose_name": "count"},
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "figure_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "figure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="figures.figurekey",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
            ],
            options={"verbose_name": "snapshot"},
        ),
        migrations.CreateModel(
            name="DirtyDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("source", models.CharField(db_collation="C", max_length=30, verbose_name="source")),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("first", models.DateField(verbose_name="from")),
                ("last", models.DateField(verbose_name="to")),
                ("of_periods", models.BooleanField(db_default=False, default=False)),
                (
                    "marked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.Now(), default=django.utils.timezone.now
                    ),
                ),
            ],
            options={
                "verbose_name": "dirty day",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["source", "first"], name="dirty_source_first")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="dirty_day_dates")
                ],
            },
        ),
    ]
