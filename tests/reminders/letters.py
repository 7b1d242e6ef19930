"""What letters are expected to say, and what became of them."""

from django.utils import translation
from django.utils.translation import ngettext

from portal.reminders.models import Delivery
from portal.reminders.registry import groups


def outcomes() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("outcome", flat=True))


def together(count: int) -> str:
    """The subject of a letter with several messages."""
    words = {"portal": "社区治理平台", "count": count}
    with translation.override("zh-hans"):
        return ngettext("[%(portal)s] %(count)d message", "[%(portal)s] %(count)d messages", count) % words


def heading(group: str) -> str:
    with translation.override("zh-hans"):
        return f"【{groups.items[group].label}】"
