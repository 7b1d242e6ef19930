import random
from decimal import Decimal
import pytest
from django.urls import reverse
from grid.places import services
from grid.places.models import Level
from portal.figures.reading import Value
from portal.figures.registry import figures
from tests.browser.devices import Device
from tests.cast import SINCE

def fake(places, keys, periods):
    rnd = random.Random(5)
    out = {}
    for p in places:
        for period in periods:
            for k in keys:
                f = figures.items[k]
                if k.endswith("_rate") or k.endswith("score"):
                    n = rnd.randint(0, 40); v = Decimal(rnd.randint(500, 1000))/10 if n else None
                    out[p.pk, period, k] = Value(v, n, None)
                else:
                    v = rnd.randint(0, 13000 if k.startswith("places") else 125 if p.level<40 else 30)
                    out[p.pk, period, k] = Value(v, v)
    return out

def test_look(visit, he, places, monkeypatch):
    monkeypatch.setattr("portal.dashboard.board.series", fake)
    for i in range(3, 11):
        services.open_place(level=Level.COMMUNITY, code=f"4401131060{i:02}", name=["莲塘","金山","雁洲","官涌","永善","海傍","岐山中路片区联合","文边"][i-3]+"社区", parent=places.street, actor=None, since=SINCE)
    for (w, h, phone) in ((1920,1080,False),(390,844,True)):
        page = visit(he, Device(w,h,phone))
        page.goto(reverse("dashboard:wall", args=[places.street.pk]))
        n = page.locator("[data-wall-panel]").count()
        for i in range(n):
            page.wait_for_timeout(900)
            page.screenshot(path=f"/tmp/w/charts_d/wall-{w}-{i+1}.png")
            page.locator("[data-wall-step='1']").click()
        if phone:
            page.screenshot(path=f"/tmp/w/charts_d/wall-{w}-full.png", full_page=True)
    page = visit(he, Device(1920,1080,False), scripts=False)
    for i in range(n):
        page.goto(reverse("dashboard:wall", args=[places.street.pk])+f"?show={i+1}")
        page.screenshot(path=f"/tmp/w/charts_d/wall-plain-{i+1}.png")
