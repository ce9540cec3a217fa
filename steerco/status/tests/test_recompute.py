"""A change of a record becomes a new snapshot with dates, forecasts, readings and health, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from steerco.areas.plan.models import WorkItem
from steerco.kit.queue import Stale
from steerco.status.models import Forecast, Health, Reading, Snapshot
from steerco.status.recompute import recompute

from datetime import datetime, UTC
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_smoke(project):
    s = recompute(project.node.pk, now=NOW)
    f = Forecast.objects.get(kind="schedule")
    print(s.summary, s.findings, s.seconds)
    for r in Reading.objects.all():
        print(r.metric, r.value, r.refused, r.inputs)
    h = Health.objects.get()
    print(h.colour, h.sentences, h.others)
    for d in h.dimensions: print(d["key"], d["colour"], d["sentences"])
    print(f.p50, f.p80, f.drivers, f.histogram)
    assert 0
