"""What places themselves know of duties: who stands in for a holder, and which posts are promised to them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core.handover import Duty, Source, duties

from .models import Appointment, Department


def _duties(user: Any, where: Any) -> Iterable[Duty]:
    here = {"department": where} if isinstance(where, Department) else {"place": where}
    posts = Appointment.objects.standing().filter(**here)
    stand_ins = posts.filter(stands_in_for__user=user).count()
    if stand_ins:
        hint = _("They end with the post; a successor names their own.")
        yield Duty(_("Stand-ins"), stand_ins, passes=False, hint=hint)
    promised = sum(post.is_to_come for post in posts.filter(user=user))
    if promised:
        hint = _("They stay promised: call them off on the page of the place.")
        yield Duty(_("Posts promised for later"), promised, passes=False, hint=hint)


duties.add("places", Source(list=_duties, hand_over=lambda predecessor, successor, where, actor: 0))
