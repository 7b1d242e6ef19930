from django.db import migrations

from grid.places.database import composite_key, placed


class Migration(migrations.Migration):
    """Households stand in building groups, residents where their household stands, estates in one community."""

    dependencies = [("roster", "0001_initial"), ("places", "0002_guards")]

    operations = [
        *placed("roster_estate"),
        *placed("roster_household"),
        *placed("roster_rosterimport"),
        composite_key("roster_household", "household_in_building_group", "place_id, place_level", "id, level"),
        # It guards the resident's place and community as well: the household's are guarded, and these are the same.
        migrations.RunSQL(
            """
            ALTER TABLE roster_resident ADD CONSTRAINT resident_where_household FOREIGN KEY
                (household_id, place_id, community_id) REFERENCES roster_household (id, place_id, community_id)
                ON UPDATE CASCADE;
            """,
            "ALTER TABLE roster_resident DROP CONSTRAINT resident_where_household;",
        ),
        composite_key("roster_estategroup", "estate_group_of_community", "group_id, community_id", "id, community_id"),
        composite_key(
            "roster_estategroup",
            "estate_of_group_community",
            "estate_id, community_id",
            "id, community_id",
            references="roster_estate",
        ),
    ]
