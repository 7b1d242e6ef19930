"""What categories said of themselves becomes the first version of their rule; incidents learn by which they are judged."""

from decimal import Decimal
from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery

DEPARTMENT_OFFICER = "department_officer"


def fill(apps: Any, schema_editor: Any) -> None:
    category, rule, incident = (apps.get_model("incidents", name) for name in ("Category", "CategoryRule", "Incident"))
    rule.objects.bulk_create(
        rule(
            category=one,
            number=1,
            first_handler=one.first_handler,
            accept_days=Decimal(1),
            act_days=Decimal(2 if one.first_handler == DEPARTMENT_OFFICER else 1),
            days_general=one.days_general,
            days_serious=one.days_serious,
            days_urgent=one.days_urgent,
            settle_alone=one.settle_alone,
        )
        for one in category.objects.all()
    )
    first = rule.objects.filter(category=OuterRef("category")).values("pk")
    incident.objects.update(
        rule=Subquery(first), rule_frozen_at=F("dispatched_at"), owner=F("reporter"), accept_due_at=F("due_at")
    )
    taken = ("in_progress", "awaiting_verification", "rework", "closed")
    incident.objects.filter(state__in=taken, holder__isnull=False).update(owner=F("holder"))
    incident.objects.filter(state="closed").update(resolution="solved")


class Migration(migrations.Migration):
    dependencies = [("incidents", "0004_to_their_full_depth")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
