from django.utils.translation import gettext_lazy as _

from portal.reminders.registry import Kind, register

register(Kind("roster.reveal_quota", _("Many full numbers looked at"), "portal", is_urgent=True))
