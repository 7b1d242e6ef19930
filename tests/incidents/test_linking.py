"""并单: what is merged, what is not, who hears of it, and how it is taken apart again."""

import pytest

from grid.incidents import services
from grid.incidents.models import CoReport, Incident, IncidentRequest
from grid.incidents.news import NOTHING_TO_RATE, TO_REPORTER, reporters_of
from portal.core import outbox
from portal.core.refusals import Refused
from portal.files.models import Attachment
from portal.reminders.models import Reminder
from tests.factories import incident
from tests.pictures import photo_of

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def repeats(chen, huang, li, places):
    """吴's grid has the same heap of boxes on record three times: twice in 陈's building, once in 黄's."""
    first = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    second = incident(place=places.longji, reporter=huang.user)
    third = incident(place=places.qishan, reporter=chen.user)
    outbox.drain()
    return first, second, third


def told(person) -> list[str]:
    return list(Reminder.objects.filter(user=person.user).order_by("id").values_list("kind", flat=True))


def test_a_repeat_is_void_and_keeps_its_reporter(repeats, li, huang):
    first, second, third = repeats

    services.merge([second, third], into=first, actor=li.user, note="同一堆纸箱")

    rows = Incident.objects.filter(pk__in=[second.pk, third.pk]).order_by("pk")
    assert [(one.state, one.merged_into_id) for one in rows] == [("void", first.pk), ("void", first.pk)]
    assert rows[0].reporter == huang.user


def test_everybody_who_reported_it_hears_of_the_merging_and_of_every_later_step(repeats, li, huang, chen, wu):
    first, second, _third = repeats
    services.merge([second], into=first, actor=li.user)
    outbox.drain()
    assert told(huang) == ["incidents.merged"]

    services.dispatch(first, actor=li.user, holder=wu.user)
    outbox.drain()

    assert told(huang) == ["incidents.merged", "incidents.report_dispatched"]
    about = Reminder.objects.filter(user=huang.user).latest("id")
    assert about.subject == second  # the report that 黄 knows and sees
    assert told(chen)[-1] == "incidents.report_dispatched"


@pytest.mark.parametrize("rows", [1, 3])
def test_all_reporters_are_found_with_two_queries(
    rows, repeats, li, wu, huang, chen, places, django_assert_num_queries
):
    first, *_others = repeats
    for _row in range(rows):
        made = incident(place=huang.place, reporter=huang.user)
        CoReport.objects.create(incident=made, reporter=wu.user)
        services.merge([made], into=first, actor=li.user)

    with django_assert_num_queries(2):
        found = reporters_of(first)

    assert {user for user, _about in found} == {chen.user, huang.user, wu.user}


def test_only_whoever_reported_the_main_one_is_asked_what_they_think(repeats, li, zhang, wu, huang, chen):
    first, second, _third = repeats
    services.merge([second], into=first, actor=li.user)
    services.dispatch(first, actor=li.user, holder=wu.user)
    services.take(first, actor=wu.user)
    services.finish(first, actor=wu.user, outcome="已经清理")
    services.verify(first, actor=zhang.user)
    services.close(first, actor=zhang.user)

    outbox.drain()

    closings = Reminder.objects.filter(kind="incidents.closed")
    said = {one.user: one.text for one in closings}
    assert said[chen.user] == str(TO_REPORTER["closed"]) % {"incident": "岐山中路楼栋小组 楼道堆物"}
    assert said[huang.user] == str(NOTHING_TO_RATE) % {"incident": "龙基花园楼栋小组 楼道堆物"}


def test_there_are_no_chains(repeats, li):
    first, second, third = repeats
    services.merge([third], into=second, actor=li.user)

    services.merge([second], into=first, actor=li.user)

    assert set(Incident.objects.filter(merged_into=first)) == {second, third}
    assert not Incident.objects.filter(merged_into=second).exists()


def test_merging_into_a_repeat_means_the_one_it_was_merged_into(repeats, li):
    first, second, third = repeats
    services.merge([second], into=first, actor=li.user)

    main = services.merge([third], into=Incident.objects.get(pk=second.pk), actor=li.user)

    assert main == first
    assert Incident.objects.get(pk=third.pk).merged_into == first


def test_what_cannot_be_merged_is_said_all_at_once(repeats, li, zhou, wu, places):
    first, second, _third = repeats
    elsewhere = incident(place=places.lingbian_group, reporter=zhou.user)
    held = incident(place=places.qishan, reporter=li.user, office=li.user, handler=wu.user, stage="in_progress")

    with pytest.raises(Refused) as refused:
        services.merge([second, elsewhere, held], into=first, actor=li.user)

    assert len(refused.value.reasons) == 2
    assert elsewhere.number in str(refused.value)
    assert held.number in str(refused.value)
    assert Incident.objects.get(pk=second.pk).merged_into is None


def test_nothing_is_merged_into_what_is_over_or_into_itself(repeats, li, zhang, chen, places):
    first, second, _third = repeats
    services.decline(second, actor=zhang.user, note="不属于社区职责")

    with pytest.raises(Refused):
        services.merge([first], into=second, actor=li.user)
    with pytest.raises(Refused):
        services.merge([first], into=first, actor=li.user)


def test_an_emergency_is_not_hidden_behind_what_is_none(repeats, li):
    first, second, _third = repeats
    Incident.objects.filter(pk=second.pk).update(is_emergency=True)

    with pytest.raises(Refused):
        services.merge([second], into=first, actor=li.user)
    services.merge([first], into=second, actor=li.user)

    assert Incident.objects.get(pk=first.pk).merged_into == second


def test_what_waits_for_a_decision_is_decided_first(repeats, li, chen):
    first, second, _third = repeats
    IncidentRequest.objects.create(incident=second, kind="return", reason="不归我管", asked_by=chen.user)

    with pytest.raises(Refused):
        services.merge([second], into=first, actor=li.user)


def test_taken_apart_it_stands_where_it_stood_and_its_clock_runs_from_its_report(repeats, li, huang):
    first, second, _third = repeats
    before = Incident.objects.get(pk=second.pk)
    services.merge([second], into=first, actor=li.user)

    services.separate(second, actor=li.user, note="是另一层楼")

    after = Incident.objects.get(pk=second.pk)
    assert (after.state, after.merged_into) == ("reported", None)
    assert (after.reported_at, after.due_at) == (before.reported_at, before.due_at)
    with pytest.raises(Refused):
        services.separate(second, actor=li.user)
    outbox.drain()
    assert told(huang)[-1] == "incidents.separated"


def test_the_page_of_the_main_one_shows_the_photos_of_its_repeats(repeats, li, huang, client_of, places):
    first, *_others = repeats
    photo = photo_of(huang.user)
    services.merge([incident(place=places.longji, reporter=huang.user, photos=[photo])], into=first, actor=li.user)

    response = client_of(li).get(url("detail", first))

    assert list(response.context["photos"]) == [Attachment.objects.get(pk=photo.pk)]
    assert photo.thumbnail_url in response.text


def test_a_building_leader_sees_no_photo_of_a_building_that_is_not_theirs(repeats, li, chen, huang, client_of, places):
    first, *_others = repeats
    photo = photo_of(huang.user)
    services.merge([incident(place=places.longji, reporter=huang.user, photos=[photo])], into=first, actor=li.user)

    response = client_of(chen).get(url("detail", first))

    assert list(response.context["photos"]) == []
    assert photo.thumbnail_url not in response.text


def test_on_screen_by_number_and_back(repeats, li, client_of):
    first, second, _third = repeats
    client = client_of(li)

    wrong = client.post(url("merge", second), {"into": "99999999"})
    client.post(url("merge", second), {"into": first.number})

    assert wrong.status_code == 422
    assert Incident.objects.get(pk=second.pk).merged_into == first
    assert second.number in client.get(url("detail", first)).text
    assert first.number in client.get(url("detail", second)).text
    client.post(url("separate", second), {"note": ""})
    assert Incident.objects.get(pk=second.pk).state == "reported"


def test_a_number_of_another_community_is_unknown(repeats, zhou, li, client_of, places):
    _first, second, _third = repeats
    elsewhere = incident(place=places.lingbian_group, reporter=zhou.user)

    response = client_of(li).post(url("merge", second), {"into": elsewhere.number})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["into"])


@pytest.mark.parametrize("name", ["merge", "separate"])
def test_a_building_leader_merges_nothing(name, repeats, chen, li, client_of):
    first, _second, third = repeats
    if name == "separate":
        services.merge([third], into=first, actor=li.user)

    assert client_of(chen).post(url(name, third), {"into": first.number}).status_code == 403


def test_merged_ones_are_hidden_under_all_unless_asked_for(repeats, li, client_of):
    first, second, third = repeats
    services.merge([second], into=first, actor=li.user)

    def found(**query):
        return {row.pk for row in client_of(li).get(url("list"), {"scope": "all", **query}).context["page"]}

    assert found() == {first.pk, third.pk}
    assert found(merged="on") == {first.pk, second.pk, third.pk}
