"""What each MSPDI element becomes, in the words and numbers of the format's schema."""

from __future__ import annotations

from steerco.engine.plan import Constraint, LinkType

LINK_TYPES = {"0": LinkType.FF, "1": LinkType.FS, "2": LinkType.SF, "3": LinkType.SS}

CONSTRAINTS = {
    "0": Constraint.ASAP,
    "1": Constraint.ALAP,
    "2": Constraint.MSO,
    "3": Constraint.MFO,
    "4": Constraint.SNET,
    "5": Constraint.SNLT,
    "6": Constraint.FNET,
    "7": Constraint.FNLT,
}

# Duration and lag formats: minutes 3, hours 5, days 7, weeks 9, months 11, percent 19; the next number is elapsed,
# 32 more is estimated.
ELAPSED_FORMATS = frozenset({"4", "6", "8", "10", "12", "36", "38", "40", "42", "44"})
PERCENT_FORMATS = frozenset({"19", "51"})
ELAPSED_PERCENT_FORMATS = frozenset({"20", "52"})

# Task element -> field of work-items. Numbers with a factor are divided by it.
TASK_FIELDS = {
    "Name": "title",
    "Notes": "description",
    "WBS": "wbs",
    "Summary": "kind",
    "Milestone": "kind",
    "Contact": "owner",
    "Start": "planned_start",
    "Finish": "planned_finish",
    "ManualStart": "planned_start",
    "ManualFinish": "planned_finish",
    "Duration": "duration_minutes",
    "DurationFormat": "elapsed",
    "Work": "work_minutes",
    "PercentComplete": "percent_complete",
    "ActualStart": "actual_start",
    "ActualFinish": "actual_finish",
    "RemainingDuration": "remaining_minutes",
    "Stop": "stop",
    "Resume": "resume",
    "ConstraintType": "constraint",
    "ConstraintDate": "constraint_date",
    "Deadline": "deadline",
    "CalendarUID": "calendar",
    "Priority": "priority",
    "Manual": "manual",
    "Active": "inactive",
    "LevelingDelay": "levelling_delay_minutes",
    "IgnoreResourceCalendar": "ignores_resource_calendars",
    "EffortDriven": "effort_driven",
    "Type": "fixed_duration",
    "Baseline": "baseline_start",
    "Cost": "planned_cost",
    "ActualCost": "actual_cost",
    "RemainingCost": "remaining_cost",
    "CreateDate": "created_on",
    "EarlyStart": "stored",
    "EarlyFinish": "stored",
    "LateStart": "stored",
    "LateFinish": "stored",
    "TotalSlack": "stored",
    "FreeSlack": "stored",
    "Critical": "stored",
    "ExtendedAttribute": "custom",
    "OutlineCode": "custom",
}

# Elements whose content is used to read the others, or follows from them.
_STRUCTURE = (
    "UID ID GUID IsNull OutlineLevel OutlineNumber PredecessorLink DurationText StartText FinishText ManualDuration "
    "ExternalTask ExternalTaskProject IsSubproject SubprojectName IsSubprojectReadOnly LevelingDelayFormat "
    "StartVariance FinishVariance WorkVariance DurationVariance StartSlack FinishSlack PercentWorkComplete ActualDuration "
    "ActualWork RemainingWork RegularWork ACWP BCWS BCWP CV SV VAC DisplayAsSummary CommitmentType IsPublished "
    "StatusManager ResumeValid OverAllocated LevelAssignments LevelingCanSplit HideBar Rollup Estimated Recurring "
    "FixedCostAccrual EarnedValueMethod OvertimeCost OvertimeWork ActualOvertimeCost ActualOvertimeWork "
    "RemainingOvertimeCost RemainingOvertimeWork ActualWorkProtected ActualOvertimeWorkProtected CommitmentStart "
    "CommitmentFinish PreLeveledStart PreLeveledFinish"
)
TASK_STRUCTURE = frozenset(_STRUCTURE.split())

_ZERO = frozenset({"", "0", "0.0", "0.00", "PT0H0M0S", "-1"})

# Task element -> (values that say nothing, why it has no home here).
TASK_LOST: dict[str, tuple[frozenset[str], str]] = {
    "FixedCost": (_ZERO, "Fixed costs are kept inside the planned cost, not apart."),
    "Hyperlink": (_ZERO, "Hyperlink captions are not kept."),
    "HyperlinkAddress": (_ZERO, "Hyperlinks are not kept; attach the address to the item."),
    "HyperlinkSubAddress": (_ZERO, "Hyperlinks are not kept; attach the address to the item."),
    "PhysicalPercentComplete": (
        _ZERO,
        "Physical percent complete is not kept; progress is percent of duration.",
    ),
    "TimephasedData": (frozenset(), "Work by period is not kept; work is spread evenly over the assignment."),
    "TaskLevelNotes": (_ZERO, "Formatted notes are not kept; their plain text is."),
}

# Names of the custom fields people use most, for files that carry values without definitions.
CUSTOM_FIELDS = {
    **{
        f: f"Text{i}"
        for i, f in enumerate(("188743731", "188743734", "188743737", "188743740", "188743743"), 1)
    },
    **{str(188743746 + i): f"Text{i + 6}" for i in range(5)},
    **{str(188743767 + i): f"Number{i + 1}" for i in range(5)},
    **{str(188743752 + i): f"Flag{i + 1}" for i in range(10)},
    **{str(188743783 + i): f"Duration{i + 1}" for i in range(3)},
    **{str(188743786 + i): f"Cost{i + 1}" for i in range(3)},
}

# Custom fields whose name says that they hold a three-point estimate.
ESTIMATES = {
    "optimistic": "optimistic_minutes",
    "optimistic duration": "optimistic_minutes",
    "most likely": "most_likely_minutes",
    "most likely duration": "most_likely_minutes",
    "expected duration": "most_likely_minutes",
    "pessimistic": "pessimistic_minutes",
    "pessimistic duration": "pessimistic_minutes",
}

# Children of records that have children of their own.
NESTED = frozenset(
    {
        "PredecessorLink",
        "ExtendedAttribute",
        "OutlineCode",
        "Baseline",
        "TimephasedData",
        "AvailabilityPeriods",
        "Rates",
    }
)

RESOURCE_KINDS = {"0": "material", "1": "work", "2": "cost"}

OWNED = frozenset(TASK_FIELDS.values()) | {
    "position",
    "status",
    "baseline_finish",
    "baseline_duration_minutes",
    "baseline_cost",
    "source_status",
}
