from django.db import migrations

from grid.places.database import FILL_COMMUNITY, composite_key


class Migration(migrations.Migration):
    """Levels nest, a subtree stays in one community, posts fit their place, and a stand-in's post is the holder's."""

    dependencies = [("places", "0001_initial")]

    operations = [
        FILL_COMMUNITY,
        composite_key("places_place", "place_levels_nest", "parent_id, parent_level", "id, level"),
        composite_key("places_place", "place_stays_in_community", "parent_id, parent_community", "id, community_id"),
        composite_key("places_department", "department_of_street", "street_id, street_level", "id, level"),
        composite_key("places_appointment", "appointment_place_level", "place_id, place_level", "id, level"),
        composite_key(
            "places_appointment",
            "stand_in_same_post",
            "stands_in_for_id, place_id, role",
            "id, place_id, role",
            references="places_appointment",
        ),
        composite_key(
            "places_appointment",
            "stand_in_same_department",
            "stands_in_for_id, department_id",
            "id, department_id",
            references="places_appointment",
        ),
    ]
