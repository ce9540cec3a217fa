"""Work items: tasks, milestones, deliverables, stories and bugs are one noun; a card and a bar are the same row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from steerco.kit.record import Record
from steerco.kit.register import Flow, Register, register


class Kind(models.TextChoices):
    TASK = "task", _("Task")
    MILESTONE = "milestone", _("Milestone")
    DELIVERABLE = "deliverable", _("Deliverable")
    SUMMARY = "summary", _("Summary")
    EPIC = "epic", _("Epic")
    STORY = "story", _("Story")
    BUG = "bug", _("Bug")


class Status(models.TextChoices):
    TODO = "todo", _("To do")
    DOING = "doing", _("In progress")
    BLOCKED = "blocked", _("Blocked")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class Constraint(models.TextChoices):
    """The eight constraint types, as the engine spells them."""

    ASAP = "as_soon_as_possible", _("As soon as possible")
    ALAP = "as_late_as_possible", _("As late as possible")
    SNET = "start_no_earlier_than", _("Start no earlier than")
    SNLT = "start_no_later_than", _("Start no later than")
    FNET = "finish_no_earlier_than", _("Finish no earlier than")
    FNLT = "finish_no_later_than", _("Finish no later than")
    MSO = "must_start_on", _("Must start on")
    MFO = "must_finish_on", _("Must finish on")


def minutes(label: Any, **more: Any) -> models.IntegerField[Any, Any]:
    return models.IntegerField(label, null=True, blank=True, **more)


def moment(label: Any) -> models.DateTimeField[Any, Any]:
    return models.DateTimeField(label, null=True, blank=True)


def money(label: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=16, decimal_places=2, null=True, blank=True)


class WorkItem(Record):
    """One piece of work. Dates are wall-clock moments of the plan, working times are minutes of its calendar."""

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.TASK)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    description = models.TextField(_("description"), blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    wbs = models.CharField(_("WBS"), max_length=80, blank=True)
    position = models.IntegerField(_("position"), default=0)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=500, validators=[MaxValueValidator(1000)]
    )

    planned_start = moment(_("planned start"))
    planned_finish = moment(_("planned finish"))
    duration_minutes = minutes(_("duration"))
    work_minutes = minutes(_("work"))
    optimistic_minutes = minutes(_("optimistic"))
    most_likely_minutes = minutes(_("most likely"))
    pessimistic_minutes = minutes(_("pessimistic"))
    calendar = models.CharField(_("calendar"), max_length=80, blank=True)
    constraint = models.CharField(
        _("constraint"), max_length=24, choices=Constraint.choices, default=Constraint.ASAP
    )
    constraint_date = moment(_("constraint date"))
    deadline = moment(_("deadline"))
    elapsed = models.BooleanField(_("elapsed time"), default=False)
    manual = models.BooleanField(_("scheduled by hand"), default=False)
    inactive = models.BooleanField(_("inactive"), default=False)
    levelling_delay_minutes = models.IntegerField(_("levelling delay"), default=0)
    ignores_resource_calendars = models.BooleanField(_("ignores resource calendars"), default=False)
    effort_driven = models.BooleanField(_("effort driven"), default=False)

    percent_complete = models.DecimalField(
        _("complete"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    actual_start = moment(_("actual start"))
    actual_finish = moment(_("actual finish"))
    remaining_minutes = minutes(_("remaining"))
    stop = moment(_("stopped"))
    resume = moment(_("resumes"))
    created_on = moment(_("raised"))
    finished_on = moment(_("finished"))

    baseline_start = moment(_("baseline start"))
    baseline_finish = moment(_("baseline finish"))
    baseline_duration_minutes = minutes(_("baseline duration"))
    baseline_cost = money(_("baseline cost"))
    planned_cost = money(_("planned cost"))
    actual_cost = money(_("actual cost"))
    remaining_cost = money(_("remaining cost"))

    points = models.DecimalField(_("points"), max_digits=8, decimal_places=2, null=True, blank=True)
    sprint = models.CharField(_("sprint"), max_length=120, blank=True)
    source_status = models.CharField(_("status at source"), max_length=80, blank=True)

    early_start = moment(_("early start"))
    early_finish = moment(_("early finish"))
    late_start = moment(_("late start"))
    late_finish = moment(_("late finish"))
    levelled_start = moment(_("levelled start"))
    levelled_finish = moment(_("levelled finish"))
    p80_finish = moment(_("P80 finish"))
    start = models.GeneratedField(
        expression=Coalesce("actual_start", "levelled_start", "early_start", "planned_start"),
        output_field=moment(_("start")),
        db_persist=True,
        verbose_name=_("start"),
    )
    finish = models.GeneratedField(
        expression=Coalesce("actual_finish", "levelled_finish", "early_finish", "planned_finish"),
        output_field=moment(_("finish")),
        db_persist=True,
        verbose_name=_("finish"),
    )
    total_float = minutes(_("total float"))
    free_float = minutes(_("free float"))
    is_critical = models.BooleanField(_("critical"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("work item")
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["node", "position", "id"], name="workitem_in_order"),
            models.Index(fields=["node", "sprint", "id"], name="workitem_by_sprint"),
        ]


TIMED = {
    f"{name}_minutes": {"kind": "minutes", "minimum": 0}
    for name in (
        "duration",
        "work",
        "optimistic",
        "most_likely",
        "pessimistic",
        "remaining",
        "baseline_duration",
    )
}


@register
class WorkItems(Register):
    model = WorkItem
    area, slug, prefix = "plan", "work-items", "T"
    noun, nouns = _("work item"), _("work items")
    help = _("Tasks, milestones, deliverables, stories and bugs: one row each, on the plan and on the board.")
    columns = (
        "title", "kind", "status", "owner", "start", "finish", "total_float", "percent_complete", "p80_finish",
    )  # fmt: skip
    form = (
        "title", "kind", "status", "owner", "parent", "description", "duration_minutes", "optimistic_minutes",
        "most_likely_minutes", "pessimistic_minutes", "planned_start", "planned_finish", "constraint",
        "constraint_date", "deadline", "percent_complete", "actual_start", "actual_finish", "remaining_minutes",
        "priority", "points", "sprint", "planned_cost", "actual_cost", "wbs", "tags", "shared",
    )  # fmt: skip
    sort = "position"
    deadlines = frozenset({"deadline"})
    search = ("title", "wbs", "sprint")
    fields = {
        **TIMED,
        "levelling_delay_minutes": {"kind": "minutes"},
        "total_float": {"kind": "minutes"},
        "free_float": {"kind": "minutes"},
        "percent_complete": {"unit": "%"},
        "planned_cost": {"kind": "money"},
        "actual_cost": {"kind": "money"},
        "remaining_cost": {"kind": "money"},
        "baseline_cost": {"kind": "money"},
    }
    system = frozenset(
        {
            "early_start", "early_finish", "late_start", "late_finish", "levelled_start", "levelled_finish",
            "p80_finish", "total_float", "free_float", "is_critical",
        }
    )  # fmt: skip
    flow = Flow(
        {
            "todo": ["doing", "blocked", "done", "cancelled"],
            "doing": ["todo", "blocked", "done", "cancelled"],
            "blocked": ["todo", "doing", "cancelled"],
            "done": ["doing"],
            "cancelled": ["todo"],
        },
        closed=frozenset({"done", "cancelled"}),
    )
    wakes = frozenset(
        {
            "kind", "status", "parent", "priority", "planned_start", "planned_finish", "duration_minutes", "work_minutes",
            "optimistic_minutes", "most_likely_minutes", "pessimistic_minutes", "calendar", "constraint",
            "constraint_date", "deadline", "elapsed", "manual", "inactive", "levelling_delay_minutes",
            "percent_complete", "actual_start", "actual_finish", "remaining_minutes", "stop", "resume", "finished_on",
            "baseline_start", "baseline_finish", "baseline_cost", "planned_cost", "actual_cost", "remaining_cost",
            "points", "sprint", "created_on",
        }
    )  # fmt: skip
    per_status_colour = {"doing": "info", "blocked": "red", "done": "green", "cancelled": "neutral"}

    @classmethod
    def check(cls, record: Any) -> Iterable[tuple[str, str]]:
        r = record
        if r.planned_start and r.planned_finish and r.planned_finish < r.planned_start:
            yield "planned_finish", _t("lies before the planned start")
        if r.actual_start and r.actual_finish and r.actual_finish < r.actual_start:
            yield "actual_finish", _t("lies before the actual start")
        given = [r.optimistic_minutes, r.most_likely_minutes, r.pessimistic_minutes]
        if any(v is not None for v in given):
            if any(v is None for v in given):
                yield "most_likely_minutes", _t("needs all three: optimistic, most likely, pessimistic")
            elif not given[0] <= given[1] <= given[2]:
                yield "most_likely_minutes", _t("must lie between optimistic and pessimistic")
        if r.constraint in {c.value for c in list(Constraint)[2:]} and not r.constraint_date:
            yield "constraint_date", _t("is needed for this constraint")
        if r.parent_id and r.parent_id == r.pk:
            yield "parent", _t("cannot be the item itself")
