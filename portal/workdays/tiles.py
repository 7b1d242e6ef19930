from django.utils.translation import gettext_lazy as _

from portal.core.tiles import NavItem, navigation

navigation.add(
    "workdays",
    NavItem(_("Working days"), icon="calendar-event", url_name="workdays:year", permission="workdays.view", order=800),
)
