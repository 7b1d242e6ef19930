"""The pages of notices: who finds what on them, and what a tap does."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from grid.notices import services
from grid.notices.models import Notice
from grid.places import services as posts
from grid.places.models import Role
from portal.core.clock import today
from portal.core.refusals import Refused
from tests.cast import SINCE, make_user
from tests.roster.people import LONG_AGO, household, resident

from .letters import addressed, door, flats, receipt, sent

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
LIST, WRITE = "/notices/", "/notices/write/"


def url(name: str, subject: Any) -> str:
    return reverse(f"notices:{name}", args=[subject.pk])


def written(**changes: Any) -> dict[str, Any]:
    """What the form of a notice sends, with a fresh key."""
    fields = {
        "idempotency_key": str(uuid4()),
        "audience": "leaders",
        "title": "停水通知",
        "body": "明天停水。",
        "must_acknowledge": "on",
        "answer_by": today().isoformat(),
        "step": "send",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_opening_is_reading_and_one_button_confirms(chen, li, places, client_of):
    notice, leader = sent(places.dalong, li, must_acknowledge=True), client_of(chen)

    page = leader.get(notice.get_absolute_url())

    assert receipt(notice, chen).read_at
    assert url("acknowledge", notice) in page.content.decode()
    answer = leader.post(url("acknowledge", notice))
    assert (answer.status_code, answer.url) == (302, f"{notice.get_absolute_url()}#known")
    assert receipt(notice, chen).acknowledged_at
    assert url("acknowledge", notice) not in leader.get(notice.get_absolute_url()).content.decode()


def test_a_day_that_has_passed_is_said_before_the_notice_is_looked_at(chen, li, client_of):
    past = (today() - timedelta(days=1)).isoformat()

    page = client_of(li).post(WRITE, written(place=li.place.pk, step="preview", answer_by=past))

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["answer_by"])
    assert page.context["form"]["body"].value() == "明天停水。"


def test_looking_at_ones_own_notice_reads_nothing(chen, li, places, client_of):
    notice = sent(places.dalong, li)

    client_of(li).get(notice.get_absolute_url())

    assert receipt(notice, chen).read_at is None


def test_a_notice_is_shown_first_and_sent_then(chen, li, places, client_of):
    office = client_of(li)
    data = written(place=places.dalong.pk, step="preview", is_urgent="on", areas=[places.grid.pk])

    page = office.post(WRITE, data)

    assert page.status_code == 200
    assert (page.context["reach"].people, page.context["reach"].vacant) == (1, 1)
    assert not Notice.objects.exists()
    again = dict(page.context["sent"], step="send", areas=[places.grid.pk])
    answer = office.post(WRITE, again)
    notice = Notice.objects.get()
    assert answer.url == notice.get_absolute_url()
    assert (notice.place, notice.sender, notice.is_urgent, notice.answer_by) == (places.dalong, li.user, True, today())
    assert addressed(notice) == {"chen"}


def test_what_reaches_nobody_can_only_be_changed(li, places, client_of):
    page = client_of(li).post(WRITE, written(place=places.dalong.pk, step="preview")).content.decode()

    assert 'value="edit"' in page
    assert 'value="send"' not in page


def test_what_stands_in_several_grids_is_chosen_grid_by_grid(wu, places, client_of):
    one = client_of(wu).get(WRITE).context["form"]
    posts.appoint(wu.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE)
    several = client_of(wu).get(WRITE).context["form"]

    assert [branch.place for branch in one.branches] == [places.qishan, places.longji]
    assert [(branch.place, branch.parts) for branch in several.branches] == [
        (places.grid, (places.qishan, places.longji)),
        (places.second_grid, (places.fuyi,)),
    ]


def test_sending_twice_sends_one(chen, li, places, client_of):
    office, data = client_of(li), written(place=places.dalong.pk)

    answers = [office.post(WRITE, data).url for _tap in range(2)]

    assert answers == [Notice.objects.get().get_absolute_url()] * 2


def test_going_back_to_change_it_keeps_what_was_written(chen, li, places, client_of):
    page = client_of(li).post(WRITE, written(place=places.dalong.pk, step="edit", title=""))

    assert page.status_code == 200
    assert page.context["form"]["body"].value() == "明天停水。"
    assert not page.context["form"].errors


@pytest.mark.parametrize("changes", [{"title": ""}, {"audience": "committees"}, {"areas": ["999999"]}, {"place": "1"}])
def test_what_is_wrong_comes_back_beside_its_field(changes, chen, li, places, client_of):
    page = client_of(li).post(WRITE, written(**{"place": places.dalong.pk, **changes}))

    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(changes)


def test_a_clerk_sends_neither_from_next_door_nor_to_it(chen, li, zhou, places, client_of):
    office = client_of(li)

    for changes in ({"place": places.lingbian.pk}, {"areas": [places.lingbian_grid.pk]}):
        assert office.post(WRITE, written(**{"place": places.dalong.pk, **changes})).status_code == 422
    assert not Notice.objects.exists()


def test_from_the_page_of_a_building_group_the_street_writes_to_it_alone(chen, he, li, places, client_of):
    street = client_of(he)
    link = f"{WRITE}?to={places.qishan.pk}"
    assert link in street.get(places.qishan.get_absolute_url()).content.decode()

    assert street.get(link).context["form"].ticked == {str(places.qishan.pk)}

    street.post(link, written(place=places.street.pk, areas=[places.qishan.pk]))
    assert addressed(Notice.objects.get()) == {"chen"}


def test_leaders_and_officers_write_no_notices(chen, lin, nobody, client_of):
    assert [client_of(who).get(WRITE).status_code for who in (chen, lin, nobody)] == [403, 403, 403]


PASTED = "停水\r\nBcc: x@example.org\u2028\u202e通知\x07 "
ONE_LINE = "停水 Bcc: x@example.org 通知"


def test_a_title_stands_on_one_line_whatever_is_pasted(chen, li, places, client_of):
    client_of(li).post(WRITE, written(place=li.place.pk, title=PASTED))
    wrong = Notice.objects.get()

    client_of(li).post(
        url("correct", wrong),
        {"idempotency_key": str(uuid4()), "title": PASTED, "body": "后天\n停水。", "reason": PASTED},
    )

    wrong.refresh_from_db()
    right = wrong.correction
    assert (wrong.title, right.title, wrong.why_withdrawn) == (ONE_LINE, ONE_LINE, ONE_LINE)
    assert right.body == "后天\n停水。"


def test_so_does_the_title_of_a_script_and_nothing_to_be_seen_is_no_title(chen, li, places):
    assert sent(places.dalong, li, title=PASTED).title == ONE_LINE
    with pytest.raises(Refused):
        sent(places.dalong, li, title="\u200b\u2028")


def test_who_may_correct_and_withdraw(chen, wu, li, zhang, he, places, client_of):
    notice = sent(places.dalong, li, "everyone")
    for who, status in ((chen, 403), (wu, 403), (zhang, 200), (he, 200)):
        for step in ("correct", "withdraw"):
            assert client_of(who).get(url(step, notice)).status_code == status, (who, step)


def test_a_grid_leaders_own_notice_may_be_withdrawn_by_the_office(chen, wu, li, places, client_of):
    notice = sent(places.grid, wu)

    client_of(li).post(url("withdraw", notice), {"reason": "发错了"})

    notice.refresh_from_db()
    assert notice.withdrawn_by == li.user


def test_only_those_addressed_confirm(chen, wu, li, places, client_of):
    notice = sent(places.dalong, li)

    assert client_of(wu).post(url("acknowledge", notice)).status_code == 403  # sees it, for 陈 is theirs


def test_only_the_leader_of_the_doors_ticks_them(chen, wu, li, he, places, client_of):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    address = url("mark", door(notice, "101"))

    for who in (wu, li, he):
        assert client_of(who).post(address, {"outcome": "told"}).status_code == 403
        assert client_of(who).get(url("doors", notice)).status_code == 403
    assert door(notice, "101").outcome == ""


def test_a_stand_in_ticks_them_too(chen, li, places, client_of):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    holder = chen.user.appointments.get()
    stand_in = make_user("stand_in", "代班")
    posts.appoint(stand_in, role=Role.BUILDING_LEADER, place=places.qishan, stands_in_for=holder, actor=None)

    assert client_of(stand_in).get(url("doors", notice)).status_code == 200
    client_of(stand_in).post(url("mark", door(notice, "101")), {"outcome": "told"})

    assert door(notice, "101").by == stand_in


def test_a_tap_without_scripts_leads_back_to_the_same_door(chen, li, places, client_of):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")
    knocked = door(notice, "101")

    answer = client_of(chen).post(url("mark", knocked), {"outcome": "told", "show": "left"})

    assert answer.url == f"{url('doors', notice)}?show=left#door-{knocked.pk}"


def test_a_tap_with_scripts_brings_the_row_and_the_progress(chen, li, places, client_of):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")
    knocked = door(notice, "101")

    page = client_of(chen).post(url("mark", knocked), {"outcome": "nobody_home"}, **HTMX).content.decode()

    assert f'id="door-{knocked.pk}"' in page
    assert 'id="doors-progress" hx-swap-oob="true"' in page
    assert "<html" not in page


def test_a_tap_on_a_withdrawn_notice_says_so(chen, li, places, client_of):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    services.withdraw(notice, actor=li.user, reason="不停水了")
    address = url("mark", door(notice, "101"))

    plain = client_of(chen).post(address, {"outcome": "told"}, follow=True)
    scripted = client_of(chen).post(address, {"outcome": "told"}, **HTMX)

    assert [str(message.level_tag) for message in plain.context["messages"]] == ["error"]
    assert scripted.headers["HX-Redirect"].startswith(url("doors", notice))
    assert door(notice, "101").outcome == ""


def test_doors_come_stair_by_stair_with_half_a_name_at_most(chen, li, places, client_of):
    for building, room in (("10栋", "201"), ("2栋", "101"), ("2栋", "1001")):
        resident(household(places.qishan, building=building, room=room), "陈家生", represents_since=LONG_AGO)
    speakers, everybody = (sent(places.dalong, li, audience) for audience in ("representatives", "residents"))
    leader = client_of(chen)

    page = leader.get(url("doors", speakers))

    stairs = page.context["stairs"]
    assert [(one.label, [row.household.room for row in one.doors]) for one in stairs] == [
        ("2栋", ["101", "1001"]),
        ("10栋", ["201"]),
    ]
    assert "陈*生" in page.content.decode()
    assert "陈家生" not in page.content.decode()
    assert "陈*生" not in leader.get(url("doors", everybody)).content.decode()


def test_who_has_not_read_it_is_named_by_post(chen, huang, li, places, client_of):
    notice = sent(places.dalong, li)
    services.read(notice, actor=huang.user)

    page = client_of(li).get(url("unread", notice))

    assert [one.user for one in page.context["page"]] == [chen.user]
    assert "岐山中路楼栋小组" in page.content.decode()
    assert client_of(huang).get(url("unread", notice)).status_code == 403


def test_a_leader_sees_no_counts_and_a_neighbours_community_sees_its_own(chen, huang, li, zhou, he, places, client_of):
    notice = sent(places.street, he, "everyone")

    assert "follow" not in client_of(chen).get(notice.get_absolute_url()).context
    page = client_of(zhou).get(f"{notice.get_absolute_url()}?at={places.dalong.pk}")
    assert (page.context["follow"].place, page.context["follow"].totals.sent) == (places.lingbian, 1)
    drilled = client_of(he).get(f"{notice.get_absolute_url()}?at={places.dalong.pk}")
    assert (drilled.context["follow"].place, drilled.context["follow"].totals.sent) == (places.dalong, 3)


def test_somebody_without_a_post_reads_nothing(chen, li, places, nobody, client_of):
    notice = sent(places.dalong, li)
    posts.dismiss(chen.user.appointments.get(), actor=None)

    for who in (chen, nobody):
        assert client_of(who).get(notice.get_absolute_url()).status_code == 404
        assert client_of(who).get(LIST).status_code == 403


def test_hostile_text_is_text(chen, li, places, client_of):
    evil = "<script>alert(1)</script>"
    notice = sent(places.dalong, li, title=evil, body=f'{evil}\n"><img src=x onerror=alert(1)>', must_acknowledge=True)

    for who, address in ((chen, LIST), (chen, notice.get_absolute_url()), (li, LIST), (chen, "/")):
        page = client_of(who).get(address).content.decode()
        assert evil not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


def test_a_withdrawn_notice_says_so_and_asks_for_nothing(chen, li, places, client_of):
    notice = sent(places.dalong, li, must_acknowledge=True)
    services.withdraw(notice, actor=li.user, reason="不停水了")

    page = client_of(chen).get(notice.get_absolute_url()).content.decode()

    assert "不停水了" in page
    assert url("acknowledge", notice) not in page


def test_the_list_is_filtered(chen, li, zhang, places, client_of):
    urgent = sent(places.dalong, li, is_urgent=True)
    gone = sent(places.dalong, zhang, "everyone")
    services.withdraw(gone, actor=zhang.user, reason="不停水了")
    office = client_of(li)

    def found(query: str) -> list[Notice]:
        return [row.notice for row in office.get(f"{LIST}?{query}").context["rows"]]

    assert found("") == [gone, urgent]
    assert found("urgent=on") == found("standing=standing") == found("own=on") == found("audience=leaders") == [urgent]
    assert found("standing=withdrawn") == found("show=mine") == [gone]
    assert found("standing=ended") == found("standing=late") == found("until=2001-01-01") == []
    assert found("audience=leaders&standing=standing&urgent=on&own=on") == [urgent]
    assert found("since=nonsense") == found("audience=nobody") == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("who", "address", "most"),
    [
        ("chen", LIST, 12),
        ("li", LIST, 13),
        ("li", f"{LIST}?show=mine", 12),
        ("li", "notice", 14),
        ("he", "notice", 14),
        ("chen", "notice", 13),
        ("chen", "doors", 11),
        ("li", "unread", 10),
        ("li", WRITE, 9),
    ],
)
def test_pages_cost_the_same_however_much_is_on_them(
    rows, who, address, most, chen, huang, wu, li, he, places, client_of, django_assert_max_num_queries, request
):
    flats(places.qishan, 2 * rows, represented=rows)
    for _n in range(rows):
        notice = sent(places.dalong, he, "representatives", areas=[places.qishan, places.longji][:rows])
    client = client_of(request.getfixturevalue(who))
    if not address.startswith("/"):
        address = url(address, notice)
    client.get(address)

    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200
