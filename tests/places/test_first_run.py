import pytest
from django.urls import reverse

from grid.places.models import Appointment, Level, Place, Role
from portal.accounts.first_run import is_setup_code, setup_code
from portal.accounts.models import User
from tests.cast import make_user

pytestmark = pytest.mark.django_db
URL = "/first-run/"


@pytest.fixture
def entered() -> dict:
    return {
        "setup_code": setup_code(),
        "district_name": "番禺区",
        "district_code": "440113",
        "street_name": "石碁镇",
        "street_code": "４４０１１３ 106",
        "community_name": "大龙社区",
        "community_code": "440113106001",
        "name": "何志明",
        "username": "hezm",
        "password": "kuai-2468-lehuo",
        "repeat": "kuai-2468-lehuo",
    }


def test_an_empty_portal_leads_to_its_first_page(client):
    assert client.get(reverse("accounts:sign_in")).url == URL
    assert client.get(URL).status_code == 200


def test_the_portal_opens_with_a_street_a_community_and_whoever_looks_after_them(client, entered):
    response = client.post(URL, entered)

    assert response.url == reverse("dashboard:home")
    assert list(Place.objects.values_list("level", "code", "name")) == [
        (Level.DISTRICT, "440113", "番禺区"),
        (Level.STREET, "440113106", "石碁镇"),
        (Level.COMMUNITY, "440113106001", "大龙社区"),
    ]
    user = User.objects.get()
    assert user.check_password("kuai-2468-lehuo")
    assert not user.must_change_password
    assert [(a.role, a.place.name) for a in Appointment.objects.all()] == [(Role.STREET_ADMIN, "石碁镇")]
    assert client.get("/").url == "/consent/?next=%2F"  # signed in, and asked what everybody is asked first


def test_whoever_works_in_the_community_too_is_its_staff(client, entered):
    client.post(URL, {**entered, "is_staff_too": "on"})

    held = Appointment.objects.values_list("role", "place__name")
    assert set(held) == {(Role.STREET_ADMIN, "石碁镇"), (Role.STAFF, "大龙社区")}


def test_it_opens_once(client, entered):
    make_user("somebody", "某人")

    assert client.get(URL).status_code == 404
    assert client.post(URL, entered).status_code == 404
    assert not Place.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("setup_code", "aaaa-2222-aaaa", {"setup_code"}),
        ("setup_code", "码", {"setup_code"}),
        ("district_code", "44011", {"district_code", "street_code"} - {"street_code"}),
        ("street_code", "440114106", {"street_code", "community_code"}),
        ("community_code", "44011310600", {"community_code"}),
        ("password", "12345678", {"repeat"}),
        ("username", "何", {"username"}),
        ("name", " ", {"name"}),
    ],
)
def test_what_is_wrong_is_said_beside_it(field, value, wrong, client, entered):
    response = client.post(URL, {**entered, field: value})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == wrong
    assert not User.objects.exists()
    assert not Place.objects.exists()


def test_a_password_that_others_guess_is_refused(client, entered):
    response = client.post(URL, {**entered, "password": "12345678", "repeat": "12345678"})

    assert set(response.context["form"].errors) == {"password"}


def test_the_page_never_shows_a_password_again(client, entered):
    response = client.post(URL, {**entered, "street_code": "1"})

    assert "kuai-2468-lehuo" not in response.text


def test_extra_fields_make_no_one_more(client, entered):
    client.post(URL, {**entered, "role": "secretary", "is_superuser": "on", "language": "en"})

    assert User.objects.get().language == User.Language.CHINESE
    assert Appointment.objects.get().role == Role.STREET_ADMIN


def test_the_set_up_code_follows_from_the_secret_key(settings):
    code = setup_code()
    assert is_setup_code(code)
    assert is_setup_code(f" {code.upper().replace('-', ' ')} ")
    assert not is_setup_code(code[:-1])
    assert not is_setup_code("")

    settings.SECRET_KEY = "another" * 8
    assert not is_setup_code(code)
