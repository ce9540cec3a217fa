"""What a plan is to the engine: checked, frozen, with times as whole minutes on one timeline.

A *timeline minute* is the number of minutes since 1970-01-01 00:00 on the plan's own clock (the wall clock of
the plan's time zone, or UTC where calendars of several zones meet). A *working minute* is a minute in which a
calendar is open. Durations, lags and floats count working minutes unless they say elapsed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from steerco.engine.calendar import Calendar

EPOCH = datetime(1970, 1, 1)


def to_minute(moment: datetime) -> int:
    """Timeline minute of a wall-clock moment (an aware one is taken in UTC); seconds are dropped."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return int((moment - EPOCH) // timedelta(minutes=1))


def to_moment(minute: int) -> datetime:
    """Wall-clock moment of a timeline minute, naive."""
    return EPOCH + timedelta(minutes=int(minute))


class LinkType(StrEnum):
    """What the predecessor's date drives: finish or start, of the successor's start or finish."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class LagUnit(StrEnum):
    """How a link's lag is counted."""

    WORKING = "working"  # working minutes of the lag calendar
    ELAPSED = "elapsed"  # minutes of the timeline
    PERCENT = "percent"  # hundredths of the predecessor's duration, as working time
    ELAPSED_PERCENT = "elapsed_percent"  # hundredths of the predecessor's duration, as elapsed time


class LagCalendar(StrEnum):
    """Whose calendar counts working lag: MS Project takes the successor's, Primavera has an option."""

    SUCCESSOR = "successor"
    PREDECESSOR = "predecessor"
    PROJECT = "project"
    ELAPSED = "elapsed"


class Constraint(StrEnum):
    """The eight constraint types of MS Project; Primavera's map onto them."""

    ASAP = "as_soon_as_possible"
    ALAP = "as_late_as_possible"
    SNET = "start_no_earlier_than"
    SNLT = "start_no_later_than"
    FNET = "finish_no_earlier_than"
    FNLT = "finish_no_later_than"
    MSO = "must_start_on"
    MFO = "must_finish_on"


class Progress(StrEnum):
    """What remaining work does when it started before its predecessors were done."""

    RETAINED_LOGIC = "retained_logic"  # remaining work waits for the open predecessors
    PROGRESS_OVERRIDE = "progress_override"  # open predecessors no longer hold it
    ACTUAL_DATES = "actual_dates"


class FloatFrom(StrEnum):
    """Which of its two floats is a task's total float; once it has started it is the finish float in any case."""

    SMALLER = "smaller"  # MS Project
    START = "start"
    FINISH = "finish"  # Primavera


class AsLate(StrEnum):
    """How far an as-late-as-possible task slides."""

    TOTAL_FLOAT = "total_float"  # MS Project: to its late dates, taking its successors along
    FREE_FLOAT = "free_float"  # Primavera: as far as no successor moves


@dataclass(frozen=True, slots=True)
class Estimate:
    """Three-point estimate of a duration in working minutes: 0 <= optimistic <= most_likely <= pessimistic."""

    optimistic: int
    most_likely: int
    pessimistic: int

    def __post_init__(self) -> None:
        if not 0 <= self.optimistic <= self.most_likely <= self.pessimistic:
            raise ValueError(
                "an estimate must rise from optimistic over most likely to pessimistic, got "
                f"{self.optimistic}, {self.most_likely}, {self.pessimistic}"
            )


@dataclass(frozen=True, slots=True)
class Demand:
    """Use of a renewable resource while the task works: `units` of 1.0 is one whole person or device.

    With `work` (minutes of effort) the task lasts, on the resource's calendar, until work / units are done; without,
    it lasts its duration on the resource's calendar. `delay` is working minutes after the task's start.
    """

    resource: str
    units: float
    work: int | None = None
    remaining_work: int | None = None
    delay: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    """A renewable resource: at most `capacity` units at any minute its calendar is open.

    "" as calendar is the plan's. Materials and costs are no resources in this sense: leave them out.
    """

    key: str
    capacity: float
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One node of the network. Dates are timeline minutes, durations working minutes of the task's calendar.

    `duration` of an `elapsed` task counts timeline minutes. `parent` names the summary task it belongs to; a task
    that is somebody's parent is a summary and has no duration of its own; a constraint on it holds for its children.
    `manual` pins start and finish outside the logic; `inactive` lets the task move nothing. `fixed_duration` and
    `ignores_resource_calendars` both keep it on its own calendar whoever works on it. `mandatory` makes MSO and MFO
    beat the links even where the plan does not honour constraints (Primavera's mandatory start and finish).
    """

    key: str
    duration: int
    calendar: str = ""  # "" is the plan's
    parent: str = ""
    milestone: bool = False
    elapsed: bool = False
    manual: bool = False
    inactive: bool = False
    manual_start: int | None = None
    manual_finish: int | None = None
    constraint: Constraint = Constraint.ASAP
    constraint_date: int | None = None
    second_constraint: Constraint = Constraint.ASAP
    second_constraint_date: int | None = None
    mandatory: bool = False
    deadline: int | None = None
    actual_start: int | None = None
    actual_finish: int | None = None
    remaining: int | None = None  # working minutes left; None follows from duration and percent_complete
    percent_complete: float = 0.0  # 0..100, of duration
    stop: int | None = None  # work done up to here
    resume: int | None = None  # remaining work may not resume before
    levelling_delay: int = 0  # elapsed minutes
    ignores_resource_calendars: bool = False
    fixed_duration: bool = False
    effort_driven: bool = False
    estimate: Estimate | None = None
    demands: tuple[Demand, ...] = ()
    priority: int = 500  # 0..1000, higher is levelled first, 1000 never moves
    baseline_start: int | None = None
    baseline_finish: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A precedence: minutes of lag (negative is lead), or hundredths of a percent-lag's predecessor duration."""

    predecessor: str
    successor: str
    type: LinkType = LinkType.FS
    lag: float = 0
    lag_unit: LagUnit = LagUnit.WORKING


@dataclass(frozen=True, slots=True)
class Options:
    """The source tool's rules that change dates; the defaults are MS Project's, `primavera` has the other's.

    `progress` counts where `reschedule_after_data_date` does: otherwise remaining work follows the work done.
    """

    lag_calendar: LagCalendar = LagCalendar.SUCCESSOR
    progress: Progress = Progress.RETAINED_LOGIC
    honour_constraints: bool = True  # hard constraints beat links
    reschedule_after_data_date: bool = False  # Primavera always; MS Project only when asked
    critical_at: int = 0  # total float, in working minutes, at or below which a task is critical
    multiple_critical_paths: bool = False
    schedule_from_finish: bool = False
    minutes_per_day: int = 480  # only for saying floats in days
    move_completed: bool = False
    total_float: FloatFrom = FloatFrom.SMALLER
    as_late: AsLate = AsLate.TOTAL_FLOAT

    @classmethod
    def primavera(cls, **changes: Any) -> Options:
        """Primavera P6's defaults: soft constraints, data date, predecessor's calendar for lags, finish float."""
        rules: dict[str, Any] = {
            "lag_calendar": LagCalendar.PREDECESSOR,
            "honour_constraints": False,
            "reschedule_after_data_date": True,
            "total_float": FloatFrom.FINISH,
            "as_late": AsLate.FREE_FLOAT,
        }
        return cls(**(rules | changes))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a network calculation needs. `calendars` maps a key to a Calendar and must hold `calendar`."""

    start: int
    tasks: tuple[Task, ...]
    links: tuple[Link, ...] = ()
    calendars: dict[str, Calendar] = field(default_factory=dict)
    calendar: str = ""
    finish: int | None = None  # must-finish-by, or the anchor of a plan scheduled from its finish
    data_date: int | None = None
    resources: tuple[Resource, ...] = ()
    options: Options = Options()
