"""How far resources are booked before anything is levelled."""

from __future__ import annotations

from collections import defaultdict

from steerco.engine.plan import Plan
from steerco.engine.schedule import Schedule


def peak_loads(plan: Plan, schedule: Schedule) -> dict[str, tuple[float, int]]:
    """For each resource with open work: the highest share of its capacity booked at once, and when (timeline minute).

    Dates are those of the network. Two tasks that meet at a moment do not overlap.
    """
    capacity = {r.key: r.capacity for r in plan.resources}
    now = plan.data_date if plan.data_date is not None else plan.start
    changes: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, task in enumerate(plan.tasks):
        if task.inactive or task.actual_finish is not None or not task.demands:
            continue
        start, finish = max(int(schedule.start[at]), now), int(schedule.finish[at])
        if finish <= start:
            continue
        for demand in task.demands:
            changes[demand.resource].append((start, demand.units))
            changes[demand.resource].append((finish, -demand.units))
    found: dict[str, tuple[float, int]] = {}
    for key, steps in changes.items():
        load, peak, when = 0.0, 0.0, steps[0][0]
        for minute, step in sorted(steps):  # at equal moments releases (negative) come first
            load += step
            if load > peak + 1e-9:
                peak, when = load, minute
        room = capacity.get(key, 0.0)
        found[key] = (peak / room if room > 0 else (99.0 if peak > 0 else 0.0), when)
    return found
