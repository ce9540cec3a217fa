"""A change of a record becomes a new snapshot with dates, forecasts, readings and health, once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from steerco.status.models import Forecast, Health, Reading
from steerco.status.recompute import recompute

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
    for d in h.dimensions:
        print(d["key"], d["colour"], d["sentences"])
    print(f.p50, f.p80, f.drivers, f.histogram)
    assert 0
