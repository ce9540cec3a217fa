"""Metrics of time: the chance of the commitment, slips against baseline and deadlines, earned schedule, plan quality."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from steerco.engine.plan import to_minute, to_moment
from steerco.engine.refused import Refused
from steerco.status.calculation import MINUTES_A_DAY, Missing
from steerco.status.metrics.base import Subject, Value, metric

NO_COMMITMENT = Missing(_("No finish date has been committed."))


def committed_minute(s: Subject) -> int | None:
    """The end of the committed day."""
    day = s.facts.node.committed_finish
    return None if day is None else to_minute(datetime(day.year, day.month, day.day)) + MINUTES_A_DAY


def finish_name(s: Subject) -> str | None:
    """What people call the finish: the one milestone that ends the plan, if there is one."""
    schedule = s.calc.schedule
    if schedule is None:
        return None
    last = [
        item.title
        for item in s.facts.items
        if item.kind == "milestone"
        and item.ref in schedule.position
        and schedule[item.ref].finish >= schedule.project_finish
    ]
    return last[0] if len(last) == 1 else None


@metric(
    "commitment_confidence",
    _("Chance of the committed date"),
    unit="%",
    inputs=("forecast of the finish", "committed finish"),
    better="higher",
    says=_(
        "{finish:finish} on {committed:date} has a {chance:percent} chance; {needed:percent} was committed."
    ),
    needs=_("A committed finish and a forecast."),
)
def commitment_confidence(s: Subject) -> Value | Missing | None:
    committed, finish = committed_minute(s), s.calc.best
    if committed is None:
        return NO_COMMITMENT
    if isinstance(finish, Missing):
        return finish
    chance, needed = finish.chance(committed), s.facts.node.committed_confidence / 100
    return Value(
        chance,
        refs=tuple(d.ref for d in finish.drivers[:5]),
        figures={
            "finish": finish_name(s),
            "committed": str(s.facts.node.committed_finish),
            "chance": chance,
            "needed": needed,
        },
        coverage=1 - finish.assumed_share,
        confidence=needed,
    )


@metric(
    "confidence_gap",
    _("Confidence short of the commitment"),
    unit="points",
    inputs=("forecast of the finish", "committed finish", "committed confidence"),
    better="lower",
    says=_("{gap:points} points of confidence are missing for {committed:date}."),
    needs=_("A committed finish and a forecast."),
)
def confidence_gap(s: Subject) -> Value | Missing | None:
    chance = commitment_confidence(s)
    if not isinstance(chance, Value):
        return chance
    gap = round(max(chance.figures["needed"] - chance.value, 0.0) * 100, 4)
    return Value(gap, chance.refs, {**chance.figures, "gap": gap}, chance.coverage)


@metric(
    "p80_slip",
    _("P80 past the commitment"),
    unit="d",
    inputs=("forecast of the finish", "committed finish"),
    better="lower",
    says=_("P80 is {p80:date}, {days:days} from the commitment of {committed:date}."),
    needs=_("A committed finish and a forecast."),
)
def p80_slip(s: Subject) -> Value | Missing | None:
    committed, finish = committed_minute(s), s.calc.best
    if committed is None:
        return NO_COMMITMENT
    if isinstance(finish, Missing):
        return finish
    p80 = finish.percentile(80)
    days = _days_after(p80, s)
    figures = {
        "days": days,
        "p80": to_moment(round(p80)).date().isoformat(),
        "committed": str(s.facts.node.committed_finish),
    }
    return Value(days, tuple(d.ref for d in finish.drivers[:5]), figures, 1 - finish.assumed_share)


def _days_after(minute: float, s: Subject) -> float:
    """Whole days from the committed day to the day of a minute; negative before it."""
    committed = s.facts.node.committed_finish
    assert committed is not None
    return float((to_moment(round(minute)).date() - committed).days)


@metric(
    "finish_slip",
    _("Finish against the baseline"),
    unit="d",
    inputs=("planned finish", "baseline finish"),
    better="lower",
    says=_("The planned finish is {finish:date}; the baseline said {baseline:date}."),
    needs=_("A baseline and a plan."),
)
def finish_slip(s: Subject) -> Value | Missing | None:
    if s.calc.schedule is None:
        return None
    based = [i for i in s.facts.leaves if i.baseline_finish is not None and i.ref in s.calc.schedule.position]
    if not based:
        return Missing(_("There is no baseline to compare with."))
    baseline = max(i.baseline_finish for i in based if i.baseline_finish)
    planned = max(s.calc.schedule[i.ref].finish for i in based)
    days = round((planned - to_minute(baseline)) / MINUTES_A_DAY, 1)
    last = max(based, key=lambda i: s.calc.schedule[i.ref].finish)  # type: ignore[index]
    return Value(
        days,
        (last.ref,),
        {
            "days": days,
            "finish": to_moment(planned).date().isoformat(),
            "baseline": baseline.date().isoformat(),
        },
        coverage=len(based) / max(len(s.plan.ids), 1),
    )


@metric(
    "critical_slip",
    _("Slip on the critical path"),
    unit="d",
    inputs=("critical tasks", "baseline finish"),
    better="lower",
    says=_("{ref} on the critical path is {days:days} from its baseline."),
    needs=_("A baseline of at least one critical task."),
)
def critical_slip(s: Subject) -> Value | Missing | None:
    schedule = s.calc.schedule
    if schedule is None:
        return None
    late = [
        ((schedule[i.ref].finish - to_minute(i.baseline_finish)) / MINUTES_A_DAY, i)
        for i in s.facts.leaves
        if i.baseline_finish is not None and i.ref in schedule.position and schedule[i.ref].is_critical
    ]
    if not late:
        return Missing(_("No open critical task has a baseline."))
    days, item = max(late, key=lambda pair: (pair[0], -pair[1].number))
    days = round(days, 1)
    return Value(days, (item.ref,), {"days": days, "ref": item.ref, "title": item.title})


@metric(
    "spi_t",
    _("Earned schedule, SPI(t)"),
    unit="index",
    inputs=("baseline", "progress", "data date"),
    better="higher",
    says=_("Work earns {index:number} weeks of plan per week."),
    needs=_("A baseline, progress and a data date."),
)
def spi_t(s: Subject) -> Value | Missing | None:
    if isinstance(s.calc.earned_schedule, Missing):
        return s.calc.earned_schedule
    index = s.calc.earned_schedule.schedule_performance_index
    if isinstance(index, Refused):
        return refused(index)
    return Value(
        round(index, 4), figures={"index": index, "variance": s.calc.earned_schedule.schedule_variance}
    )


@metric(
    "late_milestones",
    _("Deadlines missed by the plan"),
    unit="count",
    inputs=("deadlines", "planned finish"),
    better="lower",
    says=_("Deadlines missed by the plan: {count:count} of {all:count}."),
    needs=_("A deadline on at least one open item."),
)
def late_milestones(s: Subject) -> Value | Missing | None:
    schedule = s.calc.schedule
    due = [i for i in s.facts.leaves if i.deadline is not None and not i.is_done]
    if schedule is None or not due:
        return None
    due = [i for i in due if i.ref in schedule.position]
    late = [i for i in due if schedule[i.ref].finish > to_minute(i.deadline)]  # type: ignore[arg-type]
    late.sort(key=lambda i: (i.deadline, i.number))
    refs = tuple(i.ref for i in late)
    return Value(
        float(len(late)),
        refs,
        {"count": len(late), "all": len(due), "ref": refs[0] if refs else ""},
    )


@metric(
    "schedule_quality",
    _("Schedule quality"),
    unit="score",
    inputs=("links", "constraints", "durations", "float"),
    better="higher",
    says=_("{score:number} of 100 points; {worst}."),
    needs=_("A plan with tasks."),
)
def schedule_quality(s: Subject) -> Value | Missing | None:
    if s.calc.schedule is None:
        return None
    if isinstance(s.calc.quality, Missing):
        return s.calc.quality
    worst = [f for f in s.calc.findings if f.severity != "note"]
    first = worst[0].sentence.rstrip(".") if worst else str(_("no findings"))
    refs = tuple(dict.fromkeys(key for f in worst for key in f.tasks))[:20]
    return Value(
        round(s.calc.quality, 1),
        refs,
        {"score": round(s.calc.quality), "worst": first[:180], "count": len(worst)},
    )


def refused(reason: Refused) -> Missing:
    """An engine's refusal as a metric's: the same counts, in a sentence that can be translated."""
    if reason.need > 1:
        return Missing(
            _("Not enough evidence: {have:number} of {need:number} {missing}."),
            {"have": reason.have, "need": reason.need, "missing": reason.missing},
        )
    return Missing(_("Missing: {missing}. {remedy}"), {"missing": reason.missing, "remedy": reason.remedy})
