"""Is a schedule fit to be believed: the fourteen points of the DCMA assessment, and lists that only look like plans.

After the Defense Contract Management Agency's 14-point schedule assessment (2012); the limits are its own, in `Limits`.
Percentages say little about a handful of tasks: below `Limits.few_tasks` only single faults are reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from steerco.engine.check import Finding, Severity
from steerco.engine.network import schedule as calculate
from steerco.engine.plan import Constraint, LagUnit, LinkType, Plan, Task, to_moment
from steerco.engine.schedule import Schedule

HARD = frozenset({Constraint.SNLT, Constraint.FNLT, Constraint.MSO, Constraint.MFO})
PUSH_DAYS = 600  # the critical path test lengthens a task by this much


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a share or size becomes a finding; shares from 0 to 1, lengths in working days."""

    few_tasks: int = 10
    missing_logic: float = 0.05
    lags: float = 0.05
    finish_to_start: float = 0.90
    hard_constraints: float = 0.05
    manual_tasks: float = 0.05
    high_float_days: float = 44
    high_float: float = 0.05
    high_duration_days: float = 44
    high_duration: float = 0.05
    missed_tasks: float = 0.05
    index: float = 0.95  # critical path length index and baseline execution index
    batch: int = 8  # unlinked tasks of one length on one date


def findings(plan: Plan, schedule: Schedule, limits: Limits | None = None) -> tuple[Finding, ...]:
    """What makes the schedule hard to believe, worst first; each with its value, its threshold and a remedy."""
    facts = _Facts(plan, schedule)
    limits = limits or Limits()
    if not facts.open:
        return ()
    found = [*_single_faults(facts, limits)]
    if len(facts.open) < limits.few_tasks:
        found.append(
            Finding(
                "too-few-tasks",
                Severity.NOTE,
                f"The plan has {len(facts.open)} open tasks: too few to judge it by shares of them.",
                "Nothing to do for a small plan; otherwise break the work down.",
                value=len(facts.open),
                threshold=limits.few_tasks,
            )
        )
    else:
        found += _shares(facts, limits)
    found += _against_baseline(facts, limits)
    rank = list(Severity)
    return tuple(sorted(found, key=lambda f: rank.index(f.severity)))


class _Facts:
    """What several checks ask: open tasks, who is linked, days."""

    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self.plan = plan
        self.schedule = schedule
        self.parents = {t.parent for t in plan.tasks if t.parent}
        above = {t.key: t.parent for t in plan.tasks}
        self.leaves = [t for t in plan.tasks if t.key not in self.parents and not t.inactive]
        self.open = [t for t in self.leaves if t.actual_finish is None]
        self.work = [t for t in self.open if t.duration > 0]
        known = {t.key for t in self.leaves}
        self.links = [
            link for link in plan.links if (link.successor in known or link.successor in self.parents)
        ]
        followed = {link.predecessor for link in self.links}
        driven = {link.successor for link in self.links}
        pulled_by_finish = {
            link.predecessor for link in self.links if link.type in (LinkType.FS, LinkType.FF)
        }
        pushes_start = {link.successor for link in self.links if link.type in (LinkType.FS, LinkType.SS)}

        def reaches(keys: set[str]) -> set[str]:
            held = set()
            for task in self.leaves:
                key = task.key
                while key:
                    if key in keys:
                        held.add(task.key)
                        break
                    key = above.get(key, "")
            return held

        self.driven, self.followed = reaches(driven), reaches(followed)
        self.start_driven, self.finish_followed = reaches(pushes_start), reaches(pulled_by_finish)

    def days(self, minutes: float) -> float:
        return minutes / self.plan.options.minutes_per_day


def _keys(tasks: Iterable[Task]) -> tuple[str, ...]:
    return tuple(t.key for t in tasks)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _share(
    tasks: list[Task],
    of: int,
    limit: float,
    code: str,
    what: str,
    remedy: str,
    severity: Severity = Severity.WARNING,
) -> Iterator[Finding]:
    """A finding when more than a share of the tasks is concerned."""
    value = len(tasks) / of if of else 0.0
    if value > limit:
        sentence = f"{_count(len(tasks), 'task')} of {of} ({value:.0%}) {what}; {limit:.0%} is usual."
        yield Finding(code, severity, sentence, remedy, _keys(tasks), value, limit)


def _single_faults(facts: _Facts, limits: Limits) -> Iterator[Finding]:
    _plan, schedule = facts.plan, facts.schedule
    late = [t for t in facts.open if schedule[t.key].total_float < 0]
    if late:
        worst = min(schedule[t.key].total_float for t in late)
        yield Finding(
            "negative-float",
            Severity.ERROR,
            f"{_count(len(late), 'task')} cannot keep the dates that are set: {-facts.days(worst):.1f} days are missing at worst.",
            "Shorten or overlap work on the critical path, or move the constraint or deadline behind it.",
            _keys(late),
            worst,
            0,
        )
    leads = [link for link in facts.links if link.lag < 0]
    if leads:
        yield Finding(
            "leads",
            Severity.WARNING,
            f"{_count(len(leads), 'link')} of {len(facts.links)} start work before its predecessor is done (negative lag).",
            "Split the predecessor at the point from which the successor can start.",
            tuple(dict.fromkeys(link.successor for link in leads)),
            len(leads),
            0,
        )
    yield from _invalid_dates(facts)
    yield from _batches(facts, limits)
    yield from _critical_path_test(facts)


def _invalid_dates(facts: _Facts) -> Iterator[Finding]:
    now = facts.plan.data_date
    if now is None:
        return
    future = [t for t in facts.leaves if max(t.actual_start or now, t.actual_finish or now) > now]
    if future:
        yield Finding(
            "actuals-in-the-future",
            Severity.ERROR,
            f"{_count(len(future), 'task')} report work after the data date {to_moment(now):%Y-%m-%d}.",
            "Correct the actual dates or the data date.",
            _keys(future),
            len(future),
            0,
        )
    past = [t for t in facts.open if _left_behind(facts, t, now)]
    if past:
        yield Finding(
            "forecast-in-the-past",
            Severity.ERROR,
            f"{_count(len(past), 'task')} should have started or finished before the data date {to_moment(now):%Y-%m-%d} and did not report it.",
            "Report what happened, or reschedule the remaining work after the data date.",
            _keys(past),
            len(past),
            0,
        )


def _left_behind(facts: _Facts, task: Task, now: int) -> bool:
    dates = facts.schedule[task.key]
    return dates.finish < now or (task.actual_start is None and dates.start < now)


def _batches(facts: _Facts, limits: Limits) -> Iterator[Finding]:
    """Tasks of one length on one date with no links: a list somebody typed, whose dates mean nothing."""
    groups: dict[tuple[int, int], list[Task]] = defaultdict(list)
    for task in facts.work:
        if task.key not in facts.driven and task.key not in facts.followed and task.actual_start is None:
            groups[facts.schedule[task.key].start // 1440, task.duration].append(task)
    for (day, duration), tasks in sorted(groups.items()):
        if len(tasks) >= limits.batch:
            yield Finding(
                "unlinked-batch",
                Severity.ERROR,
                f"{len(tasks)} tasks of {facts.days(duration):g} days each all start on {to_moment(day * 1440):%Y-%m-%d} and have no links: their dates say nothing.",
                "Link the tasks in the order of the work, and estimate each of them.",
                _keys(tasks),
                len(tasks),
                limits.batch,
            )


def _critical_path_test(facts: _Facts) -> Iterator[Finding]:
    """Does the plan's finish move when critical work takes much longer?"""
    plan, schedule = facts.plan, facts.schedule
    critical = [
        t for t in facts.work if schedule[t.key].is_critical and not t.manual and t.actual_start is None
    ]
    if not critical or plan.options.schedule_from_finish:
        return
    first = min(critical, key=lambda t: schedule[t.key].start)
    push = PUSH_DAYS * plan.options.minutes_per_day
    demands = tuple(replace(d, work=None, remaining_work=None) for d in first.demands)
    longer = replace(first, duration=first.duration + push, remaining=None, demands=demands)
    moved = calculate(replace(plan, tasks=tuple(longer if t is first else t for t in plan.tasks)))
    ends = [t.key for t in facts.leaves if schedule[t.key].finish == schedule.project_finish]
    shift = max(moved[key].finish for key in ends) - schedule.project_finish
    if shift < push // 2:
        yield Finding(
            "critical-path-test",
            Severity.WARNING,
            f"{first.key!r} is critical, yet {PUSH_DAYS} days more of it do not move the plan's last task: the logic is broken in between.",
            "Link the work behind it, and look for hard constraints and pinned dates there.",
            (first.key, *ends),
            shift / 1440,
            PUSH_DAYS,
        )


def _shares(facts: _Facts, limits: Limits) -> Iterator[Finding]:
    plan, schedule, number = facts.plan, facts.schedule, len(facts.open)
    first = min(
        (t for t in facts.open if t.key not in facts.driven),
        key=lambda t: schedule[t.key].start,
        default=None,
    )
    last = max(
        (t for t in facts.open if t.key not in facts.followed),
        key=lambda t: schedule[t.key].finish,
        default=None,
    )
    undriven = [
        t for t in facts.open if t.key not in facts.driven and t is not first and t.actual_start is None
    ]
    yield from _share(
        undriven,
        number,
        limits.missing_logic,
        "missing-predecessors",
        "have no predecessor",
        "Link each to the work it has to wait for.",
    )
    unfollowed = [t for t in facts.open if t.key not in facts.followed and t is not last]
    yield from _share(
        unfollowed,
        number,
        limits.missing_logic,
        "missing-successors",
        "have no successor",
        "Link each to the work or milestone that needs its result.",
    )
    dangling = [
        t
        for t in facts.work
        if (t.key in facts.driven and t.key not in facts.start_driven)
        or (t.key in facts.followed and t.key not in facts.finish_followed)
    ]
    yield from _share(
        dangling,
        number,
        limits.missing_logic,
        "dangling",
        "are linked at one end only: nothing drives their start, or nothing waits for their finish",
        "Add a link at the open end.",
    )
    yield from _links(facts, limits)
    hard = [
        t
        for t in facts.open
        if (plan.options.honour_constraints or t.mandatory) and {t.constraint, t.second_constraint} & HARD
    ]
    yield from _share(
        hard,
        number,
        limits.hard_constraints,
        "hard-constraints",
        "have a hard constraint, which hides what the links would say",
        "Use deadlines, or start-no-earlier-than.",
    )
    manual = [t for t in facts.open if t.manual]
    yield from _share(
        manual,
        number,
        limits.manual_tasks,
        "manual-tasks",
        "are pinned by hand and follow no link",
        "Let the links schedule them.",
    )
    high_float = [t for t in facts.open if facts.days(schedule[t.key].total_float) > limits.high_float_days]
    yield from _share(
        high_float,
        number,
        limits.high_float,
        "high-float",
        f"have more than {limits.high_float_days:g} days of float",
        "Look for missing successors.",
    )
    remaining = [
        t for t in facts.work if not t.elapsed and facts.days(t.duration) > limits.high_duration_days
    ]
    yield from _share(
        remaining,
        len(facts.work),
        limits.high_duration,
        "high-duration",
        f"take more than {limits.high_duration_days:g} days",
        "Break them down until progress can be seen.",
    )
    if plan.resources:
        bare = [t for t in facts.work if not t.demands and facts.days(t.duration) >= 1]
        yield from _share(
            bare,
            len(facts.work),
            0.0,
            "missing-resources",
            "have nobody assigned",
            "Assign who does the work.",
            Severity.NOTE,
        )


def _links(facts: _Facts, limits: Limits) -> Iterator[Finding]:
    links = facts.links
    if not links:
        return
    lagged = [link for link in links if link.lag > 0]
    value = len(lagged) / len(links)
    if value > limits.lags:
        ends = tuple(dict.fromkeys(link.successor for link in lagged))
        elapsed = sum(link.lag_unit in (LagUnit.ELAPSED, LagUnit.ELAPSED_PERCENT) for link in lagged)
        kind = f", {elapsed} of them elapsed" if elapsed else ""
        sentence = f"{len(lagged)} of {len(links)} links ({value:.0%}) wait with a lag{kind}; {limits.lags:.0%} is usual."
        yield Finding(
            "lags",
            Severity.WARNING,
            sentence,
            "Make the waiting a task with an owner.",
            ends,
            value,
            limits.lags,
        )
    other = [link for link in links if link.type is not LinkType.FS]
    value = 1 - len(other) / len(links)
    if value < limits.finish_to_start:
        ends = tuple(dict.fromkeys(link.successor for link in other))
        sentence = (
            f"{value:.0%} of the links are finish-to-start; at least {limits.finish_to_start:.0%} is usual."
        )
        yield Finding(
            "link-types",
            Severity.WARNING,
            sentence,
            "Split tasks so that one starts when another is done.",
            ends,
            value,
            limits.finish_to_start,
        )


def _against_baseline(facts: _Facts, limits: Limits) -> Iterator[Finding]:
    plan, schedule = facts.plan, facts.schedule
    now = plan.data_date
    due = [
        t
        for t in facts.leaves
        if now is not None and t.baseline_finish is not None and t.baseline_finish <= now
    ]
    if len(due) >= limits.few_tasks:
        missed = [t for t in due if t.actual_finish is None or t.actual_finish > (t.baseline_finish or 0)]
        yield from _share(
            missed,
            len(due),
            limits.missed_tasks,
            "missed-tasks",
            "due by now in the baseline were missed or finished late",
            "Agree on recovery, or on a new baseline through change control.",
        )
        done = sum(t.actual_finish is not None for t in facts.leaves)
        value = done / len(due)
        if value < limits.index:
            sentence = f"{done} tasks are done where the baseline has {len(due)} (baseline execution index {value:.2f}, at least {limits.index:.2f} is usual)."
            yield Finding(
                "baseline-execution-index",
                Severity.WARNING,
                sentence,
                "Agree on recovery.",
                (),
                value,
                limits.index,
            )
    begin = now if now is not None else schedule.project_start
    length = schedule.project_finish - begin
    if plan.finish is not None and length > 0 and not plan.options.schedule_from_finish:
        value = (plan.finish - begin) / length
        if value < limits.index:
            sentence = f"The plan ends {to_moment(schedule.project_finish):%Y-%m-%d} but must end {to_moment(plan.finish):%Y-%m-%d} (critical path length index {value:.2f}, at least {limits.index:.2f} is usual)."
            yield Finding(
                "critical-path-length-index",
                Severity.ERROR,
                sentence,
                "Shorten the critical path or agree on another date.",
                (),
                value,
                limits.index,
            )
