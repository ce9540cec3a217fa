"""The order in which tasks can be calculated: predecessors first, children before their summary; or the circle."""

from __future__ import annotations

from collections.abc import Sequence

from steerco.engine.plan import Plan


def children_of(plan: Plan, position: dict[str, int]) -> list[list[int]]:
    """Positions of the direct children of every task."""
    children: list[list[int]] = [[] for _ in plan.tasks]
    for at, task in enumerate(plan.tasks):
        if task.parent:
            children[position[task.parent]].append(at)
    return children


def leaves_under(summary: int, children: Sequence[Sequence[int]]) -> list[int]:
    """Positions of all tasks below a summary that are no summaries."""
    leaves: list[int] = []
    below = list(children[summary])
    while below:
        at = below.pop()
        if children[at]:
            below.extend(children[at])
        else:
            leaves.append(at)
    return leaves


def successors_of(plan: Plan, position: dict[str, int], children: Sequence[Sequence[int]]) -> list[list[int]]:
    """What has to wait for each task: a link's successor (a summary's leaves), and a child's summary."""
    after: list[list[int]] = [[] for _ in plan.tasks]
    for link in plan.links:
        successor = position[link.successor]
        targets = leaves_under(successor, children) if children[successor] else (successor,)
        after[position[link.predecessor]].extend(targets)
    for at, below in enumerate(children):
        for child in below:
            after[child].append(at)
    return after


def sort(after: Sequence[Sequence[int]]) -> list[int]:
    """Positions so that each comes before what has to wait for it; shorter than given when there is a circle.

    Kahn (1962). Equal ones keep the order of the plan.
    """
    waiting = [0] * len(after)
    for targets in after:
        for target in targets:
            waiting[target] += 1
    order = [at for at, count in enumerate(waiting) if not count]
    for at in order:
        for target in after[at]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    return order


def circle(plan: Plan) -> tuple[str, ...]:
    """Keys of tasks whose links run in a circle, in the order of the links; empty when there is none."""
    position = {task.key: at for at, task in enumerate(plan.tasks)}
    after = successors_of(plan, position, children_of(plan, position))
    left = set(range(len(plan.tasks))) - set(sort(after))
    if not left:
        return ()
    before: dict[int, int] = {}
    for at in left:
        for target in after[at]:
            if target in left:
                before[target] = at
    # every task left over has a predecessor that is left over too, or lies behind the circle
    at = min(left & before.keys())
    seen: list[int] = []
    while at not in seen:
        seen.append(at)
        at = before[at]
    loop = seen[seen.index(at) :][::-1]
    first = loop.index(min(loop))
    return tuple(plan.tasks[i].key for i in loop[first:] + loop[:first])
