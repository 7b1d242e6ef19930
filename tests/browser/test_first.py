import re
from .conftest import PHONE, DESK
def test_x(visit, chen):
    p = visit(chen, PHONE)
    p.goto("/")
    p.screenshot(path="/tmp/w/browser/x.png")
    print(p.content()[:500], p.title())
    p.evaluate("fetch('http://example.org/').catch(()=>0)")
def test_y(visit, chen):
    p = visit(chen, PHONE)
    p.goto("/incidents/report/")
    p.screenshot(path="/tmp/w/browser/y.png")
def test_z(visit, chen):
    p = visit(chen, PHONE)
    p.goto("/incidents/")
