"""Monte Carlo speed beside plain numpy per task in the same run.

python -m bench.simulate --tasks N --draws N
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence

import numpy as np

from steerco.engine.calendar import Calendar
from steerco.engine.distributions import ThreePoint
from steerco.engine.drivers import RiskDriver
from steerco.engine.network import schedule
from steerco.engine.plan import Estimate, Link, Plan, Task
from steerco.engine.simulate import simulate

START = 20454 * 1440 + 480
LAYERS = 50


def network(tasks: int, calendars: int, seed: int) -> Plan:
    """Layers of tasks, each task after up to three of the layer before; about two and a half years of work."""
    random = np.random.default_rng(seed)
    width = max(tasks // LAYERS, 1)
    names = [str(n) if n else "" for n in range(calendars)]
    week = Calendar.standard().week
    clocks = {
        name: Calendar(week=tuple(((480 + 30 * n, 960 + 30 * n),) if d else () for d in week))
        for n, name in enumerate(names)
    }
    if calendars == 1:
        clocks = {"": Calendar.standard()}
    found, links = [], []
    for n in range(tasks):
        days = int(random.integers(2, 20)) * 480
        estimate = Estimate(int(days * 0.8), days, int(days * 1.8))
        found.append(Task(f"t{n}", days, calendar=names[n % calendars], estimate=estimate))
        layer = n // width
        if layer:
            first = (layer - 1) * width
            links += [
                Link(f"t{b}", f"t{n}") for b in {int(b) for b in random.integers(first, first + width, 3)}
            ]
    return Plan(start=START, tasks=tuple(found), links=tuple(links), calendars=clocks)


def plain(plan: Plan, draws: int, seed: int) -> float:
    """The peer: triangular draws and maxima per task in working minutes, no calendars, no criticality."""
    random = np.random.default_rng(seed)
    before: dict[str, list[str]] = {}
    for link in plan.links:
        before.setdefault(link.successor, []).append(link.predecessor)
    begun = time.process_time()
    finish: dict[str, np.ndarray] = {}
    end = np.zeros(draws)
    for task in plan.tasks:
        e = task.estimate
        length = random.triangular(e.optimistic, e.most_likely, e.pessimistic, draws)
        start = np.zeros(draws)
        for key in before.get(task.key, ()):
            start = np.maximum(start, finish[key])
        finish[task.key] = start + length
        end = np.maximum(end, finish[task.key])
    return time.process_time() - begun


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--calendars", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    plan = network(options.tasks, options.calendars, options.seed)
    risks = (RiskDriver("R-1", 0.3, ThreePoint(480, 960, 4800), tasks=("t0",)),)

    def timed(work):
        begun, wall = time.process_time(), time.perf_counter()
        work()
        return time.process_time() - begun, time.perf_counter() - wall

    once, _ = timed(lambda: schedule(plan))
    common = {"seed": options.seed, "draws": options.draws, "drivers": risks}
    without = timed(lambda: simulate(plan, criticality=False, **common))
    full = timed(lambda: simulate(plan, **common))
    peer = plain(plan, options.draws, options.seed)
    result = {
        "tasks": options.tasks,
        "draws": options.draws,
        "calendars": options.calendars,
        "schedule_once_cpu_s": round(once, 3),
        "simulate_cpu_s": round(without[0], 3),
        "simulate_with_criticality_cpu_s": round(full[0], 3),
        "simulate_with_criticality_wall_s": round(full[1], 3),
        "plain_numpy_cpu_s": round(peer, 3),
        "ratio_to_plain_numpy": round(full[0] / peer, 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<36} {value}")


if __name__ == "__main__":
    main()
