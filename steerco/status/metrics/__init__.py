"""Metrics, declared once each; importing this package declares them all."""

from steerco.status.metrics import cost, evidence, freshness, resources, risk, schedule, scope
from steerco.status.metrics.base import Metric, Subject, Value, all_metrics, find

__all__ = [
    "Metric",
    "Subject",
    "Value",
    "all_metrics",
    "cost",
    "evidence",
    "find",
    "freshness",
    "resources",
    "risk",
    "schedule",
    "scope",
]
