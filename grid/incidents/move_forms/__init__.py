"""One form for every move: who may make it, how it is called on screen, and what it asks for.

The order is that of the buttons on an incident's page: the first that is offered is the one to press.
"""

from .base import MoveForm
from .casework import DeclineForm, DispatchForm, FinishForm, OpenForm, ReturnForm, SettleForm, TakeForm
from .verification import CloseForm, ReworkForm, VerifyForm
from .voice import RateForm

MOVES: tuple[type[MoveForm], ...] = (
    OpenForm,
    TakeForm,
    DispatchForm,
    FinishForm,
    CloseForm,
    VerifyForm,
    RateForm,
    SettleForm,
    ReworkForm,
    ReturnForm,
    DeclineForm,
)

__all__ = ["MOVES", "MoveForm"]
