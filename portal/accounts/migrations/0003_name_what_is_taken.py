import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever enters what somebody else took at the same moment is told so."""

    dependencies = [
        ("accounts", "0002_let_consent_be_withdrawn"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="mobile_index",
            field=models.CharField(editable=False, max_length=64, null=True),
        ),
        migrations.AlterField(
            model_name="user",
            name="username",
            field=models.CharField(
                max_length=30,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[a-z][a-z0-9_.-]{2,29}$",
                        "Use 3 to 30 small letters, digits, dots, hyphens or underscores, beginning with a letter.",
                    )
                ],
                verbose_name="user name",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                fields=("username",), name="user_name_once", violation_error_message="This user name is taken."
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                fields=("mobile_index",),
                name="user_mobile_once",
                violation_error_message="Somebody else signs in with this mobile number.",
            ),
        ),
    ]
