from django.db import migrations

from portal.core.database import REFUSE_FUNCTION, append_only


class Migration(migrations.Migration):
    """What is written into the audit trail and its chain stays as it was."""

    dependencies = [("core", "0001_initial")]

    operations = [REFUSE_FUNCTION, append_only("core_auditentry"), append_only("core_auditseal")]
