"""The same rows through django-import-export, as its manual shows it: what we are measured against."""

from decimal import Decimal
from typing import Any

import tablib
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import BooleanWidget, ForeignKeyWidget

from grid.places.models import Level, Place
from grid.places.services import next_code, open_place
from grid.roster.addresses import building_key, floor_of, room_key, unit_key
from grid.roster.models import Household, Resident
from portal.core.clock import today
from portal.core.identity import parse_id_number
from portal.core.personal import blind_index
from portal.core.pinyin import keys_of

from .rosters import HEADINGS


class YesNo(BooleanWidget):
    TRUE_VALUES = ["是"]
    FALSE_VALUES = ["否", ""]


class ResidentResource(ModelResource):
    """One row is one resident, recognised by the blind index of the ID number; households are made as they come."""

    household = Field("household", "household", ForeignKeyWidget(Household))
    name = Field("name", "姓名")
    relation = Field("relation", "与户主关系")
    is_party_member = Field("is_party_member", "是否党员", YesNo())
    id_number = Field("id_number", "身份证号")
    mobile = Field("mobile", "手机号")
    remark = Field("remark", "备注")

    class Meta:
        model = Resident
        import_id_fields = ("id_number_index",)
        skip_unchanged = True
        fields = (
            "household", "name", "relation", "is_party_member", "id_number", "mobile", "remark", "sex", "birth",
            "given_name", "sort_key", "initials", "id_number_index", "mobile_index", "mobilised_since",
            "represents_since",
        )  # fmt: skip

    def __init__(self, community: Place) -> None:
        super().__init__()
        self.community = community
        self.groups: dict[str, Place] = {}

    def before_import_row(self, row: dict[str, Any], **_options: Any) -> None:
        keys, who = keys_of(row["姓名"]), parse_id_number(row["身份证号"])
        represents = row["是否户代表"] == "是"
        row.update(
            household=self._household(row).pk,
            given_name=keys.given_name,
            sort_key=keys.sort_key,
            initials=keys.initials,
            sex=who.sex,
            birth=who.birth,
            id_number_index=blind_index(who.number),
            mobile_index=blind_index(row["手机号"]),
            represents_since=today() if represents else None,
            mobilised_since=today() if represents or row["是否参与动员"] == "是" else None,
        )

    def after_init_instance(self, instance: Resident, new: bool, row: dict[str, Any], **_options: Any) -> None:
        instance.place_id, instance.community_id = self.homes[row["household"]], self.community.pk

    def _household(self, row: dict[str, Any]) -> Household:
        found, _made = Household.objects.get_or_create(
            place=self._group(row),
            building_key=building_key(row["楼栋"]),
            unit_key=unit_key(row["单元"]),
            room_key=room_key(row["房号"]),
            defaults={
                "building": row["楼栋"],
                "unit": row["单元"],
                "room": row["房号"],
                "floor": floor_of(row["房号"]),
                "area_m2": Decimal(row["建筑面积"]),
                "occupancy": "registered",
            },
        )
        self.homes = {found.pk: found.place_id}
        return found

    def _group(self, row: dict[str, Any]) -> Place:
        """Looked up once each, so that places cost nothing here."""
        if row["楼栋小组"] not in self.groups:
            grid = Place.objects.filter(parent=self.community, name=row["网格"]).first() or self._open(
                Level.GRID, row["网格"], self.community
            )
            group = Place.objects.filter(parent=grid, name=row["楼栋小组"]).first()
            self.groups[row["楼栋小组"]] = group or self._open(Level.BUILDING_GROUP, row["楼栋小组"], grid)
        return self.groups[row["楼栋小组"]]

    def _open(self, level: Level, name: str, parent: Place) -> Place:
        return open_place(level=level, code=next_code(parent), name=name, parent=parent, actor=None)


class BulkResource(ResidentResource):
    """The same with the library's own bulk mode, a thousand rows at a time."""

    class Meta(ResidentResource.Meta):
        use_bulk = True
        batch_size = 1000
        skip_unchanged = False  # with it, bulk mode reads each row from the database first
        skip_diff = True


def import_rows(resource: type[ResidentResource], community: Place, rows: list[list[str]]) -> None:
    """Bring rows in, in one transaction; reading the file is not counted. Raises RuntimeError when a row fails."""
    dataset = tablib.Dataset(*([*row, ""] for row in rows), headers=[*HEADINGS, "id_number_index"])
    result = resource(community).import_data(dataset, dry_run=False, use_transactions=True, raise_errors=True)
    if result.has_errors() or result.has_validation_errors():
        raise RuntimeError("rows were refused")
