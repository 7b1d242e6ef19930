import time
from django.test import Client
from tests.browser import tour, axe
from tests.browser.conftest import *
def test_try(request, visit, places, urban):
    s = tour.scene(request, places, urban)
    t=time.time()
    stops = tour.stops(s)
    print("\nscene", time.time()-t, len(stops))
    seen={}
    a=b=0
    clients={}
    for stop in stops:
        if stop.who not in seen:
            p = s.people.get(stop.who)
            c = clients[stop.who] = Client()
            if p: c.force_login(getattr(p,"user",p))
            page = seen[stop.who] = visit(None, DESK)
            axe.bring(page.context)
            if p: page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": c.cookies[settings.SESSION_COOKIE_NAME].value, "url": request.getfixturevalue("home")}])
        if stop.first: stop.first(clients[stop.who])
        page = seen[stop.who]
        t=time.time()
        r = page.goto(stop.url)
        a+=time.time()-t
        t=time.time()
        f = axe.findings(page)
        b+=time.time()-t
        if f or r.status != 200 or page.url.split("//")[1].split("/",1)[1] != stop.url[1:]: print(stop, r.status, page.url, *f, sep="\n   ")
    print("load", a, "axe", b)
