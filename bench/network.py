"""Time of one network pass with calendars and four link types, against networkx's longest path: `python -m bench.network`."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import datetime

import networkx as nx

from steerco.engine.calendar import OFFICE_HOURS, Calendar
from steerco.engine.network import schedule
from steerco.engine.nodes import Nodes
from steerco.engine.plan import Link, LinkType, Plan, Task, to_minute


def random_plan(tasks: int, links_per_task: float, seed: int, *, varied: bool) -> Plan:
    """A plan whose links run forwards in the list, most of them short; varied: two calendars, all link types."""
    rng = random.Random(seed)
    links = []
    for after in range(1, tasks):
        for _ in range(1 + (rng.random() < links_per_task - 1)):
            before = max(0, after - 1 - int(rng.expovariate(1 / 40)))
            kind = rng.choices(list(LinkType), (80, 10, 8, 2))[0] if varied else LinkType.FS
            links.append(
                Link(f"T{before}", f"T{after}", kind, rng.choice((0, 0, 0, 480, -240)) if varied else 0)
            )
    kinds = ("", "", "", "six") if varied else ("",)
    return Plan(
        start=to_minute(datetime(2026, 1, 5, 8)),
        tasks=tuple(
            Task(f"T{i}", rng.randint(1, 10) * 240, calendar=rng.choice(kinds)) for i in range(tasks)
        ),
        links=tuple(dict.fromkeys(links)),
        calendars={"": Calendar.standard(), "six": Calendar(week=(OFFICE_HOURS,) * 6 + ((),))},
    )


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Shortest CPU time of several runs, in seconds."""
    times = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    for varied in (False, True):
        plan = random_plan(chosen.tasks, 2, 1, varied=varied)
        lengths = {t.key: t.duration for t in plan.tasks}
        graph = nx.DiGraph(
            (link.predecessor, link.successor, {"weight": lengths[link.predecessor]}) for link in plan.links
        )
        ours = best_of(chosen.runs, lambda plan=plan: schedule(plan))
        compiled = best_of(chosen.runs, lambda plan=plan: Nodes(plan))
        peer = best_of(chosen.runs, lambda graph=graph: nx.dag_longest_path_length(graph))
        what = "two calendars, four link types, lags" if varied else "one calendar, finish-to-start"
        print(
            f"{chosen.tasks} tasks, {len(plan.links)} links, {what}: {ours * 1000:.0f} ms with checks, dates and floats "
            f"(of it {compiled * 1000:.0f} ms compiling), networkx longest path alone {peer * 1000:.0f} ms, ratio {ours / peer:.1f}"
        )


if __name__ == "__main__":
    main()
