"""Made-up notices: a few of each community to its leaders and to the households of a grid, read and told as sets."""

from collections.abc import Mapping
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from grid.places.generation import Ground
from grid.places.models import Place
from portal.core.clock import day_of
from portal.core.generation import Deed, Lot, Part, register

from .addressing import write_doors, write_receipts
from .models import Audience, DoorPassing, Notice, NoticeArea, Receipt

# Title, audience, and how many days ago it was sent.
LETTERS = (
    ("电动自行车不进楼、不入户", Audience.LEADERS, 90),
    ("台风防御工作提示", Audience.EVERYONE, 60),
    ("高龄津贴年度认证", Audience.REPRESENTATIVES, 30),
    ("楼长例会", Audience.LEADERS, 10),
    ("停水通知", Audience.RESIDENTS, 2),
)
# Nine in ten have read it within two days, most of them confirmed it, eight in ten households know; by their keys.
READ = f"""
    UPDATE {Receipt._meta.db_table} SET
        read_at = least(sent_at + interval '1 hour' * (id %% 48), %(now)s),
        acknowledged_at = CASE WHEN id %% 5 > 0 THEN least(sent_at + interval '1 hour' * (id %% 48), %(now)s) END
    WHERE notice_id = ANY(%(notices)s) AND id %% 10 > 0
"""  # noqa: S608 - the name of a table
TOLD = f"""
    UPDATE {DoorPassing._meta.db_table} door SET
        outcome = CASE WHEN door.id %% 10 < 8 THEN 'told' ELSE 'nobody_home' END,
        by_id = receipt.user_id,
        at = least(door.sent_at + interval '1 hour' * (door.id %% 48), %(now)s)
    FROM {Receipt._meta.db_table} receipt
    WHERE door.notice_id = ANY(%(notices)s) AND door.id %% 10 < 9
        AND receipt.notice_id = door.notice_id AND receipt.place_id = door.place_id
"""  # noqa: S608 - as above


def make(lot: Lot) -> None:
    """Let the notices go down and most of them arrive."""
    ground: Ground = lot.made[Ground]
    community = Place.objects.get(pk=ground.community)
    grid = Place.objects.get(pk=ground.grids[lot.number % len(ground.grids)])
    kind = ContentType.objects.get_for_model(Notice).pk
    sent: list[int] = []
    for title, audience, days in LETTERS:
        at = lot.now - timedelta(days=days)
        notice = Notice.objects.create(
            place=community,
            title=title,
            body=f"{title}。请看过以后点“我知道了”。",
            audience=audience,
            must_acknowledge=True,
            answer_by=day_of(at + timedelta(days=7)),
            sender_id=ground.secretary,
            sent_at=at,
        )
        areas = [grid] if notice.is_at_the_door else [community]
        NoticeArea.objects.bulk_create(NoticeArea(notice=notice, place=area) for area in areas)
        lot.counts["receipts"] += write_receipts(notice, areas, day_of(at))
        lot.counts["doors"] += write_doors(notice, areas, day_of(at)) if notice.is_at_the_door else 0
        lot.trail.append(Deed("notice.sent", kind, notice.pk, at, ground.secretary))
        sent.append(notice.pk)
    lot.counts["notices"] += len(sent)
    with connection.cursor() as cursor:
        for statement in (READ, TOLD):
            cursor.execute(statement, {"now": lot.now, "notices": sent})


def _finds_others(expected: Mapping[str, int]) -> bool:
    return not expected.get("people") and Notice.objects.exists()


register(Part("notices", 30, make, _finds_others))
