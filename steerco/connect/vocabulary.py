"""Words that tools and people use for status, kind, priority and level, in several languages, and what they mean here."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_STATUS = {
    "todo": "to do|todo|open|new|backlog|selected for development|ready|reopened|not started|planned|draft|waiting|"
    "approved|accepted|funnel|offen|neu|geplant|nicht begonnen|zu erledigen|ouvert|a faire|nouveau|planifie|"
    "abierto|pendiente|por hacer|nuevo|sin iniciar|aberto|a fazer|nao iniciado|da fare|aperto|te doen|open|gepland|"
    "do zrobienia|к выполнению|открыто",
    "doing": "in progress|doing|started|in development|development|in review|review|code review|testing|in test|qa|"
    "in testing|active|ongoing|underway|wip|in work|implementing|verification|ready for test|ready for review|"
    "in bearbeitung|in arbeit|laufend|begonnen|en cours|en revision|en progreso|en curso|en proceso|em andamento|"
    "em progresso|in corso|in behandeling|bezig|w toku|в работе|patch available",
    "blocked": "blocked|on hold|hold|impeded|impediment|paused|stalled|suspended|blockiert|angehalten|wartend|bloque|"
    "bloqueado|en espera|en pausa|bloqueada|impedido|bloccato|geblokkeerd|wstrzymane|заблокировано",
    "done": "done|closed|resolved|complete|completed|finished|released|deployed|delivered|fixed|verified|shipped|erledigt|"
    "geschlossen|fertig|abgeschlossen|gelost|termine|ferme|resolu|acheve|hecho|cerrado|terminado|completado|finalizado|"
    "concluido|feito|fechado|completato|chiuso|fatto|gereed|klaar|afgerond|zakonczone|gotowe|готово|закрыто",
    "cancelled": "cancelled|canceled|rejected|wont do|won t do|wont fix|won t fix|declined|duplicate|invalid|obsolete|"
    "abandoned|withdrawn|deferred|cannot reproduce|incomplete|not a bug|abgebrochen|abgelehnt|verworfen|annule|rejete|"
    "cancelado|cancelada|rechazado|anulado|annullato|geannuleerd|anulowane|отменено",
}
_KIND = {
    "epic": "epic|initiative|theme|feature set",
    "story": "story|user story|new feature|newfeature|feature|improvement|enhancement|requirement|wish|historia|"
    "historia de usuario|recit|anforderung",
    "bug": "bug|defect|incident|fault|problem|error|fehler|anomalie|bogue|defecto|erro",
    "milestone": "milestone|meilenstein|jalon|hito|marco|gate|mijlpaal|kamien milowy",
    "deliverable": "deliverable|lieferobjekt|livrable|entregable|entrega|product",
    "summary": "summary|phase|summary task|sammelvorgang|fase|etapa",
    "task": "task|sub task|subtask|sub-task|work package|activity|action|aufgabe|teilaufgabe|vorgang|arbeitspaket|tache|"
    "sous tache|tarea|subtarea|tarefa|atividade|actividad|paquete de trabajo|attivita|taak|zadanie|задача|technical task|"
    "spike|test|documentation|support|service request",
}
_PRIORITY = {
    900: "highest|blocker|critical|urgent|p0|p1|must|must have|very high|sehr hoch|hochste|kritisch|critique|critica|"
    "critico|muy alta|urgente|altissima|tres elevee|show stopper|sev1",
    700: "high|major|p2|should|should have|hoch|elevee|haute|eleve|alta|alto|importante|hoog|wysoki|высокий",
    500: "medium|normal|moderate|p3|could|could have|mittel|moyenne|moyen|media|medio|gemiddeld|sredni|средний|average",
    300: "low|minor|p4|niedrig|gering|faible|basse|baja|bajo|baixa|baixo|bassa|basso|laag|niski|низкий",
    100: "lowest|trivial|p5|wont have|won t have|very low|sehr niedrig|tres faible|muy baja|muy bajo|optional",
}
# Levels of probability and impact, from 1 to 5.
_LEVEL = {
    1: "very low|rare|remote|very unlikely|insignificant|negligible|trivial|none|sehr gering|sehr niedrig|tres faible|"
    "negligeable|muy baja|muy bajo|muito baixa|muito baixo|insignificante|molto basso|lowest|vl",
    2: "low|unlikely|minor|small|improbable|gering|niedrig|unwahrscheinlich|faible|peu probable|baja|bajo|improvable|baixa|"
    "baixo|basso|bassa|laag|improbabile|menor|l|low to moderate|low moderate",
    3: "medium|moderate|possible|average|occasional|normal|mittel|moglich|moyen|moyenne|moderee|modere|media|medio|moderado|"
    "moderada|posible|possivel|gemiddeld|m|med",
    4: "high|likely|probable|major|significant|hoch|wahrscheinlich|eleve|elevee|haute|fort|forte|alta|alto|probable|"
    "provavel|importante|mayor|hoog|h|high to moderate|moderate to high|severe",
    5: "very high|almost certain|certain|frequent|critical|catastrophic|extreme|expected|sehr hoch|fast sicher|tres eleve|"
    "tres elevee|quasi certain|critique|catastrophique|muy alta|muy alto|casi seguro|muito alta|muito alto|critico|critica|"
    "catastrofico|extremo|molto alto|highest|vh",
}


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """A word as these tables spell it: lower case, no accents, no punctuation, single blanks."""
    text = unicodedata.normalize("NFKD", text[:200].lower().replace("ß", "ss"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {plain(word): meaning for meaning, words in table.items() for word in words.split("|")}


_STATUSES, _KINDS = _by_word(_STATUS), _by_word(_KIND)
_PRIORITIES = {plain(word): number for number, words in _PRIORITY.items() for word in words.split("|")}
_LEVELS = {plain(word): number for number, words in _LEVEL.items() for word in words.split("|")}
_CATEGORIES = {
    "to do": "todo",
    "new": "todo",
    "in progress": "doing",
    "indeterminate": "doing",
    "done": "done",
}
_CANCELLED_PARTS = (
    "cancel",
    "reject",
    "won t",
    "wont",
    "duplicate",
    "declin",
    "abandon",
    "obsolete",
    "invalid",
)


@lru_cache(maxsize=8192)
def work_status(status: str, category: str = "", resolution: str = "") -> str:
    """Our status of a work item, "" when the words are not known.

    The category decides when the tool has one; then the word itself, then its parts. Resolutions like "won't do" make
    of done cancelled, and a word for blocked counts while the category says it is not done.
    """
    word = plain(status)
    found = _CATEGORIES.get(plain(category), "") or _STATUSES.get(plain(category), "") if category else ""
    named = _STATUSES.get(word, "")
    if not found:
        found = named or _by_part(word)
    elif named == "blocked" and found != "done":
        found = "blocked"
    elif named == "cancelled" and found == "done":
        found = "cancelled"
    if found == "done" and resolution and any(part in plain(resolution) for part in _CANCELLED_PARTS):
        return "cancelled"
    return found


def _by_part(word: str) -> str:
    for part, meaning in (
        ("not started", "todo"),
        ("cancel", "cancelled"),
        ("reject", "cancelled"),
        ("block", "blocked"),
        ("hold", "blocked"),
        ("progress", "doing"),
        ("review", "doing"),
        ("test", "doing"),
        ("develop", "doing"),
        ("ready", "todo"),
        ("done", "done"),
        ("closed", "done"),
        ("complete", "done"),
        ("resolved", "done"),
        ("todo", "todo"),
        ("backlog", "todo"),
    ):
        if part in word:
            return meaning
    return ""


@lru_cache(maxsize=8192)
def work_kind(text: str) -> str:
    """Our kind of a work item, "" when the word is not known."""
    return _KINDS.get(plain(text), "")


@lru_cache(maxsize=8192)
def priority(text: str) -> int | None:
    """A priority word as 100 (lowest) to 900 (highest); None when the word is not known."""
    return _PRIORITIES.get(plain(text))


@lru_cache(maxsize=8192)
def level(text: str) -> int | None:
    """A word of probability or impact as 1 to 5; None when it is none. "4: High" and "High (4)" are High."""
    word = plain(text)
    found = _LEVELS.get(word)
    return (
        found
        if found is not None
        else _LEVELS.get(" ".join(part for part in word.split() if not part.isdigit()))
    )
