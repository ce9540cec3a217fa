"""The few words and all number and date formats that writers add themselves, in English and German, and clean text."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from steerco.report.pack import Cell, Colour, Column

_WORDS = {
    "en": {
        "green": "Green",
        "amber": "Amber",
        "red": "Red",
        "unknown": "Unknown",
        "page": "Page {number} of {total}",
        "as_of": "As of {moment}",
        "made": "Made {moment} by {person}",
        "seal": "Seal {seal}",
        "continued": "continued",
        "declared": "Declared",
        "declared_by_hand": "Declared by a person",
        "why": "Why",
        "area": "Area",
        "health": "Health",
        "sources": "Sources",
        "method": "Method",
        "evidence": "Evidence",
        "data": "Figures behind the picture",
        "contents": "Contents",
        "figure": "Figure",
        "value": "Value",
        "note": "Note",
        "text": "Text",
        "category": "Category",
        "marker": "Mark",
        "task": "Task",
        "start": "Start",
        "finish": "Finish",
        "baseline_start": "Baseline start",
        "baseline_finish": "Baseline finish",
        "p80": "80 % finish",
        "done": "Done",
        "critical": "Critical",
        "milestone": "Milestone",
        "today": "today",
        "planned": "planned",
        "baseline": "baseline",
        "to_p80": "until 80 % sure",
        "done_part": "done",
        "yes": "yes",
        "no": "no",
        "level": "Level",
        "days": "Days",
        "shortened": "Shortened on the slide, in full:",
        "nothing": "Nothing to show.",
        "computed_from": "Computed from",
    },
    "de": {
        "green": "Grün",
        "amber": "Gelb",
        "red": "Rot",
        "unknown": "Unbekannt",
        "page": "Seite {number} von {total}",
        "as_of": "Stand {moment}",
        "made": "Erstellt {moment} von {person}",
        "seal": "Siegel {seal}",
        "continued": "Fortsetzung",
        "declared": "Gemeldet",
        "declared_by_hand": "Von einer Person gemeldet",
        "why": "Begründung",
        "area": "Bereich",
        "health": "Zustand",
        "sources": "Quellen",
        "method": "Methode",
        "evidence": "Nachweise",
        "data": "Zahlen hinter dem Bild",
        "contents": "Inhalt",
        "figure": "Kennzahl",
        "value": "Wert",
        "note": "Anmerkung",
        "text": "Text",
        "category": "Kategorie",
        "marker": "Marke",
        "task": "Vorgang",
        "start": "Anfang",
        "finish": "Ende",
        "baseline_start": "Basisplan Anfang",
        "baseline_finish": "Basisplan Ende",
        "p80": "80-%-Ende",
        "done": "Fertig",
        "critical": "Kritisch",
        "milestone": "Meilenstein",
        "today": "heute",
        "planned": "geplant",
        "baseline": "Basisplan",
        "to_p80": "bis 80 % sicher",
        "done_part": "fertig",
        "yes": "ja",
        "no": "nein",
        "level": "Ebene",
        "days": "Tage",
        "shortened": "Auf der Folie gekürzt, vollständig:",
        "nothing": "Nichts zu zeigen.",
        "computed_from": "Berechnet aus",
    },
}
_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "de": ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."],
}
THIN = "\u202f"  # narrow no-break space between number and unit
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\ufdd0-\ufdef]")
_SPACE = re.compile(r"[ \t\r\n\u2028\u2029]+")
# A character that turns the reading direction of everything after it may forge a line; isolates keep that in bounds.
_TURNING = re.compile("[\u202a-\u202e]")


def language_of(language: str) -> str:
    """The language the words exist in: German for de and its variants, English for everything else."""
    return "de" if language.lower().split("-")[0] == "de" else "en"


def word(language: str, key: str, **parts: object) -> str:
    """A word of the writers in the pack's language, with its parts filled in."""
    return _WORDS[language_of(language)][key].format(**parts)


def keys() -> dict[str, set[str]]:
    """The keys known per language (so that a test can tell when one lags behind)."""
    return {language: set(known) for language, known in _WORDS.items()}


def clean(text: str) -> str:
    """One line of text that every format can hold: no control characters, lone surrogates or direction overrides."""
    return _SPACE.sub(" ", _TURNING.sub("", _FORBIDDEN.sub("", text))).strip()


def health_word(language: str, colour: Colour) -> str:
    """The word for a health colour."""
    return word(language, colour.value)


def day(language: str, value: date) -> str:
    """A date as people of that language write it: 20 Nov 2026, 20.11.2026."""
    if language_of(language) == "de":
        return f"{value.day:02d}.{value.month:02d}.{value.year}"
    return f"{value.day} {_MONTHS['en'][value.month - 1]} {value.year}"


def month(language: str, value: date) -> str:
    """A short month name, with the year in January."""
    name = _MONTHS[language_of(language)][value.month - 1]
    return f"{name} {value.year}" if value.month == 1 else name


def moment(language: str, value: datetime) -> str:
    """Date and time; an aware moment says its offset from UTC."""
    zone = ""
    offset = value.utcoffset()
    if offset is not None:
        minutes = int(offset.total_seconds() // 60)
        sign = "-" if minutes < 0 else "+"
        zone = " UTC" + (f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "")
    return f"{day(language, value)}, {value.hour:02d}:{value.minute:02d}{zone}"


def number(language: str, value: int | float | Decimal, decimals: int | None = None) -> str:
    """A number with the language's separators; `decimals` None writes what it needs, at most two."""
    exact = Decimal(str(value))
    places = 2 if decimals is None else decimals
    text = f"{exact:,.{places}f}" if abs(exact) < 10**15 else f"{exact:.3E}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    text = text.replace("-", "\u2212")
    if language_of(language) == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    return text


def cell(language: str, value: Cell | Colour, column: Column) -> str:
    """What a table cell says in running text; nothing at all for None."""
    if value is None:
        return ""
    if isinstance(value, Colour):
        return health_word(language, value)
    if isinstance(value, bool):
        return word(language, "yes" if value else "no")
    if isinstance(value, datetime):
        return day(language, value) if column.kind == "date" else moment(language, value)
    if isinstance(value, date):
        return day(language, value)
    if isinstance(value, int | float | Decimal):
        if column.kind == "percent":
            return number(language, Decimal(str(value)) * 100, column.decimals or 0) + THIN + "%"
        if column.kind == "money":
            return number(language, value, column.decimals or 0)
        return number(language, value, column.decimals)
    return clean(value)


def is_right_aligned(column: Column) -> bool:
    """Whether the column's values are compared digit by digit."""
    return column.kind in ("number", "money", "percent")
