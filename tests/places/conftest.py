from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from grid.places.models import Appointment

RefusedBy = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def refused_by() -> RefusedBy:
    """What happens inside is refused by the database, by the constraint of this name."""

    @contextmanager
    def refused(constraint: str) -> Iterator[None]:
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            yield
        assert error.value.__cause__.diag.constraint_name == constraint

    return refused


@pytest.fixture
def send() -> Callable[..., HttpResponse]:
    """Send a form as a browser does that has just shown it, with a key of its own."""

    def sent(client: Client, url: str, **data: Any) -> HttpResponse:
        return client.post(url, {"idempotency_key": str(uuid4()), **data})

    return sent


@pytest.fixture
def post_of() -> Callable[[Any], Appointment]:
    """The one appointment of somebody of the cast."""
    return lambda person: Appointment.objects.get(user=person.user)
