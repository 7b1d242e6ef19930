from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The telephone at which a community or a street is reached at any hour."""

    dependencies = [("places", "0003_close_places")]

    operations = [
        migrations.AddField(
            "place",
            "duty_phone",
            models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="duty telephone"),
        ),
        migrations.AddConstraint(
            "place",
            models.CheckConstraint(
                condition=Q(
                    ("duty_phone", ""),
                    Q(
                        (
                            "duty_phone__regex",
                            r"^[0-9]{3,4}-[0-9]{7,8}$|^1[3-9][0-9]{9}$|^400[0-9]{7}$|^[19][0-9]{4}$|^[2-9][0-9]{6,7}$",
                        ),
                        ("level__in", [0, 1]),
                    ),
                    _connector="OR",
                ),
                name="place_duty_phone",
                violation_error_message="Only streets and communities have a duty telephone.",
            ),
        ),
    ]
