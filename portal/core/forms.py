"""A form hands over to a service; a refusal comes back beside its field, in one place for every form."""

import functools
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from . import idempotency
from .refusals import Refused, explained


class ServiceForm(forms.Form):
    """A form whose `call` is a service.

    `creates` adds the hidden key that makes a retry harmless. The keyword arguments that `subjects` names become
    attributes (`CloseForm(request.POST or None, incident=incident)`).
    """

    creates = False
    subjects: tuple[str, ...] = ()

    idempotency_key = forms.UUIDField(
        widget=forms.HiddenInput,
        required=False,
        error_messages=dict.fromkeys(("required", "invalid"), _("This page was not whole. Send it once more.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name in self.subjects:
            setattr(self, name, kwargs.pop(name))
        super().__init__(*args, **kwargs)
        self.status = 200
        self.result: Any = None
        self.is_new = False
        if self.creates:
            self.fields["idempotency_key"].initial = uuid4
            self.fields["idempotency_key"].required = True
        else:
            del self.fields["idempotency_key"]

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if self.is_bound and not valid:
            self.status = 422
            if "idempotency_key" in self.errors:
                self._renew_key()
        return valid

    def carry_out(self, *, actor: Any) -> bool:
        """Call the service; False when it refused, with its reasons among the form's errors and status 422."""
        try:
            self._run(actor)
        except (Refused, IntegrityError, OperationalError) as error:
            refused = error if isinstance(error, Refused) else explained(error)
            for reason in refused.reasons:
                self.add_error(reason.field if reason.field in self.fields else None, str(reason))
            self.status = 422
            if isinstance(refused, idempotency.KeyReused):
                self._renew_key()
            return False
        return True

    def _run(self, actor: Any) -> None:
        key: UUID | None = self.cleaned_data.pop("idempotency_key", None)
        if key is None:
            with transaction.atomic():
                self.result, self.is_new = self.call(actor=actor), True
            return
        content = idempotency.fingerprint(self.data, self.files)
        create = functools.partial(self.call, actor=actor)
        self.result, self.is_new = idempotency.once(key, user=actor, content=content, create=create)

    def call(self, *, actor: Any) -> Any:
        """Hand `cleaned_data` to the service; what it returns becomes `result`."""
        raise NotImplementedError(type(self).__name__)

    def _renew_key(self) -> None:
        """Give the page shown again a key of its own: sending it once more is then meant."""
        self.data = self.data.copy()
        self.data[self.add_prefix("idempotency_key")] = str(uuid4())
