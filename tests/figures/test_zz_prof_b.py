import time, collections
import pytest
from dataclasses import replace
import tests.figures.test_against_recount as t
from tests.figures.test_against_recount import world
from hypothesis import given, settings, HealthCheck, strategies as st, Phase
from tests.figures.histories import steps
C=collections.Counter()
def test_prof(world):
    for h in (t.SETTLED_AND_REOPENED, t.MERGED_AND_REDRAWN, t.OPENED_AND_MERGED_ON_ONE_DAY):
      with t.on_paper():
        w, looked = replace(world), {}
        for s in h:
            n=w.taken
            a=time.perf_counter()
            t.night(w, looked) if s[0]=="night" else w.take(s)
            print(s, w.taken-n, f"{time.perf_counter()-a:.2f}")

@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(steps(), min_size=6, max_size=45))
def test_share(world, h):
    with t.on_paper():
        w, looked = replace(world), {}
        for s in h:
            if s[0]=="night": continue
            n=w.taken; w.take(s); C[s[0]+(":"+s[2] if s[0]=="handle" else s[1] if s[0] in("live","redraw") else ""), w.taken-n]+=1
def test_z():
    for k,v in sorted(C.items()): print(k,v)
