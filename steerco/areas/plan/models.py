"""Tables of the plan area, one import per noun."""

from steerco.areas.plan.network import Assignment, Resource, TaskLink, WorkCalendar
from steerco.areas.plan.registers.work_item import WorkItem

__all__ = ["Assignment", "Resource", "TaskLink", "WorkCalendar", "WorkItem"]
