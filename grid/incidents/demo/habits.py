"""How often each thing happens and when, who of the street answers for it, and what a photo of it shows."""

from typing import NamedTuple

ALL_YEAR = (1,) * 12
RAINY = (0.4, 0.5, 0.8, 1.4, 2.0, 2.6, 2.2, 2.2, 1.6, 0.8, 0.4, 0.3)
SUMMER = (0.3, 0.3, 0.6, 1.0, 1.6, 2.0, 2.2, 2.2, 1.6, 1.0, 0.5, 0.3)
WINTER = (1.8, 1.6, 1.0, 0.8, 0.7, 0.7, 0.7, 0.7, 0.8, 0.9, 1.2, 1.6)

LAW, EMERGENCY, ORDER, CLEANING = "综合行政执法办", "应急管理办", "综合治理办", "市政环卫所"
POLICE, MARKET, BUILDING, WELFARE = "石碁派出所", "市场监管所", "规划建设办", "社会事务办"


class Habit(NamedTuple):
    """`often` is relative; `department` is the one that is whistled for, always when the catalogue says so."""

    often: float
    motif: str
    department: str
    months: tuple[float, ...] = ALL_YEAR
    outdoors: bool = False


HABITS: dict[str, Habit] = {
    "clutter": Habit(14, "boxes", EMERGENCY),
    "stairwell_dirt": Habit(8, "dirt", CLEANING),
    "stairwell_light": Habit(11, "light", BUILDING),
    "small_ads": Habit(7, "ads", LAW),
    "entrance_door": Habit(3, "door", BUILDING),
    "fire_lane": Habit(5, "cars", EMERGENCY, outdoors=True),
    "flying_wire": Habit(5, "wire", EMERGENCY, SUMMER),
    "ebike_upstairs": Habit(9, "ebike", EMERGENCY),
    "fire_equipment": Habit(2, "door", EMERGENCY),
    "gas": Habit(1, "pipe", EMERGENCY, WINTER),
    "falling_wall": Habit(2.5, "wall", BUILDING, RAINY),
    "roof_leak": Habit(3, "leak", BUILDING, RAINY),
    "thrown_objects": Habit(2, "wall", POLICE),
    "illegal_building": Habit(1.6, "wall", LAW),
    "renovation": Habit(2.5, "dirt", BUILDING),
    "water_outage": Habit(1.5, "pipe", BUILDING, SUMMER),
    "drain": Habit(5, "puddle", CLEANING, RAINY),
    "power_outage": Habit(1.5, "wire", BUILDING, SUMMER),
    "cables": Habit(2, "wire", BUILDING, RAINY),
    "manhole": Habit(1.2, "puddle", CLEANING, RAINY, outdoors=True),
    "lift_fault": Habit(2, "door", MARKET),
    "lift_trapped": Habit(0.5, "door", MARKET),
    "handrail": Habit(3, "rail", BUILDING),
    "fitness": Habit(1.5, "rail", BUILDING, outdoors=True),
    "barrier_free": Habit(0.8, "rail", BUILDING),
    "rubbish": Habit(6, "bins", CLEANING, SUMMER, outdoors=True),
    "rubbish_sorting": Habit(4, "bins", CLEANING),
    "dead_corner": Habit(3, "dirt", CLEANING, SUMMER, outdoors=True),
    "pests": Habit(2, "dirt", CLEANING, SUMMER, outdoors=True),
    "bulky_waste": Habit(3, "boxes", CLEANING, WINTER, outdoors=True),
    "tree_danger": Habit(1.5, "tree", CLEANING, RAINY, outdoors=True),
    "pruning": Habit(2, "tree", CLEANING, SUMMER, outdoors=True),
    "green_occupied": Habit(1.5, "tree", LAW, outdoors=True),
    "parking": Habit(4, "cars", POLICE, outdoors=True),
    "zombie_car": Habit(0.8, "cars", POLICE, outdoors=True),
    "bikes": Habit(3, "ebike", LAW, outdoors=True),
    "charging_pile": Habit(2, "ebike", BUILDING),
    "road": Habit(1.6, "puddle", BUILDING, RAINY, outdoors=True),
    "noise": Habit(4, "", POLICE, SUMMER),
    "dogs": Habit(2, "", POLICE, outdoors=True),
    "monitoring": Habit(1.5, "light", ORDER),
    "stranger": Habit(1.5, "", POLICE),
    "business": Habit(2, "bins", LAW, outdoors=True),
    "dispute": Habit(3, "", ORDER),
    "leak_dispute": Habit(3.5, "leak", ORDER, RAINY),
    "family": Habit(1.2, "", WELFARE, WINTER),
    "property_company": Habit(2, "", BUILDING),
    "elderly_alone": Habit(3, "", WELFARE, WINTER),
    "hardship": Habit(1, "", WELFARE),
    "children": Habit(1, "", WELFARE, SUMMER),
    "disabled": Habit(0.8, "", WELFARE),
    "missing": Habit(0.3, "", POLICE),
    "policy": Habit(2, "paper", WELFARE),
    "procedure": Habit(2, "paper", WELFARE),
    "suggestion": Habit(1.5, "", BUILDING),
    "other": Habit(1, "door", ORDER),
}
WITH_LIFTS = ("瀚御居", "桥兴花苑", "塱边新城", "市莲雅居")
LIFTS = ("lift_fault", "lift_trapped")
