"""The frame around every page: drawn once for all who share a menu, and yet each reader's own."""

import re
from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from grid.places import services as posts
from grid.places.models import Appointment, Role
from portal.reminders.models import Reminder
from tests.cast import SINCE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
HOME, PROFILE, RIGHTS = reverse("dashboard:home"), reverse("accounts:profile"), reverse("places:rights")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
MOST_QUERIES = 4  # session, user, posts, what the menu counts


def page(client, url=PROFILE):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def menu(text):
    return re.findall(r'class="side-link" href="([^"]+)"', text)


def test_a_post_that_ended_is_gone_from_the_menu_at_once(li, client_of):
    client = client_of(li)
    before = menu(page(client))

    Appointment.objects.filter(user=li.user).update(until=date(2023, 5, 1))

    assert reverse("roster:people") in before
    assert reverse("roster:people") not in menu(page(client))
    assert li.place.name not in page(client)


def test_a_new_post_is_in_the_menu_at_once(chen, places, client_of):
    client = client_of(chen)
    before = menu(page(client))

    posts.appoint(chen.user, role=Role.STAFF, place=places.dalong, actor=None, since=SINCE)

    assert reverse("incidents:enter") not in before
    assert reverse("incidents:enter") in menu(page(client))


def test_what_waits_is_counted_anew_with_every_page(li, client_of):
    client, inbox = client_of(li), reverse("reminders:inbox")
    shown = re.compile(rf'href="{inbox}".*?</a>')
    before = shown.search(page(client))[0]

    about = ContentType.objects.get_for_model(li.user)
    Reminder.objects.create(user=li.user, kind="told", subject_type=about, subject_id=li.user.pk, text="新消息")

    assert 'class="count"' not in before
    assert '<span class="count">1</span>' in shown.search(page(client))[0]


def test_two_with_the_same_menu_read_each_their_own_name_and_send_their_own_token(chen, huang, client_of):
    first, second = page(client_of(chen)), page(client_of(huang))

    assert menu(first) == menu(second)
    assert (chen.user.name in first, chen.user.name in second) == (True, False)
    assert (huang.user.name in first, huang.user.name in second) == (False, True)
    assert not set(TOKEN.findall(first)) & set(TOKEN.findall(second))
    owner = re.compile('data-owner="([^"]+)"')
    assert owner.search(first)[1] != owner.search(second)[1]


def test_every_form_of_the_frame_comes_back_to_its_own_page(li, client_of):
    client = client_of(li)
    page(client, RIGHTS)

    back = re.findall(r'name="next" value="([^"]+)"', page(client, f"{RIGHTS}?a=1&b=2"))

    assert set(back) == {f"{RIGHTS}?a=1&amp;b=2"}


def test_the_page_one_is_on_is_marked_alone(li, client_of):
    client = client_of(li)
    marked = re.compile(r'class="side-link" href="([^"]+)" aria-current="page"')

    assert marked.findall(page(client, HOME)) == [HOME]
    assert marked.findall(page(client, PROFILE)) == [PROFILE]
    assert marked.findall(page(client, li.place.get_absolute_url())) == [reverse("places:mine")]


def test_large_type_and_language_are_the_readers(li, client_of):
    client = client_of(li)
    normal = page(client)
    li.user.large_type, li.user.language = True, "zh-hans"
    li.user.save()

    large = page(client)

    assert ('data-large="false"' in normal, 'lang="en"' in normal) == (True, True)
    assert ('data-large="true"' in large, 'lang="zh-Hans"' in large) == (True, True)
    assert "Sign out" not in large


def test_it_costs_no_more_than_to_ask_who_looks(li, client_of, django_assert_max_num_queries):
    client = client_of(li)
    page(client, RIGHTS)

    with django_assert_max_num_queries(MOST_QUERIES):
        page(client, RIGHTS)


@pytest.mark.parametrize(("language", "offered"), [("en", "中文"), ("zh-hans", "English")])
def test_the_other_language_is_one_tap_away(language, offered, li, client_of):
    li.user.language = language
    li.user.save()

    button = re.findall(
        r'<button class="tool" type="submit" name="language"[^>]*>.*?<span>([^<]+)</span>', page(client_of(li))
    )

    assert set(button) == {offered}
