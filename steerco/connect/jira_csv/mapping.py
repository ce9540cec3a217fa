"""Jira's columns: what each role is called, which become fields, and which are lost and why."""

from __future__ import annotations

import re

from steerco.connect.vocabulary import plain
from steerco.engine.plan import LinkType

_ROLES = {
    "title": "summary|title|name|zusammenfassung|resume|resumen|resumo|samenvatting",
    "key": "issue key|issuekey|key|work item key|vorgangsschlussel|schlussel|cle de ticket|cle|clave de incidencia|clave|"
    "chave da item|chave|issue",
    "id": "issue id|issueid|work item id|vorgangs id",
    "type": "issue type|issuetype|type|work type|work item type|vorgangstyp|type de ticket|tipo de incidencia|tipo de item|"
    "issue type name",
    "status": "status|etat|estado|status name",
    "category": "status category|statuskategorie|categorie d etat|categoria de estado",
    "category_changed": "status category changed",
    "resolution": "resolution|losung|resolucion",
    "owner": "assignee|zugewiesene person|bearbeiter|responsable|persona asignada|attribution|personne assignee",
    "description": "description|beschreibung|descripcion|descricao",
    "priority": "priority|prioritat|priorite|prioridad|prioridade",
    "due": "due date|duedate|due|fallig|falligkeitsdatum|date d echeance|fecha de vencimiento|data limite",
    "target_end": "custom field target end|target end|custom field end date|custom field planned end|end date",
    "start": "custom field start date|start date|custom field target start|target start|custom field planned start|"
    "custom field begin date",
    "actual_start": "started|in progress|in progress date|custom field actual start|actual start|custom field change start date",
    "actual_finish": "custom field actual end|actual end",
    "created": "created|created date|erstellt|cree|creada|creado|criado|openeddate|creation date",
    "resolved": "resolved|done|done date|closed date|completed date|finished|completion date|resolution date|resolutiondate|erledigt|resolu|resuelta|resolvido",
    "estimate": "original estimate|original estimate seconds|timeoriginalestimate|ursprungliche schatzung|"
    "estimation initiale|estimacion original",
    "remaining": "remaining estimate|timeestimate|verbleibende schatzung|estimacion restante",
    "spent": "time spent|timespent|aufgewendete zeit|tiempo invertido",
    "points": "custom field story points|custom field story point estimate|story points|story point estimate|storypoints|"
    "storypoint|story point|custom field estimation de story points|custom field story points estimate",
    "sprint": "sprint|custom field sprint|sprints",
    "labels": "labels|label|stichworter|etiquettes|etiquetas",
    "parent": "parent|parent id|parent key|parent issue key|ubergeordnet|ubergeordneter vorgang",
    "parent_link": "custom field parent link|parent link",
    "epic": "epic link|custom field epic link|custom field epic verknupfung",
    "epic_name": "custom field epic name|epic name",
    "flagged": "custom field flagged|flagged|custom field markiert|impediment",
    "project": "project name|projektname|nom du projet|nombre del proyecto",
    "project_key": "project key|projektschlussel",
}
ROLES = {word: role for role, words in _ROLES.items() for word in words.split("|")}

TARGETS = {
    "title": "title",
    "type": "kind",
    "status": "status",
    "category": "status",
    "resolution": "status",
    "owner": "owner",
    "description": "description",
    "priority": "priority",
    "due": "deadline",
    "target_end": "planned_finish",
    "start": "planned_start",
    "actual_start": "actual_start",
    "actual_finish": "actual_finish",
    "created": "created_on",
    "resolved": "finished_on",
    "estimate": "work_minutes",
    "remaining": "remaining_minutes",
    "spent": "percent_complete",
    "points": "points",
    "sprint": "sprint",
    "labels": "tags",
    "parent": "parent",
    "parent_link": "parent",
    "epic": "parent",
    "flagged": "status",
}
DATES = (
    "due",
    "target_end",
    "start",
    "actual_start",
    "actual_finish",
    "created",
    "resolved",
    "category_changed",
)

# Columns that say nothing beside what is read.
STRUCTURE = re.compile(
    r"project (?:type|lead|lead id|description|url)|assignee id|reporter id|creator(?: id)?|watchers(?: id)?|parent summary|"
    r"custom field epic (?:status|color|colour|name)|issue id|status category changed|last viewed|updated|votes|link|"
    r"split mark"
)

LOST = (
    (
        re.compile(r"comments?"),
        "Comments are not taken from CSV: it tells neither their author nor their time safely.",
    ),
    (re.compile(r"attachments?"), "Attachments are links into Jira, which is not asked."),
    (re.compile(r"log work"), "Work logs are not kept; time spent and remaining are."),
    (re.compile(r"σ .*"), "Sums over sub-tasks are not kept; they are computed here."),
    (re.compile(r"work ratio"), "The work ratio follows from estimate and time spent."),
    (re.compile(r"custom field (?:rank|lexorank.*)"), "Jira's rank is not kept; the order of rows is."),
    (
        re.compile(r"custom field (?:development|issue colou?r|vulnerability|chart.*|checklist.*)"),
        "Jira's own display data.",
    ),
    (re.compile(r"security level"), "Security levels are not kept; give roles on the project instead."),
)

LINK = re.compile(r"(inward|outward) issue link (?:\()?(.+?)(?:\))?", re.IGNORECASE)

# Link name -> (type, whether the outward issue comes after this one).
LINKS = {
    "blocks": (LinkType.FS, True),
    "blocker": (LinkType.FS, True),
    "blocked": (LinkType.FS, True),
    "precedes": (LinkType.FS, True),
    "preceeds": (LinkType.FS, True),
    "finish start": (LinkType.FS, True),
    "finish to start": (LinkType.FS, True),
    "gantt end to start": (LinkType.FS, True),
    "gantt finish to start": (LinkType.FS, True),
    "gantt start to start": (LinkType.SS, True),
    "gantt end to end": (LinkType.FF, True),
    "gantt finish to finish": (LinkType.FF, True),
    "gantt start to end": (LinkType.SF, True),
    "gantt dependency": (LinkType.FS, True),
    "dependency": (LinkType.FS, False),
    "depends": (LinkType.FS, False),
    "depend": (LinkType.FS, False),
    "dependent": (LinkType.FS, False),
    "depends on": (LinkType.FS, False),
    "requires": (LinkType.FS, False),
}

OWNED = frozenset(TARGETS.values()) - {"parent"} | {
    "position",
    "source_status",
    "duration_minutes",
    "planned_finish",
}


def role_of(header: str) -> str:
    """What a column is for: one of the roles, or "" for any other."""
    return ROLES.get(plain(header.replace("Σ", "σ ")), "")
