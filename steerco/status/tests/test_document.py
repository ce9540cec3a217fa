"""The page of metrics says what the declarations say."""

from __future__ import annotations

from pathlib import Path

from steerco.status.metrics import all_metrics
from steerco.status.metrics.document import page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


def test_the_page_of_metrics_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: ./steer exec python scripts/documents.py"


def test_every_metric_has_its_entry():
    assert all(f"(`{metric.slug}`)" in page() for metric in all_metrics())
