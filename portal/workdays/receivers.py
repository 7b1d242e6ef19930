from typing import Any

from django.apps import apps as current_apps
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from . import services
from .arrangements import ARRANGEMENTS


@receiver(post_migrate, sender=current_apps.get_app_config("workdays"))
def install_published_years(sender: Any, using: str, apps: Any = current_apps, **kwargs: Any) -> None:
    """Every database knows the published years; what its users entered or changed stays theirs."""
    try:  # as they stand at this migration: on the way back to nothing there are no tables to fill
        years, days = apps.get_model("workdays", "CalendarYear"), apps.get_model("workdays", "SpecialDay")
    except LookupError:
        return
    for arrangement in ARRANGEMENTS:
        services.install(arrangement, years=years.objects.using(using), days=days.objects.using(using))
