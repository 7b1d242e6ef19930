"""In which words people hear of notices, each kind of reminder by its key."""

from django.utils.translation import gettext_lazy as _

NEW = ("notices.sent", _("New notice from %(place)s: %(notice)s"))
URGENT = ("notices.urgent", _("Urgent notice from %(place)s: %(notice)s"))
WITHDRAWN = ("notices.withdrawn", _("The notice “%(notice)s” has been withdrawn. It holds no more."))
CORRECTED = _("The notice “%(notice)s” replaces an earlier one that was wrong.")
AGAIN = _("You have not read this urgent notice yet: %(notice)s")
DOORS_LEFT = _("By %(day)s, %(number)s households are still to be told: %(notice)s")
DUE = _("An answer to this notice is wanted by %(day)s: %(notice)s")
