"""Who has long work done: whoever may have any kind of it done."""

from typing import Any

import rules
from django.utils.translation import gettext_lazy as _

from portal.core.rights import describe

from .registry import kinds


@rules.predicate
def has_work_done(user: Any, subject: Any = None) -> bool:
    """The user may start some kind of long work."""
    return any(kind.permission and user.has_perm(kind.permission) for kind in kinds)


rules.add_perm("jobs.view", has_work_done)
describe("jobs.view", _("have long work done while you go on, and fetch what comes of it"))
