"""The page of all metrics, written from their declarations and the policy's limits, so that it cannot go stale unseen."""

from __future__ import annotations

from django.utils import translation

from steerco.status.metrics.base import Metric, all_metrics
from steerco.status.policy import Policy, standard

HEAD = """# Metrics

Written from the declarations in `steerco/status/metrics/` and the limits in `steerco/policies/health.yaml`; do not edit by
hand: `./steer exec python scripts/documents.py`.

A metric has a value, refuses with what is missing, or does not apply. Refused metrics never count as good news: a
dimension without its deciding metrics is unknown.
"""


def page() -> str:
    """The whole page in Markdown, in English."""
    with translation.override("en"):
        policy = standard()
        parts = [HEAD]
        named: set[str] = set()
        for dimension in policy.dimensions:
            slugs = [rule.metric for rule in dimension.rules]
            slugs += [m for m in dimension.decided_by if m not in slugs]
            named.update(slugs)
            decided = ", ".join(f"`{m}`" for m in dimension.decided_by)
            parts.append(f"## {dimension.label['en']}\n\nDecided by {decided}.\n")
            parts += [_entry(m, policy) for m in all_metrics() if m.slug in slugs]
        rest = [m for m in all_metrics() if m.slug not in named]
        if rest:
            parts.append("## Read, not judged\n")
            parts += [_entry(m, policy) for m in rest]
        return "\n".join(parts)


def _entry(metric: Metric, policy: Policy) -> str:
    limits = [
        f"{colour} {limit.how.replace('_', ' ')} {limit.limit:g}"
        for dimension in policy.dimensions
        for rule in dimension.rules
        if rule.metric == metric.slug
        for colour, limit in (("red", rule.red), ("amber", rule.amber))
        if limit
    ]
    rows = [
        f"### {metric.label} (`{metric.slug}`)\n",
        f"- Unit: {metric.unit}; of the {metric.subject}; better is {metric.better}; rule version {metric.version}.",
        f"- Computed from: {', '.join(metric.inputs)}.",
        f"- Needs: {metric.needs}",
        f"- Says: “{metric.says}”",
    ]
    if limits:
        rows.append(f"- Limits: {'; '.join(limits)}.")
    return "\n".join(rows) + "\n"
