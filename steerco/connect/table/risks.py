"""Rows of a risk register: cause, event and effect, ratings turned into numbers, opportunities told apart."""

from __future__ import annotations

import re
from typing import Any

from steerco.connect.dates import to_evening
from steerco.connect.durations import working_minutes
from steerco.connect.protocol import Notes
from steerco.connect.table.columns import Cells, Columns, shown
from steerco.connect.table.scales import DELAY_SENTENCE, delay_of, probability_of, rating
from steerco.connect.tame import PLAIN, Wild, is_empty, line
from steerco.connect.vocabulary import plain

_RESPONSES = {
    "avoid": "avoid avoidance eliminate prevent vermeiden eviter evitar",
    "mitigate": "mitigate mitigation reduce reduction control treat vermindern reduzieren reduire mitigar reducir reduzir",
    "transfer": "transfer share insure outsource ubertragen transferer transferir",
    "accept": "accept acceptance retain tolerate watch monitor akzeptieren tragen accepter aceptar aceitar",
    "exploit": "exploit nutzen exploiter explotar explorar",
    "enhance": "enhance erhohen ameliorer mejorar melhorar",
    "escalate": "escalate eskalieren escalader escalar",
}
_RESPONSE_OF = {word: response for response, words in _RESPONSES.items() for word in words.split()}
_STATUSES = {
    "open": "open new identified active raised logged offen neu ouvert abierto aberto aperto proposed assessed",
    "treating": "treating mitigating mitigated monitored monitoring ongoing doing treated controlled managed progress "
    "bearbeitung cours curso andamento watching",
    "closed": "closed resolved retired expired done complete completed geschlossen erledigt ferme cerrado fechado chiuso "
    "cancelled canceled obsolete",
    "happened": "happened occurred issue materialised materialized realized realised triggered eingetreten survenu ocurrido",
}
_STATUS_OF = {word: status for status, words in _STATUSES.items() for word in words.split()}
_MONEY = re.compile(r"[€$£¥₹]|\b(?:eur|usd|gbp|chf|inr)\b|\d\s?[km]\b", re.IGNORECASE)


class RiskRows:
    """Converts rows of one sheet of risks."""

    def __init__(self, columns: Columns, rows: list[tuple[int, Cells]], notes: Notes) -> None:
        self._columns = columns
        self._notes = notes
        at = columns.at("probability")
        values = [cells[at] for _, cells in rows if 0 <= at < len(cells)]
        self._probability = probability_of(values, columns.numbers.get(at, PLAIN))
        if values and self._probability.sentence:
            notes.warn(
                self._probability.sentence,
                where=f"{columns.place}column {columns.header.titles[at]}",
                remedy="Write percentages to be exact.",
            )
        self._ratings: list[int] = []
        self._texts: list[int] = []
        for at in columns.header.columns("impact"):
            cells = [row[at] for _, row in rows if at < len(row) and not is_empty(row[at])]
            rated = sum(rating(cell, columns.numbers.get(at, PLAIN), 10) is not None for cell in cells)
            if cells and rated >= 0.6 * len(cells):
                self._ratings.append(at)
            elif cells:
                self._texts.append(at)
        self._steps = 5
        for at in self._ratings[:1]:
            found = [rating(row[at], columns.numbers.get(at, PLAIN), 10) for _, row in rows if at < len(row)]
            # rating() scales by its steps: 10 steps halve a number, so more than 2.5 means more than 5 was written
            numbers = [
                abs(r) * 2
                for r, (_, row) in zip(found, rows)
                if r is not None and not isinstance(row[at], str)
            ]
            self._steps = 10 if numbers and max(numbers) > 5 else 5
            notes.warn(
                DELAY_SENTENCE,
                where=f"{columns.place}column {columns.header.titles[at]}",
                remedy="Give impacts in days and money to be exact.",
            )

    def fields(self, cells: Cells, where: str) -> dict[str, Any]:
        """The fields of a row; the title falls back to cause and event."""
        columns = self._columns
        fields: dict[str, Any] = {}
        custom: dict[str, str] = {}
        for name in ("cause", "event", "effect", "category", "proximity", "trigger", "owner"):
            if (
                text := columns.prose(cells, name)
                if name not in ("owner", "category")
                else columns.text(cells, name)
            ):
                fields[name] = text
        for at in self._texts:
            if at < len(cells) and not is_empty(cells[at]) and not self._measured(fields, cells[at], at):
                fields["effect"] = (
                    f"{fields['effect']}\n{shown(cells[at])}" if fields.get("effect") else shown(cells[at])
                )
        title = columns.text(cells, "title")
        if not title:
            title = line(
                " → ".join(line(fields[name], 140) for name in ("cause", "event") if fields.get(name))
            )
        fields["title"] = title
        if text := columns.prose(cells, "description"):
            fields["description"] = text
        share = columns.take(cells, "probability", where, lambda value, _: self._probability.share(value))
        if share is not None:
            fields["probability"] = share
        if (value := columns.raw(cells, "probability")) is not None and not isinstance(value, float):
            custom["Probability as written"] = shown(value, 60)
        self._impact(fields, cells, custom, where)
        self._response(fields, cells)
        if said := columns.text(cells, "status"):
            status = next((_STATUS_OF[word] for word in plain(said).split() if word in _STATUS_OF), "")
            if status:
                fields["status"] = status
            else:
                self._notes.warn(f"The status “{said}” is not known here; it was left out.", where=where)
                custom["Status as written"] = said
        if (due := columns.moment(cells, "due", where)) is not None:
            fields["due"] = to_evening(due)
        if (value := columns.raw(cells, "score")) is not None:
            custom["Score"] = shown(value, 60)
        if custom:
            fields["custom"] = custom
        return fields

    def _measured(self, fields: dict[str, Any], value: Any, at: int) -> bool:
        """Whether a cell of impact is money or time, which is then taken."""
        text = str(value)
        if len(text) > 30 or not any(character.isdigit() for character in text):
            return False
        try:
            if _MONEY.search(text):
                factor = {"k": 1_000, "m": 1_000_000}.get(text.strip().lower()[-1:], 1)
                amount = self._columns.numbers.get(at, PLAIN).number(text.strip().rstrip("kKmM"))
                if amount is not None:
                    fields["impact_cost_likely"] = amount * factor
                return amount is not None
            minutes = working_minutes(text)
        except Wild:
            return False
        if minutes:
            fields["impact_days_likely"] = round(minutes[0] / 480, 2)
        return bool(minutes)

    def _impact(self, fields: dict[str, Any], cells: Cells, custom: dict[str, str], where: str) -> None:
        columns = self._columns
        cost = columns.number(cells, "impact_cost", where)
        if cost is not None:
            fields["impact_cost_likely"] = cost
        days = columns.minutes(cells, "impact_days", where, "d")
        if days is not None:
            fields["impact_days_likely"] = round(days[0] / 480, 2)
        for at in self._ratings[:1]:
            if at >= len(cells) or is_empty(cells[at]):
                continue
            custom["Impact as written"] = shown(cells[at], 60)
            rate = rating(cells[at], columns.numbers.get(at, PLAIN), self._steps)
            if rate is None:
                self._notes.warn(
                    f"The impact “{shown(cells[at], 40)}” is no rating; it was left out.", where=where
                )
            elif rate < 0:
                fields["response"] = "exploit"
                self._notes.warn(
                    "The impact is negative: an opportunity. It has no days of delay.",
                    where=where,
                    remedy="Check it.",
                )
            elif rate > 0 and "impact_days_likely" not in fields:
                low, likely, high = delay_of(rate)
                fields["impact_days_low"], fields["impact_days_likely"], fields["impact_days_high"] = (
                    low,
                    likely,
                    high,
                )

    def _response(self, fields: dict[str, Any], cells: Cells) -> None:
        columns = self._columns
        strategy, plan = columns.text(cells, "response"), columns.prose(cells, "response_plan")
        if not strategy and len(plan) < 30 and plain(plan) in _RESPONSE_OF:
            strategy, plan = plan, ""
        found = next((_RESPONSE_OF[word] for word in plain(strategy).split() if word in _RESPONSE_OF), "")
        if found:
            fields["response"] = found
        elif strategy:
            plan = f"{strategy}\n{plan}" if plan else strategy
        if plan:
            fields["response_plan"] = plan
