from django.db import migrations

from grid.places.database import placed


class Migration(migrations.Migration):
    """The database fills an incident's community from its place and refuses any other."""

    dependencies = [("incidents", "0001_initial"), ("places", "0002_guards")]

    operations = [*placed("incidents_incident")]
