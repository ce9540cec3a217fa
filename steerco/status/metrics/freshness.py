"""Metrics of the evidence itself: when anything was last heard, started work gone quiet, estimates grown old."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from steerco.status.calculation import Missing
from steerco.status.metrics.base import Subject, Value, metric


@metric(
    "days_since_update",
    _("Days since the last update"),
    unit="d",
    inputs=("imports", "changes of work items"),
    better="lower",
    says=_("The last import or report is {age:days} old."),
    needs=_("At least one work item."),
)
def days_since_update(s: Subject) -> Value | Missing | None:
    if not s.facts.sources:
        return Missing(_("There are no work items yet."))
    newest = max(source.last for source in s.facts.sources)
    age = float(max((s.today - newest.date()).days, 0))
    oldest = min((x for x in s.facts.sources), key=lambda x: x.last)
    return Value(
        age,
        figures={
            "age": age,
            "sources": [
                {"system": x.system, "last": x.last.date().isoformat(), "records": x.records}
                for x in s.facts.sources
            ],
            "oldest": oldest.system,
        },
        freshness_days=age,
    )


@metric(
    "stale_started",
    _("Started work without an update"),
    unit="ratio",
    inputs=("started work items", "last change"),
    better="lower",
    says=_("Started items without an update for {days:days}: {count:count} of {started:count}."),
    needs=_("At least one started work item."),
)
def stale_started(s: Subject) -> Value | Missing | None:
    started = [i for i in s.facts.leaves if i.is_started and not i.is_done]
    if not started:
        return None
    days = int(s.policy.document["freshness"]["stale_after_days"])
    quiet = [i for i in started if i.changed_at.date() < s.today - timedelta(days=days)]
    share = round(len(quiet) / len(started), 6)
    return Value(
        share,
        tuple(i.ref for i in quiet[:20]),
        {"count": len(quiet), "started": len(started), "share": share, "days": days},
    )


@metric(
    "stale_estimates",
    _("Open estimates grown old"),
    unit="ratio",
    inputs=("open work items", "last change"),
    better="lower",
    says=_("Open estimates older than {days:days}: {count:count} of {open:count}."),
    needs=_("At least one open work item with a duration or points."),
)
def stale_estimates(s: Subject) -> Value | Missing | None:
    estimated = [
        i
        for i in s.facts.leaves
        if not i.is_started and (i.duration or i.points or i.most_likely is not None)
    ]
    if not estimated:
        return None
    days = int(s.policy.document["freshness"]["plan_stale_after_days"])
    old = [i for i in estimated if i.changed_at.date() < s.today - timedelta(days=days)]
    share = round(len(old) / len(estimated), 6)
    return Value(
        share,
        tuple(i.ref for i in old[:20]),
        {"count": len(old), "open": len(estimated), "share": share, "days": days},
    )
