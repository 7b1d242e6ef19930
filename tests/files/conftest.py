import pytest

from grid.places.models import Place
from portal.files import owners, services
from portal.files.models import Attachment

from . import uploads


@pytest.fixture(autouse=True)
def places_own_photos(monkeypatch):
    """In these scenes a place has photos, seen by whoever sees the place."""
    monkeypatch.setitem(owners.owners, Place, lambda user: Place.objects.visible_to(user))


@pytest.fixture
def staged(chen) -> Attachment:
    """A photo that 陈 has chosen in a form and not yet sent."""
    return services.stage(uploads.jpeg(), actor=chen.user, kind=Attachment.Kind.BEFORE)


@pytest.fixture
def photo(staged, chen) -> Attachment:
    """A photo of 陈's building."""
    services.claim([staged], chen.place, actor=chen.user)
    return Attachment.objects.get(pk=staged.pk)
