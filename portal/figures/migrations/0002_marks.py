from django.db import migrations

from portal.figures.database import marks_ancestry_dirty


class Migration(migrations.Migration):
    """Whoever corrects where a place stood makes the figures of these days wrong."""

    dependencies = [("figures", "0001_counts"), ("places", "0004_duty_phone")]

    operations = [marks_ancestry_dirty()]
