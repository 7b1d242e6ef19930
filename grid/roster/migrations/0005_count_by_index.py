from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0004_open_places")]

    operations = [
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                fields=["community", "household"],
                include=(
                    "id",
                    "place",
                    "since",
                    "until",
                    "represents_since",
                    "represents_until",
                    "mobilised_since",
                    "birth",
                ),
                name="resident_counted",
            ),
        ),
    ]
