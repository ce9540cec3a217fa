"""Every plan that MS Project saved with its own dates is reproduced to the minute."""

from pathlib import Path

import pytest

from bench.msproject_dates import compare

SCHEDULES = Path(__file__).parents[4] / "shared" / "data" / "schedules"
FILES = sorted(
    p
    for p in SCHEDULES.rglob("*")
    if p.name.endswith((".xml", ".xml.gz")) and p.parent.name in ("oracle", "mpxj_features", "converted")
)
# the largest ones take their time and hold nothing that the others do not: the benchmark reads them too
QUICK = [p for p in FILES if p.stat().st_size < 100_000 or not p.name.endswith(".gz")]


@pytest.mark.skipif(not SCHEDULES.exists(), reason=f"needs the plans in {SCHEDULES}")
def test_there_are_plans_to_compare():
    assert len(QUICK) > 30


@pytest.mark.parametrize("path", QUICK, ids=lambda p: p.name[:40])
def test_stored_dates_and_slack_are_reproduced(path):
    result = compare(path)
    if result.not_comparable:
        assert result.not_comparable == "holds no early and late dates"
    assert result.differences == []
    assert result.compared == result.equal
