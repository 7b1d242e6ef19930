"""The duty telephone of a community or street: public, for emergencies, kept as it is dialled."""

import re
import unicodedata

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core import audit
from portal.core.refusals import Reason, Refused

from .models import TELEPHONE, Level, Place

AREA = re.compile(r"^(0(?:10|2[0-9]|[3-9][0-9]{2}))([2-9][0-9]{6,7})$")  # 010, 02x: three digits; others four


def normalised_telephone(text: str) -> str:
    """A landline as 020-84851234, a mobile, a 400 number or a hotline as digits, from what people type; "" for nothing.

    Raises Refused when it is none of them.
    """
    plain = unicodedata.normalize("NFKC", text)
    digits = re.sub(r"^(\+|00)86", "", re.sub(r"[^0-9+]", "", plain))
    found = AREA.match(digits)
    number = f"{found[1]}-{found[2]}" if found else digits
    if plain.strip() and not re.match(TELEPHONE, number):
        raise Refused(Reason(_("Enter a telephone number, for example 020-84851234 or 13800138000."), "duty_phone"))
    return number


@transaction.atomic
def set_duty_phone(place: Place, *, duty_phone: str, actor: User | None) -> Place:
    """Keep the number at which a community or street is reached at any hour; "" takes it away.

    Raises Refused for what is no telephone number, and for other places.
    """
    place = Place.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if place.level not in (Level.STREET, Level.COMMUNITY):
        raise Refused(_("Only streets and communities have a duty telephone."))
    number = normalised_telephone(duty_phone)
    if number != place.duty_phone:
        audit.record("place.duty_phone", place, actor=actor, data={"old": place.duty_phone, "new": number})
        place.duty_phone = number
        place.save(update_fields=["duty_phone"])
    return place
