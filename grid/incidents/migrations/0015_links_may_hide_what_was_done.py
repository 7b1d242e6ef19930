from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_clocks_that_stand")]

    operations = [
        migrations.AddField(
            "voicelink", "shows_outcome", models.BooleanField(default=True, verbose_name="shows what was done")
        ),
    ]
