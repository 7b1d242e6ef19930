from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    """Sealing looks at the last day's entries without reading those of all the years."""

    dependencies = [("core", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            "auditentry",
            BrinIndex(fields=["recorded_at"], name="audit_newest", pages_per_range=16, autosummarize=True),
        ),
    ]
