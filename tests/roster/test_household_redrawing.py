"""What is on the roster goes with its building group when that is merged or split, and its estate follows."""

import pytest

from grid.places import redrawing
from grid.roster.models import EstateGroup, Household, HouseholdSpan, Resident
from grid.roster.services import estates
from portal.core.clock import today
from portal.core.refusals import Refused

from .people import household, resident

pytestmark = pytest.mark.django_db


def moved(from_place, to_place, chosen, actor):
    redrawing.move_contents(from_place, to_place, chosen, actor=actor.user, on=today())


def rooms(place):
    return sorted(Household.objects.filter(place=place).values_list("building", "room"))


def test_a_preview_counts_households_and_people(li, places):
    resident(household(places.qishan, room="501"))
    household(places.qishan, room="502")
    resident(household(places.fuyi), until=today(), left_because="moved_out")

    def touched(place):
        return [line.number for line in redrawing.touched_in([place]) if not line.stays]

    assert touched(places.qishan) == [2, 1]
    assert touched(places.grid) == [2, 1]
    assert touched(places.second_grid) == [1]


def test_merging_takes_everybody_along(li, places):
    member = resident(household(places.qishan))
    estates.add(places.dalong, facts=estates.Facts("甲"), groups=[places.qishan], actor=li.user)

    moved(places.qishan, places.longji, None, li)

    member.refresh_from_db()
    assert (rooms(places.qishan), rooms(places.longji), member.place) == ([], [("3栋", "502")], places.longji)
    assert HouseholdSpan.objects.get().place == places.qishan
    assert [one.group for one in EstateGroup.objects.all()] == [places.longji]


def test_buildings_and_single_flats_can_be_chosen(li, places):
    for building, room in (("3栋", "501"), ("3栋", "502"), ("4栋", "101"), ("4栋", "102")):
        household(places.qishan, building, room)
    offered = redrawing.choices_of(places.qishan)
    labels = {choice.label: choice.key for choice in offered}
    assert [choice.label for choice in offered] == ["3栋", "3栋501", "3栋502", "4栋", "4栋101", "4栋102"]

    moved(places.qishan, places.longji, frozenset({labels["3栋"], labels["4栋102"], labels["3栋501"]}), li)

    assert rooms(places.qishan) == [("4栋", "101")]
    assert rooms(places.longji) == [("3栋", "501"), ("3栋", "502"), ("4栋", "102")]


def test_keys_of_another_group_or_none_move_nothing(li, places):
    elsewhere = household(places.fuyi)
    household(places.qishan)

    moved(places.qishan, places.longji, frozenset({f"roster:h:{elsewhere.pk}", "roster:b:x", "roster:h:99999"}), li)

    assert (rooms(places.qishan), rooms(places.fuyi)) == ([("3栋", "502")], [("3栋", "502")])


def test_an_address_that_is_taken_there_is_named_beforehand_and_refused(li, places):
    household(places.qishan)
    household(places.longji)

    (reason,) = redrawing.against(places.qishan, places.longji)

    assert "3栋502" in str(reason)
    with pytest.raises(Refused):
        moved(places.qishan, places.longji, None, li)
    assert Resident.objects.count() == 0
