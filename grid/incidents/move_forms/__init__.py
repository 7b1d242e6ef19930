"""One form for every move: who may make it, how it is called on screen, and what it asks for.

The order is that of the buttons on an incident's page: the first that is offered is the one to press.
"""

from .asking import AskExtensionForm, AskReopenForm, AskReturnForm
from .base import MoveForm
from .casework import DeclineForm, DispatchForm, FinishForm, OpenForm, ReturnForm, SettleForm, TakeForm
from .levels import ArriveForm, EscalateForm, TransferForm, VoidForm
from .linking import MergeForm, PartForm, SeparateForm
from .standing import ResumeForm, SuspendForm
from .verification import CloseForm, ConfirmAtDoorForm, ReworkForm, VerifyForm
from .voice import RateAtDoorForm, RateForm

MOVES: tuple[type[MoveForm], ...] = (
    OpenForm,
    ResumeForm,
    TakeForm,
    DispatchForm,
    FinishForm,
    ArriveForm,
    CloseForm,
    VerifyForm,
    ConfirmAtDoorForm,
    RateForm,
    AskReopenForm,
    RateAtDoorForm,
    SettleForm,
    ReworkForm,
    TransferForm,
    AskExtensionForm,
    AskReturnForm,
    SuspendForm,
    EscalateForm,
    ReturnForm,
    MergeForm,
    PartForm,
    SeparateForm,
    DeclineForm,
    VoidForm,
)

__all__ = ["MOVES", "MoveForm"]
