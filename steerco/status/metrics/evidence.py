"""Metrics of what an AI product and a service must prove: datasheets, label agreement, service levels kept."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from steerco.status.calculation import Missing
from steerco.status.metrics.base import Subject, Value, metric


@metric(
    "datasheet_completeness",
    _("Least complete datasheet"),
    unit="ratio",
    inputs=("datasets", "datasheet fields"),
    better="higher",
    subject="datasets",
    says=_("The datasheet of {ref} is {share:percent} complete."),
    needs=_("At least one dataset in use."),
)
def datasheet_completeness(s: Subject) -> Value | Missing | None:
    used = [d for d in s.facts.datasets if d.status in {"collecting", "ready"}]
    if not used:
        if any(d.status == "planned" for d in s.facts.datasets):
            return Missing(_("No dataset is being collected or ready yet."))
        return None
    worst = min(used, key=lambda d: (d.filled / d.asked, d.number))
    share = round(worst.filled / worst.asked, 6)
    return Value(share, tuple(d.ref for d in used), {"ref": worst.ref, "share": share, "count": len(used)})


@metric(
    "label_agreement_gap",
    _("Label agreement short of what is needed"),
    unit="index",
    inputs=("label agreement κ", "κ needed"),
    better="lower",
    subject="datasets",
    says=_("κ of {ref} is {agreement:number}; {needed:number} is needed."),
    needs=_("A dataset with a needed agreement, and a measurement."),
)
def label_agreement_gap(s: Subject) -> Value | Missing | None:
    asked = [d for d in s.facts.datasets if d.agreement_needed is not None and d.status != "retired"]
    if not asked:
        return None
    measured = [d for d in asked if d.label_agreement is not None]
    if not measured:
        return Missing(
            _(
                "Label agreement is not measured (datasets that need it: {have:count} of {need:count} measured)."
            ),
            {"have": 0, "need": len(asked)},
        )
    worst = max(
        measured, key=lambda d: (float(d.agreement_needed or 0) - float(d.label_agreement or 0), -d.number)
    )
    needed, agreement = float(worst.agreement_needed or 0), float(worst.label_agreement or 0)
    ages = [(s.today - d.measured_on).days for d in measured if d.measured_on]
    return Value(
        round(max(needed - agreement, 0.0), 6),
        (worst.ref,),
        {"ref": worst.ref, "agreement": agreement, "needed": needed},
        coverage=len(measured) / len(asked),
        freshness_days=float(min(ages)) if ages else None,
    )


@metric(
    "levels_kept",
    _("Service levels kept"),
    unit="ratio",
    inputs=("agreed service levels", "measurements"),
    better="higher",
    subject="service levels",
    says=_("Service levels kept: {kept:count} of {measured:count} measured."),
    needs=_("At least one agreed service level with a measurement."),
)
def levels_kept(s: Subject) -> Value | Missing | None:
    agreed = [x for x in s.facts.levels if x.status == "agreed"]
    if not agreed:
        return None
    measured = [x for x in agreed if x.kept is not None]
    if not measured:
        return Missing(
            _("Agreed service levels with a measurement: {have:count} of {need:count}."),
            {"have": 0, "need": len(agreed)},
        )
    kept = [x for x in measured if x.kept]
    broken = tuple(x.ref for x in measured if not x.kept)
    ages = [(s.today - x.measured_on).days for x in measured if x.measured_on]
    return Value(
        round(len(kept) / len(measured), 6),
        broken or tuple(x.ref for x in kept),
        {"kept": len(kept), "measured": len(measured), "agreed": len(agreed)},
        coverage=len(measured) / len(agreed),
        freshness_days=float(min(ages)) if ages else None,
    )
