"""A refusal gives its reason, all reasons at once, in the user's language."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.db import IntegrityError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise
BUSY = {"55P03", "40P01"}  # lock not available in time, deadlock


@dataclass(frozen=True)
class Reason:
    """Why something was refused; `field` names the input it stands beside, "" for the whole."""

    message: Text
    field: str = ""

    def __str__(self) -> str:
        return str(self.message)


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """A rule of the domain forbids what was asked; shown to the user with status 422."""

    def __init__(self, *reasons: Reason | Text) -> None:
        self.reasons = tuple(r if isinstance(r, Reason) else Reason(r) for r in reasons)
        super().__init__(*self.reasons)

    def __str__(self) -> str:
        return " ".join(str(reason) for reason in self.reasons)


@contextmanager
def refusals() -> Iterator[Callable[..., None]]:
    """Collect reasons and raise them together on leaving the block.

    Raises Refused when at least one reason was given.
    """
    reasons: list[Reason] = []

    def refuse(message: Text, *, field: str = "") -> None:
        reasons.append(Reason(message, field))

    yield refuse
    if reasons:
        raise Refused(*reasons)


def explained(error: IntegrityError | OperationalError) -> Refused:
    """The refusal that a violated constraint's `violation_error_message` words; raises `error` again when none does.

    Two people may pass the same Python check at the same moment: then the database decides, and this tells the loser.
    Whoever has waited too long for the other to finish is told to try again.
    """
    if getattr(error.__cause__, "sqlstate", None) in BUSY:
        return Refused(_("Somebody else is changing this at the moment. Send it again."))
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            words = constraint.violation_error_message
            if constraint.name == name and words and words != constraint.default_violation_error_message:
                return Refused(words)
    raise error
