"""Names people give to columns, in several languages, and the register and field each means."""

from __future__ import annotations

from steerco.connect.vocabulary import plain

_WORK = {
    "key": "id|no|nr|number|item|ref|reference|task id|activity id|item id|key|code|user story identifier|story id|user story id|"
    "task no|task number|wbs identifier|activity code|nummer|lfd nr|n|numero|identificador|kennung|ticket|uid|unique id",
    "wbs": "wbs|wbs code|wbs id|wbs number|outline number|psp|psp code|edt|pep|codigo edt|wbs nr",
    "title": "task|task name|name|title|activity|activity name|work package|deliverable|summary|story|user story|story task|"
    "task description|item description|vorgang|vorgangsname|aufgabe|arbeitspaket|bezeichnung|titel|tache|nom de la tache|"
    "nom|intitule|activite|tarea|nombre de tarea|nombre|titulo|actividad|paquete de trabajo|tarefa|nome da tarefa|nome|"
    "atividade|attivita|titolo|taak|naam|milestone|meilenstein|work item|backlog item|feature|requirement|need|zadanie",
    "description": "description|details|notes|comment|comments|remarks|beschreibung|bemerkung|bemerkungen|descripcion|notas|"
    "descricao|observacoes|descrizione|omschrijving|acceptance criteria|user story description",
    "kind": "type|kind|issue type|item type|task type|art|typ|tipo|soort",
    "status": "status|state|task status|progress status|zustand|etat|statut|estado|situacao|stato",
    "owner": "owner|assignee|assigned to|responsible|resource|resources|resource names|resource name|lead|who|person|accountable|"
    "verantwortlich|verantwortlicher|zustandig|bearbeiter|ressource|ressourcen|responsable|recurso|recursos|asignado a|"
    "nombres de los recursos|responsavel|noms ressources|assigne a|responsabile|eigenaar|verantwoordelijke|task owner",
    "planned_start": "start|start date|planned start|begin|begin date|beginning|starting date|from|anfang|beginn|startdatum|"
    "geplanter start|debut|date de debut|inicio|fecha de inicio|comienzo|data de inicio|data inizio|begindatum|plan start|"
    "planned start date|baseline start date",
    "planned_finish": "finish|finish date|end|end date|planned finish|planned end|due|due date|deadline|to|until|target date|"
    "ende|enddatum|fertigstellung|fin|date de fin|echeance|final|fecha de fin|fecha fin|fecha de termino|vencimiento|termino|"
    "data de termino|data fine|scadenza|einddatum|fallig|fallig am|plan finish|planned end date|completion date",
    "duration_minutes": "duration|planned duration|days|duration days|dauer|tage|duree|duracion|dias|duracao|durata|duur|"
    "estimated duration",
    "work_minutes": "effort|work|estimate|estimated hours|hours|time required|planned hours|planned effort|estimated effort|"
    "original estimate|aufwand|stunden|schatzung|effort estime|charge|heures|esfuerzo|horas|trabajo|esforco|ore|uren|"
    "person days|man days|man hours",
    "remaining_minutes": "time remaining|remaining|remaining work|remaining hours|remaining effort|restaufwand|reste a faire|"
    "trabajo restante|restante",
    "percent_complete": "complete|percent complete|completion|progress|done|work complete|percentage complete|fertig|"
    "abgeschlossen|fortschritt|avancement|acheve|completado|porcentaje completado|avance|progreso|concluido|progresso|"
    "percentuale completata|voortgang|% complete|% done",
    "actual_start": "actual start|actual start date|ist start|debut reel|comienzo real|inicio real",
    "actual_finish": "actual finish|actual end|actual end date|actual finish date|completed on|completed date|date completed|"
    "finished|fin reelle|fin real|ist ende|closed date|resolved",
    "predecessors": "predecessors|predecessor|depends on|dependency|dependencies|dependent on|vorganger|predecesseurs|"
    "predecesseur|predecesoras|predecesora|predecessoras|predecessora|predecessori|voorganger|blocked by",
    "level": "outline level|level|gliederungsebene|niveau|nivel|nivel de esquema",
    "parent": "parent|parent id|parent task|parent key|ubergeordnet|tache parente|tarea padre|epic|epic id|phase",
    "priority": "priority|prio|prioritat|priorite|prioridad|prioridade|priorita|prioriteit",
    "points": "story points|points|estimate points|sp|storypoints|story point|punkte|puntos",
    "sprint": "sprint|iteration|sprint name|planned sprint",
    "planned_cost": "cost|planned cost|budget|budgeted cost|total cost|total direct costs|estimated cost|kosten|plankosten|"
    "cout|budget prevu|costo|coste|presupuesto|custo|orcamento|costo previsto",
    "actual_cost": "actual cost|spent|actuals|istkosten|cout reel|costo real|custo real",
    "remaining_cost": "remaining cost|restkosten|costo restante",
    "baseline_start": "baseline start|debut planifie|comienzo previsto|linea base comienzo",
    "baseline_finish": "baseline finish|baseline end|fin planifiee|fin prevista",
    "optimistic_minutes": "optimistic|optimistic duration|best case|min duration|minimum|optimistisch|optimiste|optimista",
    "most_likely_minutes": "most likely|most likely duration|realistic|wahrscheinlich|probable|realista|mas probable",
    "pessimistic_minutes": "pessimistic|pessimistic duration|worst case|max duration|maximum|pessimistisch|pessimiste|pesimista",
    "created_on": "created|created on|date created|creation date|erstellt|date de creation|fecha de creacion",
    "tags": "labels|tags|label|tag|etiketten|etiquetas|category|kategorie|categoria|categorie",
    "role": "role|as a|as a role|persona|rolle|rol",
    "benefit": "value|benefit|so that|business value|nutzen|beneficio",
}
_RISK = {
    "key": "id|no|nr|number|ref|reference|risk id|risk no|risk number|risk ref|risiko nr|risiko id|id du risque|id riesgo|"
    "id del riesgo|codigo|code|n|numero",
    "title": "risk|risks|risk title|risk name|title|name|risk summary|risiko|risikobezeichnung|bezeichnung|risque|intitule|"
    "riesgo|nombre del riesgo|titulo|risco|rischio|risk statement",
    "description": "description|risk description|details|beschreibung|risikobeschreibung|descripcion|descripcion del riesgo|"
    "description du risque|descricao|descrizione",
    "cause": "cause|causes|root cause|source|risk cause|risk source|ursache|ursachen|cause racine|causa|causas|origen|condition",
    "event": "event|risk event|ereignis|risikoereignis|evenement|evento",
    "effect": "effect|effects|consequence|consequences|potential impact|impact description|risk effect|auswirkung beschreibung|"
    "folge|folgen|consequence|effet|efecto|consecuencia|consecuencias|efeito|consequencia|conseguenza|gevolg",
    "probability": "probability|likelihood|chance|probability rating|probability risk rating|prob|p|likelihood rating|"
    "probability score|eintrittswahrscheinlichkeit|wahrscheinlichkeit|probabilite|vraisemblance|probabilidad|probabilidade|"
    "probabilita|waarschijnlijkheid|kans|likelihood of occurrence|probability of occurrence",
    "impact": "impact|severity|impact rating|impact risk rating|impact score|consequence rating|i|auswirkung|schadenshohe|"
    "schadensausmass|gravite|impacto|gravedad|severidad|severidade|impatto|gravita|impact level|magnitude",
    "impact_days": "schedule impact|time impact|impact days|impact in days|delay|terminauswirkung|impact delai|impacto en plazo|"
    "days impact",
    "impact_cost": "cost impact|financial impact|impact cost|impact in money|exposure|kostenauswirkung|schadenssumme|impact cout|"
    "impacto en costo|impacto economico|impacto financeiro|monetary impact",
    "score": "score|risk score|rating|risk rating|risk level|risk exposure|severity score|pxi|p x i|risikowert|risikostufe|"
    "risikoklasse|criticite|niveau de risque|puntuacion|nivel de riesgo|nivel|risk priority|priority|criticidade",
    "response": "response strategy|strategy|response type|treatment|risk treatment|risk response strategy|strategie|estrategia|"
    "strategia|treatment strategy",
    "response_plan": "response|response plan|risk response|mitigation|mitigation plan|mitigation strategy|mitigation action|"
    "mitigation actions|action|actions|action plan|countermeasure|countermeasures|how to prevent|prevention|controls|contingency|"
    "contingency plan|massnahme|massnahmen|gegenmassnahme|gegenmassnahmen|plan d action|mesure|mesures|reponse|respuesta|"
    "plan de respuesta|mitigacion|acciones|plan de mitigacion|resposta|mitigacao|plano de acao|risposta|mitigazione|maatregel",
    "owner": "owner|risk owner|responsible|assigned to|risikoeigner|verantwortlich|verantwortlicher|responsable|proprietaire|"
    "propietario|responsable del riesgo|responsavel|proprietario|responsabile|eigenaar|risk manager",
    "status": "status|state|risk status|zustand|statut|etat|estado|stato",
    "category": "category|risk category|type|risk type|area|kategorie|risikokategorie|risikoart|categorie|categoria|tipo|"
    "categoria de riesgo|classification",
    "due": "due|due date|target date|deadline|review date|fallig|termin|echeance|fecha limite|fecha objetivo|prazo|scadenza",
    "proximity": "proximity|timeframe|time frame|imminence|nahe|proximite|proximidad",
    "trigger": "trigger|triggers|warning sign|warning signs|early warning|indicator|ausloser|indikator|declencheur|disparador|"
    "gatilho|sintoma|risk trigger",
    "created": "date identified|date raised|identified on|raised on|identified|fecha de identificacion",
}
_DECISION = {
    "key": "id|no|nr|number|ref|decision id|decision no|decision number|entscheidung nr",
    "title": "decision|title|decision title|subject|topic|question|decision required|decision needed|entscheidung|thema|sujet|"
    "decision a prendre|decisao|tema|besluit|decisione",
    "context": "context|background|issue|problem|description|details|hintergrund|kontext|contexte|contexto|antecedentes|problema",
    "options": "options|alternatives|options considered|alternatives considered|optionen|alternativen|opciones|alternativas|opzioni",
    "recommendation": "recommendation|recommended option|proposal|empfehlung|vorschlag|recommandation|recomendacion|recomendacao",
    "decided_option": "outcome|decided option|decision made|result|chosen option|selected option|ergebnis|beschluss|resultat|"
    "resultado|opcion elegida|final decision|decision outcome",
    "rationale": "rationale|reason|justification|why|begrundung|justificacion|motif|raison|justificativa|motivazione",
    "owner": "owner|decision maker|decided by|made by|approver|responsible|decision owner|entscheider|verantwortlich|decideur|"
    "responsable|decisor|approved by",
    "needed_by": "needed by|due|due date|required by|decide by|deadline|decision needed by|bis wann|fallig|echeance|fecha limite",
    "cost_of_delay": "cost of delay|cost of delay per week|cost per week late|cost of waiting|verzugskosten|verzugskosten je woche",
    "delay_days_per_week": "delay per week|delay days per week|days lost per week|days per week late|verzug je woche",
    "decided_on": "decided on|decision date|date|date decided|date of decision|entscheidungsdatum|datum|date de decision|"
    "fecha de decision|fecha|data da decisao",
    "status": "status|state|decision status|statut|estado|stato",
}
_DATASET = {
    "key": "id|no|nr|dataset id|number|ref",
    "title": "dataset|data set|dataset name|name|title|datensatz|jeu de donnees|conjunto de datos|data source",
    "description": "description|content|purpose|beschreibung|descripcion|details",
    "source": "source|origin|provider|url|location|quelle|herkunft|fuente|origen|provenance",
    "licence": "licence|license|licence terms|license type|lizenz|licencia|licenca|licenza|usage rights",
    "rows": "rows|records|samples|size|row count|number of records|number of rows|instances|zeilen|datensatze|filas|registros|"
    "enregistrements",
    "version_name": "version|release|revision|data version",
    "label_agreement": "label agreement|agreement|kappa|cohen s kappa|inter annotator agreement|krippendorff alpha",
    "agreement_needed": "agreement needed|kappa needed|required agreement|agreement target",
    "measured_on": "measured on|agreement measured on",
    "legal_basis": "legal basis|lawful basis|rechtsgrundlage|base legale|base legal|gdpr basis",
    "retention": "retention|retention period|aufbewahrung|aufbewahrungsfrist|conservation|conservacion|keep until",
    "status": "status|state|statut|estado",
    "owner": "owner|data owner|steward|data steward|custodian|responsible|eigner|responsable",
}
_SERVICE_LEVEL = {
    "key": "id|no|nr|sla id|number|ref",
    "title": "service level|sla|slo|sla name|objective|service level objective|agreement|name|title|kpi",
    "service": "service|system|application|service name|dienst|servicio|prestation",
    "metric": "metric|measure|indicator|measurement|sli|kennzahl|messgrosse|metrica|indicateur|indicador",
    "target": "target|goal|threshold|target value|service target|zielwert|ziel|objectif|cible|objetivo|meta",
    "unit": "unit|uom|einheit|unite|unidad|unita",
    "window": "window|period|measurement period|measurement window|reporting period|zeitraum|messzeitraum|periode|periodo",
    "calendar": "calendar|service hours|hours|support hours|coverage|servicezeit|servicezeiten|horario|plage horaire",
    "status": "status|state|statut|estado",
    "owner": "owner|service owner|responsible|verantwortlich|responsable",
}


def _words(table: dict[str, str]) -> dict[str, str]:
    return {plain(word): field for field, words in table.items() for word in words.split("|")}


# Register -> column name -> field. Order decides ties.
COLUMNS = {
    "risks": _words(_RISK),
    "decisions": _words(_DECISION),
    "service-levels": _words(_SERVICE_LEVEL),
    "datasets": _words(_DATASET),
    "work-items": _words(_WORK),
}

_WORK_EVIDENCE = (
    "planned_start planned_finish duration_minutes work_minutes status percent_complete predecessors points sprint wbs "
    "planned_cost level remaining_minutes actual_start actual_finish kind priority benefit parent"
)

# Fields that only a register of this kind has: at least one set must be complete before a table is taken for it.
EVIDENCE: dict[str, tuple[frozenset[str], ...]] = {
    "risks": (
        frozenset({"probability", "impact"}),
        frozenset({"probability", "title"}),
        frozenset({"cause", "effect"}),
        frozenset({"title", "response_plan", "impact"}),
        frozenset({"title", "score", "response_plan"}),
        frozenset({"probability", "impact_cost"}),
        frozenset({"probability", "impact_days"}),
    ),
    "decisions": (
        frozenset({"title", "decided_option"}),
        frozenset({"title", "rationale"}),
        frozenset({"title", "options"}),
        frozenset({"title", "decided_on", "owner"}),
        frozenset({"title", "needed_by", "recommendation"}),
    ),
    "service-levels": (
        frozenset({"metric", "target"}),
        frozenset({"title", "target", "window"}),
        frozenset({"service", "target"}),
    ),
    "datasets": (
        frozenset({"title", "licence"}),
        frozenset({"title", "rows", "source"}),
        frozenset({"title", "legal_basis"}),
        frozenset({"title", "retention", "source"}),
    ),
    "work-items": tuple(frozenset({"title", other}) for other in _WORK_EVIDENCE.split()),
}
# Words in a header or a sheet's name that weigh for a register.
HINTS = {
    "risks": "risk risiko risque riesgo risco rischio raid",
    "decisions": "decision entscheidung decisao besluit",
    "service-levels": "sla slo service",
    "datasets": "dataset data datensatz",
    "work-items": "task activity wbs backlog sprint plan schedule gantt story milestone vorgang tarea tache arbeitspaket",
}

# Tables that are recognised and have no register here: columns that give them away, what they are, why not.
FOREIGN = (
    ({"influence", "interest"}, "a stakeholder register"),
    ({"influence", "power"}, "a stakeholder register"),
    ({"power", "interest"}, "a stakeholder register"),
    ({"organization", "role"}, "a stakeholder register"),
    ({"organisation", "role"}, "a stakeholder register"),
    ({"stakeholder"}, "a stakeholder register"),
    ({"stakeholder name"}, "a stakeholder register"),
    ({"audience", "format"}, "a communication plan"),
    ({"audience", "purpose"}, "a communication plan"),
    ({"audience", "frequency"}, "a communication plan"),
    ({"linkedissuekey", "issuekey"}, "a list of links between issues"),
    ({"boardid", "sprintid"}, "statistics of sprints, one row per sprint or anonymous issue"),
)

OWNED = {
    register: frozenset(fields.values())
    - {
        "key",
        "parent",
        "level",
        "predecessors",
        "role",
        "benefit",
        "impact",
        "score",
        "created",
        "impact_days",
        "impact_cost",
    }
    for register, fields in COLUMNS.items()
}
