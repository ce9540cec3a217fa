"""What is wrong with a plan before anything is calculated: every fault found, each with a sentence and a remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from steerco.engine.order import circle
from steerco.engine.plan import Constraint, Plan, Task, to_moment

NEEDS_DATE = frozenset(Constraint) - {Constraint.ASAP, Constraint.ALAP}


class Severity(StrEnum):
    """An error stops the calculation, a warning distorts it, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a plan: what, where, how bad, what to do."""

    code: str
    severity: Severity
    sentence: str
    remedy: str
    tasks: tuple[str, ...] = ()
    value: float | None = None
    threshold: float | None = None


class PlanError(ValueError):
    """A plan that cannot be calculated; `findings` says everything that is wrong with it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(f.sentence for f in self.findings))


class Cycle(PlanError):
    """Links run in a circle; `tasks` names them in the order of the links, the first one not repeated."""

    def __init__(self, findings: Iterable[Finding], tasks: tuple[str, ...]) -> None:
        self.tasks = tasks
        super().__init__(findings)


def check(plan: Plan) -> tuple[Finding, ...]:
    """Everything that keeps the plan from being calculated; empty when nothing does."""
    found = faults(plan)
    return tuple(found or _circles(plan))


def faults(plan: Plan) -> list[Finding]:
    """What `check` finds except circles."""
    found: list[Finding] = []
    found += _keys(plan)
    found += _calendars(plan)
    for task in plan.tasks:
        found += _task(task)
    found += _links(plan)
    if plan.options.schedule_from_finish and plan.finish is None:
        found.append(
            _error(
                "no-finish", "The plan is scheduled from its finish but has none.", "Set the plan's finish."
            )
        )
    return found


def refuse_faults(plan: Plan) -> None:
    """Raise PlanError with all faults, circles apart."""
    found = faults(plan)
    if found:
        raise PlanError(found)


def refuse_circle(plan: Plan) -> None:
    """Raise Cycle when links run in a circle."""
    found = list(_circles(plan))
    if found:
        raise Cycle(found, found[0].tasks)


def _error(code: str, sentence: str, remedy: str, *tasks: str) -> Finding:
    return Finding(code, Severity.ERROR, sentence, remedy, tasks)


def _keys(plan: Plan) -> Iterable[Finding]:
    for key, count in Counter(t.key for t in plan.tasks).items():
        if count > 1:
            yield _error(
                "duplicate-key",
                f"Task key {key!r} stands {count} times in the plan.",
                "Give each task its own key.",
                key,
            )
    for key, count in Counter(r.key for r in plan.resources).items():
        if count > 1:
            yield _error(
                "duplicate-key",
                f"Resource key {key!r} stands {count} times in the plan.",
                "Give each resource its own key.",
            )
    known = {t.key for t in plan.tasks}
    parents = {t.key: t.parent for t in plan.tasks}
    people = {r.key for r in plan.resources}
    for task in plan.tasks:
        if task.parent and task.parent not in known:
            yield _error(
                "unknown-parent",
                f"Task {task.key!r} belongs to {task.parent!r}, which is not in the plan.",
                "Add the summary task or take the task out of it.",
                task.key,
            )
        for demand in task.demands:
            if demand.resource not in people:
                yield _error(
                    "unknown-resource",
                    f"Task {task.key!r} needs resource {demand.resource!r}, which is not in the plan.",
                    "Add the resource or remove the assignment.",
                    task.key,
                )
        above, seen = task.parent, {task.key}
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == task.key:
            yield _error(
                "parent-circle",
                f"Task {task.key!r} is, over its parents, part of itself.",
                "Take it out of one of them.",
                task.key,
            )


def _calendars(plan: Plan) -> Iterable[Finding]:
    users = [("The plan", plan.calendar, True)]
    users += [(f"Task {t.key!r}", t.calendar, False) for t in plan.tasks if t.calendar]
    users += [(f"Resource {r.key!r}", r.calendar, False) for r in plan.resources if r.calendar]
    for who, key, needed in users:
        if key not in plan.calendars and (key or needed):
            yield _error(
                "unknown-calendar",
                f"{who} uses calendar {key!r}, which is not in the plan.",
                "Add the calendar or choose one of the plan's.",
            )


def _task(task: Task) -> Iterable[Finding]:
    key = task.key
    if task.duration < 0:
        yield _error(
            "negative-duration",
            f"Task {key!r} ends before it starts: its duration is {task.duration} minutes.",
            "Set a duration of 0 or more.",
            key,
        )
    if task.remaining is not None and task.remaining < 0:
        yield _error(
            "negative-duration",
            f"Task {key!r} has {task.remaining} minutes of work left.",
            "Set 0 or more.",
            key,
        )
    if not 0 <= task.percent_complete <= 100:
        yield _error(
            "percent",
            f"Task {key!r} is {task.percent_complete} % complete.",
            "Set a percentage from 0 to 100.",
            key,
        )
    for name, start, finish in (
        ("actual", task.actual_start, task.actual_finish),
        ("manual", task.manual_start, task.manual_finish),
    ):
        if start is not None and finish is not None and finish < start:
            yield _error(
                "ends-before-start",
                f"Task {key!r} ends before it starts: {name} finish {to_moment(finish):%Y-%m-%d %H:%M} is before {name} start {to_moment(start):%Y-%m-%d %H:%M}.",
                "Correct one of the two dates.",
                key,
            )
    if task.actual_finish is not None and task.actual_start is None:
        yield _error(
            "finish-without-start",
            f"Task {key!r} has an actual finish but no actual start.",
            "Add the actual start.",
            key,
        )
    for kind, at in (
        (task.constraint, task.constraint_date),
        (task.second_constraint, task.second_constraint_date),
    ):
        if kind in NEEDS_DATE and at is None:
            yield _error(
                "constraint-date",
                f"Task {key!r} has the constraint '{kind.value.replace('_', ' ')}' without a date.",
                "Add the date or remove the constraint.",
                key,
            )
    for demand in task.demands:
        if demand.units < 0 or (demand.work is not None and demand.work < 0):
            yield _error(
                "negative-demand",
                f"Task {key!r} needs {demand.units} units of {demand.resource!r} for {demand.work} minutes.",
                "Set 0 or more.",
                key,
            )


def _links(plan: Plan) -> Iterable[Finding]:
    parents = {t.key: t.parent for t in plan.tasks}
    for link in plan.links:
        a, b = link.predecessor, link.successor
        if a != b and parents.get(a) == "" and parents.get(b) == "":
            continue
        for key in (k for k in dict.fromkeys((a, b)) if k not in parents):
            yield _error(
                "unknown-task",
                f"The link from {a!r} to {b!r} names task {key!r}, which is not in the plan.",
                "Remove the link or add the task.",
                key,
            )
        if a == b:
            yield _error("self-link", f"Task {a!r} is linked to itself.", "Remove the link.", a)
            continue
        for inner, outer in ((a, b), (b, a)):
            above, steps = parents.get(inner, ""), 0
            while above and above != outer and steps <= len(parents):
                above, steps = parents.get(above, ""), steps + 1
            if above == outer:
                yield _error(
                    "link-to-own-summary",
                    f"Task {inner!r} is linked to its own summary {outer!r}.",
                    "Link the tasks inside the summary instead.",
                    inner,
                    outer,
                )


def _circles(plan: Plan) -> Iterable[Finding]:
    tasks = circle(plan)
    if tasks:
        chain = " -> ".join((*tasks, tasks[0]))
        yield _error("cycle", f"Links run in a circle: {chain}.", "Remove one of these links.", *tasks)
