"""Rows of decisions, datasets and service levels."""

from __future__ import annotations

import re
from typing import Any

from steerco.connect.dates import to_evening
from steerco.connect.protocol import Notes
from steerco.connect.table.columns import Cells, Columns
from steerco.connect.tame import Wild, line
from steerco.connect.vocabulary import plain

_DECISION_STATUSES = {
    "proposed": "proposed pending open draft new vorgeschlagen offen propose propuesta pendiente",
    "needed": "needed required due awaiting waiting requested erforderlich requise requerida",
    "decided": "decided approved made closed done accepted agreed final taken entschieden genehmigt decide aprobada aprobado "
    "decidida implemented complete completed rejected declined",
    "withdrawn": "withdrawn cancelled canceled superseded obsolete zuruckgezogen retiree retirada",
}
_DECISION_STATUS = {word: status for status, words in _DECISION_STATUSES.items() for word in words.split()}
_TEXTS = {
    "decisions": ("context", "options", "recommendation", "decided_option", "rationale"),
    "datasets": ("description", "source", "licence", "version_name", "legal_basis", "retention"),
    "service-levels": ("service", "metric", "window", "calendar"),
}
_TARGET = re.compile(r"(?P<sign>[<>≤≥=~]{0,2})\s*(?P<number>[-+]?\d[\d.,\s']*)\s*(?P<unit>[^\d\s].{0,30})?")


class OtherRows:
    """Converts rows of one sheet of decisions, datasets or service levels."""

    def __init__(self, columns: Columns, register: str, notes: Notes) -> None:
        self._columns = columns
        self._register = register
        self._notes = notes

    def fields(self, cells: Cells, where: str) -> dict[str, Any]:
        """The fields of a row."""
        columns = self._columns
        fields: dict[str, Any] = {"title": columns.text(cells, "title")}
        for name in _TEXTS[self._register]:
            if text := columns.prose(cells, name):
                fields[name] = text
        for name in ("owner", "status", "unit"):
            if columns.header.columns(name) and (text := columns.text(cells, name)):
                fields[name] = text
        {"decisions": self._decision, "datasets": self._dataset, "service-levels": self._service_level}[
            self._register
        ](fields, cells, where)
        return fields

    def _decision(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        needed, decided = (self._columns.moment(cells, name, where) for name in ("needed_by", "decided_on"))
        if needed is not None:
            fields["needed_by"] = to_evening(needed)
        if decided is not None:
            fields["decided_on"] = decided
        for name in ("cost_of_delay", "delay_days_per_week"):
            if (price := self._columns.number(cells, name, where)) is not None:
                fields[name] = price
        said = fields.pop("status", "")
        status = next(
            (_DECISION_STATUS[word] for word in plain(said).split() if word in _DECISION_STATUS), ""
        )
        if said and not status:
            self._notes.warn(f"The status “{said}” is not known here; it was left out.", where=where)
            fields["custom"] = {"Status as written": said}
        if not status:
            status = "decided" if fields.get("decided_option") or decided else ""
        if status:
            fields["status"] = status

    def _dataset(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        rows = self._columns.number(cells, "rows", where)
        if rows is not None and rows >= 0:
            fields["rows"] = int(rows)
        for name in ("label_agreement", "agreement_needed"):
            if (kappa := self._columns.number(cells, name, where)) is not None:
                fields[name] = kappa
        if (measured := self._columns.moment(cells, "measured_on", where)) is not None:
            fields["measured_on"] = measured

    def _service_level(self, fields: dict[str, Any], cells: Cells, where: str) -> None:
        columns = self._columns
        if not fields["title"]:
            fields["title"] = line(
                ": ".join(fields[name] for name in ("service", "metric") if fields.get(name))
            )
        value = columns.raw(cells, "target")
        if value is None:
            return
        match = _TARGET.fullmatch(line(value, 80))
        try:
            number = columns.numbers[columns.at("target")].number(match["number"] if match else value)
        except Wild as wild:
            self._notes.warn(
                f"The target was kept as text: {wild}.", where=where, remedy="Write a number and its unit."
            )
            fields["custom"] = {"Target as written": line(value, 200)}
            return
        if number is not None:
            fields["target"] = number
        if match and match["unit"]:
            fields.setdefault("unit", match["unit"].strip())
        if match and match["sign"]:
            fields["custom"] = {"Target as written": line(value, 200)}
