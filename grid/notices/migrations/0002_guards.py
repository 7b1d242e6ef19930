from django.db import migrations

from grid.places.database import composite_key, placed
from portal.figures.database import marks_dirty


class Migration(migrations.Migration):
    """Records of a place stand in its community; notices come from above; what is read late is counted again."""

    dependencies = [("notices", "0001_initial"), ("figures", "0001_counts"), ("places", "0002_guards")]

    operations = [
        *placed("notices_notice"),
        *placed("notices_receipt"),
        *placed("notices_doorpassing"),
        composite_key("notices_notice", "notice_place_level", "place_id, place_level", "id, level"),
        marks_dirty("notices_notice", "notices", moments={"sent_at": ["withdrawn_at"]}),
        marks_dirty(
            "notices_receipt",
            "receipts",
            moments={"sent_at": ["read_at", "acknowledged_at", "must_acknowledge", "is_withdrawn"]},
        ),
        marks_dirty("notices_doorpassing", "doors", moments={"sent_at": ["outcome", "is_withdrawn"]}),
    ]
