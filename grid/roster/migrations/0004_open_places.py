from django.db import migrations, models

from grid.places.database import composite_key


class Migration(migrations.Migration):
    """No household stands in a place that was closed or merged into another."""

    dependencies = [("roster", "0003_earlier_terms"), ("places", "0003_close_places")]

    operations = [
        migrations.AddField(
            model_name="household",
            name="place_is_open",
            field=models.GeneratedField(
                db_persist=True, expression=models.Value(True), output_field=models.BooleanField()
            ),
        ),
        composite_key("roster_household", "household_in_open_place", "place_id, place_is_open", "id, is_open"),
    ]
