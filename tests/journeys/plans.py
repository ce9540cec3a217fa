"""Small plans as MS Project saves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Task:
    """A task of a small plan: its working days, and the task that must be done before it."""

    uid: int
    name: str
    days: int
    after: int = 0


# Ten days of work where one task waits for the next; the handbook has six days to spare.
SMALL = (
    Task(1, "Order the racks", 5),
    Task(2, "Mount the racks", 3, after=1),
    Task(3, "Write the handbook", 2),
    Task(4, "Accept the room", 0, after=2),
)
HOURS = "".join(
    f"<WorkingTime><FromTime>{begin}:00:00</FromTime><ToTime>{end}:00:00</ToTime></WorkingTime>"
    for begin, end in (("08", "12"), ("13", "17"))
)
WEEK = "".join(
    f"<WeekDay><DayType>{day}</DayType><DayWorking>1</DayWorking><WorkingTimes>{HOURS}</WorkingTimes></WeekDay>"
    if 1 < day < 7
    else f"<WeekDay><DayType>{day}</DayType><DayWorking>0</DayWorking></WeekDay>"
    for day in range(1, 8)
)


def next_monday(today: date | None = None) -> datetime:
    """Eight in the morning of the coming Monday."""
    day = today or date.today()
    return datetime(day.year, day.month, day.day, 8) + timedelta(days=7 - day.weekday())


def mspdi(tasks: Sequence[Task] = SMALL, start: datetime | None = None) -> bytes:
    """A plan with one calendar (Monday to Friday, eight hours) and finish-to-start links, starting next Monday."""
    written = "".join(
        f"<Task><UID>{t.uid}</UID><ID>{t.uid}</ID><Name>{t.name}</Name><OutlineNumber>{t.uid}</OutlineNumber>"
        f"<OutlineLevel>1</OutlineLevel><Duration>PT{t.days * 8}H0M0S</Duration><DurationFormat>7</DurationFormat>"
        f"<Milestone>{int(t.days == 0)}</Milestone><Summary>0</Summary>"
        + (
            f"<PredecessorLink><PredecessorUID>{t.after}</PredecessorUID><Type>1</Type></PredecessorLink>"
            if t.after
            else ""
        )
        + "</Task>"
        for t in tasks
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project"><SaveVersion>14</SaveVersion>'
        f"<Name>Server room</Name><StartDate>{start or next_monday():%Y-%m-%dT%H:%M:%S}</StartDate>"
        "<ScheduleFromStart>1</ScheduleFromStart><MinutesPerDay>480</MinutesPerDay><MinutesPerWeek>2400</MinutesPerWeek>"
        "<CalendarUID>1</CalendarUID><Calendars><Calendar><UID>1</UID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar>"
        f"<WeekDays>{WEEK}</WeekDays></Calendar></Calendars><Tasks>{written}</Tasks></Project>"
    ).encode()
