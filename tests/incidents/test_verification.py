"""Who looks at a result: another post, the grid leader, a resident of the building; never whoever did the work."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext

from grid.incidents import services
from grid.incidents.models import Incident, Resolution, Verification
from grid.incidents.workflow import State
from portal.core import audit, outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.factories import incident, settled
from tests.pictures import photo_of
from tests.roster.people import household, resident

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(chen, li, wu, places) -> Incident:
    """Reported by 陈 in her building, handled by 吴, waiting for verification."""
    return incident(
        place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="awaiting_verification"
    )


def looks(made: Incident) -> list[tuple]:
    return list(made.verifications.values_list("via", "is_confirmed", "recorded_by", "household", "note"))


def test_a_look_on_site_is_kept_with_who_and_what(finished, chen):
    verified = services.verify(finished, actor=chen.user, note="纸箱都搬走了", photos=[photo_of(chen.user)])

    assert (verified.state, verified.verified_by) == (State.AWAITING_VERIFICATION, chen.user)
    assert looks(finished) == [("site", True, chen.pk, None, "纸箱都搬走了")]
    assert [photo.kind for photo in finished.photos.all()] == ["photo"]


def test_a_result_that_is_not_there_stays_open_and_the_office_is_told(finished, chen, li, zhang, wu):
    outbox.drain()
    Reminder.objects.all().delete()

    looked = services.verify(finished, actor=chen.user, is_confirmed=False, note="还堆着两箱")
    outbox.drain()

    assert (looked.state, looked.verified_by) == (State.AWAITING_VERIFICATION, None)
    assert looks(finished) == [("site", False, chen.pk, None, "还堆着两箱")]
    assert set(Reminder.objects.values_list("user", flat=True)) == {li.pk, zhang.pk}
    assert audit.timeline(finished).last().action == "incident.not_there"


@pytest.mark.parametrize("look", [services.verify, services.confirm_at_door])
def test_whoever_does_not_find_the_result_says_what_is_wrong(look, finished, chen):
    with pytest.raises(Refused) as caught:
        look(finished, actor=chen.user, is_confirmed=False, note=" ")

    assert [reason.field for reason in caught.value.reasons] == ["note"]
    assert not Verification.objects.exists()


@pytest.mark.parametrize("look", [services.verify, services.confirm_at_door])
def test_the_handler_never_confirms(look, finished, wu):
    with pytest.raises(Refused):
        look(finished, actor=wu.user, is_confirmed=True)

    assert not Verification.objects.exists()


def test_a_resident_says_so_at_the_door(finished, chen, zhang, places):
    home = household(places.qishan)

    asked = services.confirm_at_door(finished, actor=chen.user, is_confirmed=True, household=home, note="都清了")

    assert asked.verified_by is None
    assert asked.resident_confirmed_at is not None
    assert looks(finished) == [("door", True, chen.pk, home.pk, "都清了")]
    assert services.close(finished, actor=zhang.user).state == State.CLOSED


def test_the_handler_closes_with_a_photo_what_a_resident_confirmed(finished, chen, li, places):
    Incident.objects.filter(pk=finished.pk).update(handled_by=li.user)
    with pytest.raises(Refused):
        services.close(finished, actor=li.user)
    services.confirm_at_door(finished, actor=chen.user, is_confirmed=True)
    with pytest.raises(Refused):
        services.close(finished, actor=li.user)
    finished.photos.add(photo_of(li.user, kind="after"), bulk=False)

    assert services.close(finished, actor=li.user).verified_by is None


def test_the_resident_lives_in_the_building_and_not_with_the_handler(finished, chen, wu, places):
    home, elsewhere, handlers = household(places.qishan), household(places.longji), household(places.qishan, room="601")
    wu.user.mobile = "13800138000"
    wu.user.save()
    resident(handlers, "吴建国", mobile="13800138000")

    for wrong in (None, elsewhere, handlers):
        with pytest.raises(Refused) as caught:
            services.confirm_at_door(finished, actor=chen.user, is_confirmed=True, household=wrong)
        assert [reason.field for reason in caught.value.reasons] == ["household"]

    services.confirm_at_door(finished, actor=chen.user, is_confirmed=True, household=home)


def test_the_form_offers_the_flats_of_the_building_only(finished, chen, wu, places, client_of):
    home, handlers = household(places.qishan), household(places.qishan, room="601")
    household(places.longji)
    wu.user.mobile = "13800138000"
    wu.user.save()
    resident(handlers, "吴建国", mobile="13800138000")
    client = client_of(chen)

    form = client.get(url("confirm-at-door", finished)).context["form"]
    sent = client.post(
        url("confirm-at-door", finished), {"household": home.pk, "is_confirmed": "no", "note": "还有一箱"}
    )

    assert list(form.fields["household"].queryset) == [home]
    assert sent.status_code == 302
    assert looks(finished) == [("door", False, chen.pk, home.pk, "还有一箱")]


def test_without_a_roster_and_in_wider_areas_nobody_is_asked_for_a_flat(li, zhang, places, client_of):
    made = incident(
        place=places.dalong, reporter=li.user, office=zhang.user, handler=li.user, stage="awaiting_verification"
    )

    assert "household" not in client_of(zhang).get(url("confirm-at-door", made)).context["form"].fields
    assert client_of(zhang).post(url("confirm-at-door", made), {"is_confirmed": "yes"}).status_code == 302


def test_nothing_is_chosen_beforehand(finished, chen, client_of):
    assert client_of(chen).post(url("verify", finished), {"note": "看过了"}).status_code == 422
    assert not Verification.objects.exists()


def test_what_somebody_did_not_find_is_not_closed_as_solved(finished, chen, li, zhang):
    services.verify(finished, actor=chen.user, is_confirmed=False, note="没有做")

    with pytest.raises(Refused):
        services.close(finished, actor=li.user)
    assert services.close_several([finished], actor=li.user)[finished]
    services.verify(finished, actor=zhang.user, note="现在好了")
    assert services.close(finished, actor=li.user).state == State.CLOSED


def test_a_look_before_rework_says_nothing_of_what_was_done_after_it(finished, chen, li, wu):
    services.verify(finished, actor=chen.user, is_confirmed=False, note="没有做")
    services.rework(finished, actor=li.user, note="没有做")
    services.take(finished, actor=wu.user)
    services.finish(finished, actor=wu.user, outcome="做了")

    assert services.close(finished, actor=li.user).state == State.CLOSED


@pytest.mark.parametrize("result", [one for one in Resolution if one != Resolution.SOLVED])
def test_what_is_closed_otherwise_than_solved_needs_words_for_the_reporter(result, finished, li):
    with pytest.raises(Refused) as caught:
        services.close(finished, actor=li.user, resolution=result)
    assert [reason.field for reason in caught.value.reasons] == ["note"]

    closed = services.close(finished, actor=li.user, resolution=result, note="产权单位明年改造")

    assert (closed.state, closed.resolution, closed.result) == (State.CLOSED, result, result.label)


def test_closed_and_solved_are_told_apart_wherever_it_is_shown(finished, chen, li, client_of):
    services.close(finished, actor=li.user, resolution=Resolution.PARTLY, note="户内由业主自修")
    client = client_of(li)

    for page in (url("detail", finished), f"{url('list')}?scope=closed", f"{url('print')}?scope=closed"):
        assert f"{State.CLOSED.label} · {Resolution.PARTLY.label}" in client.get(page).content.decode(), page
    events = client.get(url("detail", finished)).context["timeline"]
    assert str(events[-1].title).endswith(f" · {Resolution.PARTLY.label}")


def test_the_reporter_hears_which_of_the_two(finished, chen, li):
    services.close(finished, actor=li.user, resolution=Resolution.UNSOLVED, note="找不到产权单位")
    outbox.drain()

    told = Reminder.objects.get(user=chen.user, kind="incidents.closed")
    assert told.text == gettext("“%(incident)s” is closed and could not be solved. Read why.") % {
        "incident": f"{finished.place} {finished.category}"
    }


def test_what_is_open_has_no_result(finished):
    assert (finished.result, finished.state_and_result) == ("", finished.get_state_display())


def test_the_page_shows_who_looked_and_what_they_saw(finished, chen, li, places, client_of):
    home = household(places.qishan)
    client = client_of(li)
    services.confirm_at_door(finished, actor=chen.user, is_confirmed=False, household=home, note="<b>还有一箱</b>")

    page = client.get(url("detail", finished)).content.decode()

    assert "&lt;b&gt;还有一箱&lt;/b&gt;" in page
    assert str(home) in page


def test_the_page_costs_the_same_for_one_look_and_for_three(finished, chen, zhang, li, places, client_of):
    client, home = client_of(li), household(places.qishan)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url("detail", finished))
        return len(queries)

    at = timezone.now()
    services.confirm_at_door(finished, actor=chen.user, is_confirmed=True, household=home, at=at)
    once = cost()
    for _again in range(2):
        services.confirm_at_door(finished, actor=zhang.user, is_confirmed=True, household=home, at=at)

    assert cost() == once


def test_a_settlement_is_confirmed_at_the_door_by_nobody_who_had_a_part_in_it(chen, wu, places):
    made = settled(place=places.qishan, reporter=chen.user, by=wu.user)

    for involved in (chen, wu):
        with pytest.raises(Refused):
            services.confirm_at_door(made, actor=involved.user, is_confirmed=True)
