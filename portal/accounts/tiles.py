from django.utils.translation import gettext_lazy as _

from portal.core.tiles import NavItem, navigation

navigation.add("profile", NavItem(_("My page"), "person-circle", "accounts:profile", order=900))
