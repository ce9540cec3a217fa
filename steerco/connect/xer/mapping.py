"""What Primavera's codes and columns become."""

from __future__ import annotations

from steerco.engine.plan import Constraint, FloatFrom, LagCalendar, LinkType

LINK_TYPES = {"PR_FS": LinkType.FS, "PR_SS": LinkType.SS, "PR_FF": LinkType.FF, "PR_SF": LinkType.SF}

CONSTRAINTS = {
    "CS_ALAP": Constraint.ALAP,
    "CS_MSO": Constraint.MSO,
    "CS_MEO": Constraint.MFO,
    "CS_MSOA": Constraint.SNET,
    "CS_MSOB": Constraint.SNLT,
    "CS_MEOA": Constraint.FNET,
    "CS_MEOB": Constraint.FNLT,
    "CS_MANDSTART": Constraint.MSO,
    "CS_MANDFIN": Constraint.MFO,
}
MANDATORY = frozenset({"CS_MANDSTART", "CS_MANDFIN"})

LAG_CALENDARS = {
    "rcal_Predecessor": LagCalendar.PREDECESSOR,
    "rcal_Successor": LagCalendar.SUCCESSOR,
    "rcal_24Hour": LagCalendar.ELAPSED,
    "rcal_ProjDefault": LagCalendar.PROJECT,
}

FLOATS = {"FT_FF": FloatFrom.FINISH, "FT_SF": FloatFrom.START}

PRIORITIES = {"PT_Top": 900, "PT_High": 700, "PT_Normal": 500, "PT_Low": 300, "PT_Lowest": 100}
STATUSES = {"TK_NotStart": "todo", "TK_Active": "doing", "TK_Complete": "done"}
RESOURCE_KINDS = {"RT_Labor": "work", "RT_Equip": "work", "RT_Mat": "material"}
MILESTONES = frozenset({"TT_Mile", "TT_FinMile"})
SPANNED = {"TT_LOE": "level of effort", "TT_WBS": "WBS summary"}  # their dates follow from others

# Tables that are read. Of the rest only the number of rows is told.
TABLES = frozenset(
    {
        "PROJECT",
        "SCHEDOPTIONS",
        "CALENDAR",
        "PROJWBS",
        "TASK",
        "TASKPRED",
        "TASKRSRC",
        "RSRC",
        "RSRCRATE",
        "PROJCOST",
        "UDFTYPE",
        "UDFVALUE",
        "ACTVTYPE",
        "ACTVCODE",
        "TASKACTV",
        "TASKMEMO",
        "MEMOTYPE",
    }
)
LOST_TABLES = {
    "TRSRCFIN": "Past period actuals of assignments are not kept; their totals are.",
    "TASKFIN": "Past period actuals are not kept; their totals are.",
    "TASKPROC": "Steps of activities are not kept.",
    "TASKDOC": "Links to documents are not kept; attach the files to the items.",
    "PROJTHRS": "Thresholds are not kept; health policies take their place.",
    "PROJISSU": "Issues are not read from XER.",
    "RSRCROLE": "Roles of resources are not kept.",
    "RISK": "Risks are not read from XER; import the register as a table.",
    "PROJRISK": "Risks are not read from XER; import the register as a table.",
}

FIELDS = {
    "task_code": "source_key",
    "task_name": "title",
    "task_type": "kind",
    "status_code": "status",
    "wbs_id": "wbs",
    "clndr_id": "calendar",
    "rsrc_id": "owner",
    "target_drtn_hr_cnt": "duration_minutes",
    "remain_drtn_hr_cnt": "remaining_minutes",
    "target_work_qty": "work_minutes",
    "phys_complete_pct": "percent_complete",
    "complete_pct_type": "percent_complete",
    "act_start_date": "actual_start",
    "act_end_date": "actual_finish",
    "suspend_date": "stop",
    "resume_date": "resume",
    "target_start_date": "planned_start",
    "target_end_date": "planned_finish",
    "cstr_type": "constraint",
    "cstr_date": "constraint_date",
    "cstr_type2": "deadline",
    "cstr_date2": "deadline",
    "priority_type": "priority",
    "early_start_date": "stored",
    "early_end_date": "stored",
    "late_start_date": "stored",
    "late_end_date": "stored",
    "total_float_hr_cnt": "stored",
    "free_float_hr_cnt": "stored",
    "create_date": "created_on",
}
LOST_FIELDS = {
    "expect_end_date": "An expected finish is not kept; the remaining duration is.",
    "external_early_start_date": "External dates are not kept; the projects they come from are linked instead.",
    "external_late_end_date": "External dates are not kept; the projects they come from are linked instead.",
}

OWNED = (frozenset(FIELDS.values()) - {"source_key"}) | {
    "position",
    "planned_cost",
    "actual_cost",
    "remaining_cost",
    "finished_on",
    "source_status",
    "custom",
    "description",
}
