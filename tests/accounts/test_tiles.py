from typing import Any

import pytest

from portal.accounts.models import User


@pytest.mark.django_db
def test_ones_own_page_is_in_the_menu(nobody: User, client_of: Any) -> None:
    page = client_of(nobody).get("/profile/")

    assert "/profile/" in [item.url for item in page.context["nav"]]
