"""The box: what is typed is understood, found by its index, within the territory, and stands in no address."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from grid.places import services as posts
from grid.places.models import Level
from grid.roster.finding import SHOWN, Kind, area_of, areas_of, find, understood
from grid.roster.merging import FEW_COMMUNITIES
from grid.roster.models import Resident
from portal.core.clock import today
from portal.core.models import AuditEntry
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
URL = "/people/"
MOBILE, ID_NUMBER = "13800138000", "44010519570308123X"


def names(response) -> list[str]:
    return [line.resident.name for line in response.context["lines"]]


@pytest.fixture
def town(places):
    """Some people of 大龙 and of 凌边, in flats that are easily mixed up."""
    qishan, longji = places.qishan, places.longji
    homes = {
        "3-502": household(qishan),
        "13-502": household(qishan, "13栋"),
        "3-2-1203": household(qishan, "A3栋", "1203", "2单元"),
        "longji": household(longji, "岐山中路3栋", "502"),
        "fuyi": household(places.fuyi, "1栋", "101"),
        "lingbian": household(places.lingbian_group, "3栋", "502"),
    }
    people = [
        resident(homes["3-502"], "陈丽芳", mobile=MOBILE, id_number=ID_NUMBER, birth=date(1957, 3, 8)),
        resident(homes["13-502"], "陈伟", birth=date(2015, 1, 1)),
        resident(homes["13-502"], "李丽芳", is_party_member=True),
        resident(homes["3-2-1203"], "曾小红"),
        resident(homes["longji"], "陈丽", birth=date(1990, 1, 1), away_since=date(2023, 1, 1)),
        resident(homes["fuyi"], "阿依古丽·买买提"),
        resident(homes["lingbian"], "陈丽芳"),
    ]
    gone = resident(homes["fuyi"], "陈家生", until=date(2022, 1, 1), left_because="moved_out")
    return [*people, gone]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("陈", Kind.NAME),
        (" 陈 丽芳 ", Kind.NAME),
        ("clf", Kind.LETTERS),
        ("Chen Li-fang", Kind.LETTERS),
        ("３－５０２", Kind.ROOM),
        ("3栋502", Kind.ROOM),
        ("502", Kind.ROOM),
        ("A3-2-1203", Kind.ROOM),
        ("138 0013 8000", Kind.MOBILE),
        ("+86 138-0013-8000", Kind.MOBILE),
        ("１３８００１３８０００", Kind.MOBILE),
        ("440105 19570308 123x", Kind.ID_NUMBER),
    ],
)
def test_what_is_typed_is_understood(typed, kind):
    question = understood(typed)

    assert question is not None
    assert question.kind == kind


@pytest.mark.parametrize("typed", ["", "   ", "1380013", "-", "!!", "12", "😀"])
def test_what_nobody_can_look_for_is_no_question(typed):
    assert understood(typed) is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("陈", ["陈丽", "陈丽芳", "陈伟"]),
        ("陈丽", ["陈丽", "陈丽芳"]),
        ("陈丽芳", ["陈丽芳"]),
        ("丽芳", ["陈丽芳", "李丽芳"]),
        ("chenlifang", ["陈丽芳"]),
        ("chen li fang", ["陈丽芳"]),
        ("chenli", ["陈丽", "陈丽芳"]),
        ("clf", ["陈丽芳"]),
        ("LLF", ["李丽芳"]),
        ("zengxiaohong", ["曾小红"]),
        ("买买提", ["阿依古丽·买买提"]),
        ("阿依古丽•买买提", ["阿依古丽·买买提"]),
        ("3-502", ["陈丽芳", "陈丽"]),
        ("3栋502", ["陈丽芳", "陈丽"]),
        ("13-502", ["陈伟", "李丽芳"]),
        ("502", ["陈伟", "李丽芳", "陈丽芳", "陈丽"]),
        ("A3-2-1203", ["曾小红"]),
        ("A3栋2单元1203", ["曾小红"]),
        ("138 0013 8000", ["陈丽芳"]),
        ("４４０１０５１９５７０３０８１２３ｘ", ["陈丽芳"]),
        ("陈家生", []),
        ("13900139000", []),
        ("%", []),
    ],
)
def test_the_box_finds(typed, found, town, li, client_of):
    assert names(client_of(li).post(URL, {"q": typed})) == found


def test_everybody_finds_within_their_own_places(town, chen, huang, wu, li, zhou, he, lin, nobody, client_of):
    def found(person, typed="陈丽"):
        return names(client_of(person).post(URL, {"q": typed}))

    assert found(chen) == ["陈丽芳"]
    assert found(huang) == ["陈丽"]
    assert found(wu) == found(li) == ["陈丽", "陈丽芳"]
    assert found(zhou) == ["陈丽芳"]
    assert found(he) == ["陈丽", "陈丽芳", "陈丽芳"]
    assert found(chen, MOBILE) == ["陈丽芳"]
    assert found(huang, MOBILE) == found(zhou, MOBILE) == found(huang, "13-502") == []
    assert client_of(lin).post(URL, {"q": "陈"}).status_code == 403
    assert client_of(nobody).post(URL, {"q": "陈"}).status_code == 403


def test_filters_combine_with_the_box(town, li, places, client_of):
    def found(**asked):
        return names(client_of(li).post(URL, {"q": "陈", **asked}))

    assert found(age="elderly") == ["陈丽芳"]
    assert found(age="minor") == ["陈伟"]
    assert found(away="on") == ["陈丽"]
    assert found(place=places.longji.pk) == ["陈丽"]
    assert found(place=places.grid.pk, age="adult") == ["陈丽"]
    assert found(presence="left") == ["陈家生"]
    assert found(presence="all") == ["陈家生", "陈丽", "陈丽芳", "陈伟"]
    assert found(place=places.lingbian.pk) == found(age="nonsense") == []


def test_filters_alone_are_a_list_in_the_order_of_names(town, li, client_of):
    def listed(**asked):
        return names(client_of(li).get(URL, asked))

    assert listed() == ["阿依古丽·买买提", "陈丽", "陈丽芳", "陈伟", "李丽芳", "曾小红"]
    assert listed(party="on") == ["李丽芳"]
    assert listed(alone="on") == ["阿依古丽·买买提", "陈丽", "陈丽芳", "曾小红"]
    assert listed(presence="left") == ["陈家生"]


def test_rented_mobilised_and_representatives(li, places, client_of):
    rented = household(places.qishan, occupancy="rented")
    resident(rented, "陈一", represents_since=date(2022, 1, 1))
    resident(rented, "陈二", mobilised_since=date(2022, 1, 1))
    resident(household(places.qishan, room="602"), "陈三")

    def listed(**asked):
        return set(names(client_of(li).get(URL, asked)))

    assert listed(rented="on") == listed(mobilised="on") == {"陈一", "陈二"}
    assert listed(representative="on") == {"陈一"}


def test_whoever_is_not_here_yet_is_not_here(li, places, client_of):
    resident(household(places.qishan), "陈来", since=date(2999, 1, 1))

    assert names(client_of(li).post(URL, {"q": "陈来"})) == []


def test_nothing_typed_stands_in_an_address_or_a_log(town, li, client_of):
    client = client_of(li)
    with capture_logs() as logs:
        response = client.post(URL, {"q": MOBILE, "age": "elderly"})
        empty = client.post(URL, {"q": " ", "age": "elderly"})

    assert MOBILE not in json.dumps(logs, default=str)
    assert "no-store" in response["Cache-Control"]
    assert f"?q={MOBILE}" not in response.text
    assert empty.url == f"{URL}?age=elderly"
    assert not AuditEntry.objects.filter(note__contains=MOBILE).exists()


def test_a_name_in_the_address_is_not_looked_at(town, li, client_of):
    assert len(names(client_of(li).get(URL, {"q": "曾小红"}))) == 6


def test_more_than_fifty_are_cut_and_said_so(li, places, client_of):
    home = household(places.qishan)
    for number in range(SHOWN + 1):
        resident(home, f"陈{chr(0x4E00 + number)}")

    response = client_of(li).post(URL, {"q": "陈"})

    assert (len(names(response)), response.context["has_more"]) == (SHOWN, True)


def test_an_exact_name_comes_before_longer_ones_and_given_names(li, places, client_of):
    home = household(places.qishan)
    for name in ("李文", "文三", "文", "张文"):
        resident(home, name)

    assert names(client_of(li).post(URL, {"q": "文"}))[0] == "文"


def test_hostile_text_is_escaped(li, places, client_of):
    hostile = "<script>alert(1)</script>"
    resident(household(places.qishan), f"陈{hostile}")

    for response in (client_of(li).post(URL, {"q": f"陈{hostile}"}), client_of(li).get(URL)):
        assert hostile not in response.text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("typed", ["", "陈", "clf", "502", MOBILE])
def test_finding_costs_the_same_for_any_number_of_people(rows, typed, li, places, client_of):
    for number in range(rows):
        resident(household(places.qishan, f"{number + 1}栋"), "陈丽芳", mobile=MOBILE)
    client = client_of(li)
    client.get(URL)

    with CaptureQueriesContext(connection) as captured:
        response = client.post(URL, {"q": typed}) if typed else client.get(URL)

    assert len(names(response)) == rows
    assert len(captured) <= 10, [q["sql"][:160] for q in captured]


@pytest.mark.parametrize("share", [0, 3, 100])
@pytest.mark.parametrize("narrow", [{}, {"is_party_member": True}])
def test_many_communities_answer_as_one(share, narrow, places):
    """Whether the people of a name live in one community, mostly in one, or everywhere: the first ones are found."""
    homes = []
    for number in range(6):
        community, code = None, f"44011310680{number}"
        for level, digits in ((Level.COMMUNITY, ""), (Level.GRID, "001"), (Level.BUILDING_GROUP, "001")):
            code += digits
            parent = community or places.street
            community = posts.open_place(level=level, code=code, name=code, parent=parent, actor=None)
        homes.append(household(community))
    for number in range(120):
        home = homes[number % 6 if number % 100 < share else 0]
        resident(home, f"陈{chr(0x4E00 + number * 37)}", is_party_member=number % 3 == 0)
    area = area_of(places.street)

    found = find(understood("陈"), areas=[area], narrow=lambda residents: residents.filter(**narrow), most=21)

    everybody = Resident.objects.filter(**narrow).order_by("name").values_list("name", flat=True)
    assert len(area.communities) > FEW_COMMUNITIES
    assert sorted(one.name for one in found) == list(everybody[:21])


def plan_of(queryset) -> tuple[set[str], set[str]]:
    """The indexes that a plan uses, and the tables it reads row by row."""
    waiting, indexes, scanned = [json.loads(queryset.explain(format="json"))[0]["Plan"]], set(), set()
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if "Index Name" in node:
            indexes.add(node["Index Name"])
        if node["Node Type"].endswith("Seq Scan"):
            scanned.add(node["Relation Name"])
    return indexes, scanned


@pytest.fixture
def thousands(places):
    """Enough people that the planner prefers an index by itself."""
    homes = [household(group, f"{n}栋", f"{n}01") for group in (places.qishan, places.fuyi) for n in range(1, 61)]
    one = Resident(household=homes[0], name="", sort_key="", initials="", since=today())
    fields = [field.attname for field in Resident._meta.concrete_fields if field.attname != "id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO roster_resident ({", ".join(fields)})
            SELECT h.place_id, h.community_id, h.id, chr(20000 + n) || '芳', '芳', 'k' || n || h.id, 'k' || n, '', '',
                   NULL, '', md5('i' || n || h.id), '', md5('m' || n || h.id), false, NULL, NULL, NULL, %s, NULL, '',
                   NULL, '' FROM roster_household h, generate_series(1, 100) AS n
            """,
            [one.since],
        )
        cursor.execute("ANALYZE roster_resident")
        cursor.execute("ANALYZE roster_household")


@pytest.mark.parametrize("who", ["li", "he"])
@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("丽芳", {"resident_name", "resident_given_name"}),
        ("chenlifang", {"resident_sorted", "resident_initials"}),
        ("clf", {"resident_sorted", "resident_initials"}),
        ("7-701", set()),  # so few flats may be read by any index that begins with their community
        (MOBILE, {"resident_mobile"}),
        (ID_NUMBER, {"resident_id_number"}),
    ],
)
def test_each_question_is_answered_by_its_index(who, typed, wanted, thousands, request):
    user = request.getfixturevalue(who).user

    found = find(understood(typed), areas=areas_of(user, "roster.view"), narrow=lambda residents: residents.present())
    indexes, scanned = plan_of(found)

    assert wanted <= indexes
    assert not {"roster_resident", "roster_household"} & scanned


def test_a_list_without_the_box_is_read_in_the_order_of_its_index(thousands, he, client_of):
    from grid.roster.finding import residents_in

    indexes, scanned = plan_of(residents_in(areas_of(he.user, "roster.view")).present()[:26])

    assert (indexes, scanned) == ({"resident_sorted"}, set())


def test_an_area_is_what_lies_in_it(places):
    assert area_of(places.street).communities == (places.dalong.pk, places.lingbian.pk)
    assert set(area_of(places.grid).places or ()) == {places.grid.pk, places.qishan.pk, places.longji.pk}
    assert area_of(places.qishan).places == (places.qishan.pk,)
