from django.db import migrations

SAY = """
    UPDATE incidents_incident SET search = search || array_to_tsvector(ARRAY['incommunity' || community_id])
    WHERE search IS NOT NULL AND community_id IS NOT NULL
"""


class Migration(migrations.Migration):
    """What is found by its words is also found by its community, so that a search need not look at all others."""

    dependencies = [("incidents", "0016_counted_by_day")]

    operations = [migrations.RunSQL(SAY, migrations.RunSQL.noop)]
