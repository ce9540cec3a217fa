"""The dates and floats of a calculated plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steerco.engine.forward import DriverKind
from steerco.engine.plan import Link

Minutes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Driver:
    """What a task's start follows from, with the link when a predecessor drives it."""

    kind: DriverKind
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class TaskDates:
    """One task's dates (timeline minutes) and floats (working minutes of its calendar)."""

    key: str
    early_start: int
    early_finish: int
    late_start: int
    late_finish: int
    start: int
    finish: int
    total_float: int
    free_float: int
    start_float: int
    finish_float: int
    is_critical: bool
    driver: Driver


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Dates of all tasks, as arrays of shape (tasks,) in the order of plan.tasks; `schedule[key]` for one.

    Dates are timeline minutes, floats working minutes of the task's calendar. `start` and `finish` are where the
    task is planned: actual dates where there are any, late dates for as-late-as-possible tasks, else early ones.
    `is_active` is false for inactive tasks, whose dates are shown but move nothing.
    """

    keys: tuple[str, ...]
    early_start: Minutes
    early_finish: Minutes
    late_start: Minutes
    late_finish: Minutes
    start: Minutes
    finish: Minutes
    total_float: Minutes
    free_float: Minutes
    start_float: Minutes
    finish_float: Minutes
    is_critical: npt.NDArray[np.bool_]
    is_summary: npt.NDArray[np.bool_]
    is_active: npt.NDArray[np.bool_]
    driver_kind: npt.NDArray[np.int8]
    driver_link: npt.NDArray[np.int32]  # position in links, -1 for none
    links: tuple[Link, ...]
    project_start: int
    project_finish: int
    position: dict[str, int]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[TaskDates]:
        return (self.at(i) for i in range(len(self.keys)))

    def __getitem__(self, key: str) -> TaskDates:
        return self.at(self.position[key])

    def at(self, i: int) -> TaskDates:
        """Dates of the i-th task of the plan."""
        return TaskDates(
            self.keys[i],
            int(self.early_start[i]),
            int(self.early_finish[i]),
            int(self.late_start[i]),
            int(self.late_finish[i]),
            int(self.start[i]),
            int(self.finish[i]),
            int(self.total_float[i]),
            int(self.free_float[i]),
            int(self.start_float[i]),
            int(self.finish_float[i]),
            bool(self.is_critical[i]),
            self.driver(i),
        )

    def driver(self, i: int) -> Driver:
        """What drives the start of the i-th task."""
        link = int(self.driver_link[i])
        return Driver(DriverKind(int(self.driver_kind[i])), self.links[link] if link >= 0 else None)

    def driving_chain(self, key: str) -> tuple[str, ...]:
        """Keys of the tasks that drive a task's start one after the other, the first one first."""
        chain = [key]
        link = self[key].driver.link
        while link is not None and link.predecessor not in chain:
            chain.append(link.predecessor)
            link = self[link.predecessor].driver.link
        return tuple(reversed(chain))
