"""Of the small things settled on the spot some are drawn, and none of those closes before somebody has looked."""

import pytest
from django.utils.translation import gettext
from hypothesis import given
from hypothesis import strategies as st

from grid.incidents import services, tiles
from grid.incidents.models import Incident, Verification
from grid.incidents.services import sampling
from grid.incidents.workflow import State
from portal.core.refusals import Refused
from tests.factories import incident, settled
from tests.pictures import photo_of

from .conftest import url

NUMBERS = st.integers(min_value=1, max_value=2**63 - 1)


@given(number=NUMBERS)
def test_nothing_is_drawn_of_none_and_everything_of_all(number):
    assert (sampling.is_drawn(number, 0), sampling.is_drawn(number, 100)) == (False, True)


@given(number=NUMBERS, percent=st.integers(min_value=0, max_value=99))
def test_a_greater_share_draws_whatever_a_smaller_one_draws(number, percent):
    assert sampling.is_drawn(number, percent + 1) or not sampling.is_drawn(number, percent)


@pytest.mark.parametrize("percent", [5, 20, 50, 90])
def test_the_share_drawn_of_many_is_the_percent(percent):
    drawn = sum(sampling.is_drawn(number, percent) for number in range(1, 20_001))

    assert abs(drawn / 200 - percent) < 1.5  # four standard deviations at the most


def test_the_draw_is_the_same_whenever_it_is_repeated_and_another_under_another_key(settings):
    draws = [sampling.is_drawn(number, 50) for number in range(200)]
    again = [sampling.is_drawn(number, 50) for number in range(200)]
    settings.SECRET_KEY = "another key"
    other = [sampling.is_drawn(number, 50) for number in range(200)]

    assert draws == again != other


@pytest.mark.django_db
@pytest.mark.parametrize("drawn", [True, False])
def test_settling_on_the_spot_draws_by_the_rule(drawn, chen, places, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "grid.incidents.services.reporting.is_drawn", lambda number, percent: asked.append((number, percent)) or drawn
    )
    made = incident(place=places.qishan, reporter=chen.user)

    photos = [photo_of(chen.user, kind="after")]
    settled_now = services.settle(made, actor=chen.user, outcome="搬走了", photos=photos)

    assert asked == [(made.pk, made.rule.sampled_percent)]
    assert Incident.objects.get(pk=made.pk).is_sampled == settled_now.is_sampled == drawn


@pytest.mark.django_db
def test_what_is_drawn_closes_only_after_a_look(chen, wu, li, places):
    made = settled(place=places.qishan, reporter=chen.user, drawn=True)

    with pytest.raises(Refused):
        services.close(made, actor=li.user)
    services.verify(made, actor=wu.user, note="现场看过", photos=[photo_of(wu.user)])
    closed = services.close(made, actor=li.user)

    assert (closed.state, closed.verified_by) == (State.CLOSED, wu.user)
    assert [photo.kind for photo in made.photos.order_by("created_at")] == ["after", "photo"]


@pytest.mark.django_db
def test_what_is_drawn_closes_after_a_resident_has_confirmed_it(chen, wu, li, places):
    made = settled(place=places.qishan, reporter=chen.user, drawn=True)

    services.confirm_at_door(made, actor=wu.user, is_confirmed=True)

    assert services.close(made, actor=li.user).state == State.CLOSED


@pytest.mark.django_db
def test_whoever_settled_it_cannot_take_the_look_themselves(chen, places):
    made = settled(place=places.qishan, reporter=chen.user, drawn=True)

    for look in (services.verify, services.confirm_at_door):
        with pytest.raises(Refused):
            look(made, actor=chen.user, is_confirmed=True)
    assert not Verification.objects.exists()


@pytest.mark.django_db
def test_closing_several_closes_the_others_and_names_what_is_drawn(chen, li, places):
    drawn, free = (settled(place=places.qishan, reporter=chen.user, drawn=one) for one in (True, False))

    results = services.close_several([drawn, free], actor=li.user)

    assert (bool(results[drawn]), results[free]) == (True, "")
    assert [Incident.objects.get(pk=one.pk).state for one in (drawn, free)] == ["awaiting_verification", "closed"]


@pytest.mark.django_db
def test_after_rework_what_was_drawn_still_wants_a_look(chen, li, zhang, places):
    made = settled(place=places.qishan, reporter=chen.user, drawn=True)
    services.rework(made, actor=li.user, note="还有一箱")
    services.take(made, actor=chen.user)
    services.finish(made, actor=chen.user, outcome="都搬走了")

    with pytest.raises(Refused):
        services.close(made, actor=zhang.user)


@pytest.mark.django_db
def test_the_list_and_the_page_mark_what_is_drawn_until_somebody_has_looked(chen, li, wu, places, client_of):
    drawn = settled(place=places.qishan, reporter=chen.user, drawn=True)
    settled(place=places.qishan, reporter=chen.user)
    client = client_of(li)
    address, mark = f"{url('list')}?scope=verify", gettext("Looked at on site first")

    assert client.get(address).content.decode().count(mark) == 1
    assert [one.pk for one in client.get(f"{address}&drawn=on").context["page"]] == [drawn.pk]
    assert mark in client.get(url("detail", drawn)).content.decode()
    services.verify(drawn, actor=wu.user)
    assert mark not in client.get(address).content.decode()


@pytest.mark.django_db
def test_closing_is_not_offered_before_the_look(chen, li, wu, places, client_of):
    made = settled(place=places.qishan, reporter=chen.user, drawn=True)

    def offered() -> set[str]:
        return {move.slug for move in client_of(li).get(url("detail", made)).context["moves"]}

    assert {"verify", "confirm-at-door"} <= offered()
    assert "close" not in offered()
    services.verify(made, actor=wu.user)
    assert "close" in offered()


@pytest.mark.django_db
def test_those_who_may_look_are_told_what_was_drawn(chen, huang, wu, li, places):
    settled(place=places.qishan, reporter=chen.user, drawn=True)
    settled(place=places.qishan, reporter=wu.user, drawn=True)
    settled(place=places.qishan, reporter=chen.user)

    def drawn(person) -> list[int | None]:
        return [one.count for one in tiles.in_my_territory(person.user) if "drawn=on" in one.url]

    assert (drawn(li), drawn(wu), drawn(chen), drawn(huang)) == ([2], [1], [], [])
