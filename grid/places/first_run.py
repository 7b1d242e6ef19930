"""An empty portal gets its street, its first community and whoever looks after them."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal.accounts.first_run import is_setup_code
from portal.accounts.models import User
from portal.core.refusals import Refused, refusals

from .models import Level, Place, Role
from .services import appoint, enlist, open_place

LOCK = 0xF125  # advisory lock: of two who open the portal at once, one does


class AlreadyOpen(Refused):
    """Somebody else was first."""


@transaction.atomic
def open_portal(
    *,
    setup_code: str,
    district_name: str,
    district_code: str,
    street_name: str,
    street_code: str,
    community_name: str,
    community_code: str,
    name: str,
    username: str,
    password: str,
    is_staff_too: bool = False,
) -> User:
    """Make district, street and community and the account of the street's first administrator.

    Raises AlreadyOpen when somebody can sign in already, Refused when the set-up code is wrong, a division code does
    not fit, or the password is too easy to guess.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if User.objects.exists():
        raise AlreadyOpen(_("The portal has been set up in the meantime. Sign in."))
    with refusals() as refuse:
        if not is_setup_code(setup_code):
            refuse(_("This is not the code that was shown when the portal was started."), field="setup_code")
        above = ""
        for field, level, code in (
            ("district_code", Level.DISTRICT, district_code),
            ("street_code", Level.STREET, street_code),
            ("community_code", Level.COMMUNITY, community_code),
        ):
            if not (code.isascii() and code.isdigit() and len(code) == level.digits):
                refuse(_("It has %(digits)s digits.") % {"digits": level.digits}, field=field)
            elif not code.startswith(above):
                refuse(_("It begins with the code above it: %(code)s.") % {"code": above}, field=field)
            above = code
        try:
            validate_password(password, User(username=username, name=name))
        except ValidationError as error:
            for message in error.messages:
                refuse(message, field="password")
    district = _place(Level.DISTRICT, district_code, district_name, None)
    street = _place(Level.STREET, street_code, street_name, district)
    community = _place(Level.COMMUNITY, community_code, community_name, street)
    user, _first = enlist(username=username, name=name, actor=None, password=password)
    appoint(user, role=Role.STREET_ADMIN, place=street, actor=None)
    if is_staff_too:
        appoint(user, role=Role.STAFF, place=community, actor=None)
    return user


def _place(level: Level, code: str, name: str, parent: Place | None) -> Place:
    """The place of this code, which a restored list of places may hold already."""
    found = Place.objects.filter(level=level, code=code, parent=parent).first()
    return found or open_place(level=level, code=code, name=name, parent=parent, actor=None)
