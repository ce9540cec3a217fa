"""A reading's links, calendars, resources and assignments as the plan area takes them over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from steerco.areas.plan.actions import AssignmentRow, CalendarRow, LinkRow, Network, ResourceRow
from steerco.areas.plan.calendars import calendar_to_json, options_to_json
from steerco.areas.plan.network import Resource, WorkCalendar
from steerco.connect.here import People
from steerco.connect.items import Reading
from steerco.connect.protocol import Notes
from steerco.connect.sorting import system_of
from steerco.kit.tree import Node

CURRENCIES = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₴": "UAH",
    "₽": "RUB",
    "zł": "PLN",
}
PLAN = ("calendars", "links", "resources", "assignments")


def own_keys(node: Node, reading: Reading) -> tuple[dict[str, str], dict[str, str]]:
    """Keys of calendars and of resources as they are kept: two sources of one project may number theirs alike."""
    found = []
    for model, keys in (
        (WorkCalendar, list(reading.calendars)),
        (Resource, [resource.key for resource in reading.resources]),
    ):
        taken = set(
            model.objects.filter(node=node)
            .exclude(origin_system=system_of(reading))
            .values_list("key", flat=True)
        )
        found.append({key: f"{reading.system}-{key}" if key in taken else key for key in keys})
    return found[0], found[1]


def network(
    node: Node, reading: Reading, ids: Mapping[str, int], people: People, notes: Notes, *, whole: bool
) -> Network:
    """The network in terms of record ids; what names an item that was refused is left out, with a note.

    `whole` says that nothing of an earlier import is missing, so that rows the source dropped are dropped here.
    """
    calendars, resources = own_keys(node, reading)
    return Network(
        system=system_of(reading),
        items=frozenset(
            ids[item.key] for item in reading.items if item.register == "work-items" and item.key in ids
        ),
        links=_links(reading, ids, notes),
        calendars=[
            CalendarRow(
                calendars[key],
                (reading.calendar_names.get(key) or key)[:120],
                calendar_to_json(calendar),
                key == reading.project.calendar,
            )
            for key, calendar in reading.calendars.items()
        ],
        resources=[
            ResourceRow(
                key=resources[resource.key],
                name=resource.name[:200] or resource.key,
                kind=resource.kind if resource.kind in Resource.Kind.values else "work",
                capacity=max(resource.max_units, 0.0),
                calendar=calendars.get(resource.calendar, ""),
                rate=_decimal(resource.standard_rate, 10),
                person_id=_person(resource.email or resource.name, people),
                group=resource.group[:120],
            )
            for resource in reading.resources
        ],
        assignments=[
            AssignmentRow(
                item_id=ids[a.item],
                resource=resources[a.resource],
                units=a.units,
                work_minutes=a.work,
                actual_minutes=a.actual_work,
                remaining_minutes=a.remaining_work,
                start=moment(a.start),
                finish=moment(a.finish),
                delay_minutes=a.delay,
                cost=_decimal(a.cost, 14),
            )
            for a in reading.assignments
            if a.item in ids and a.resource in resources
        ],
        whole=whole,
    )


def scheduling(reading: Reading) -> dict[str, Any] | None:
    """The source's scheduling rules for the node's options; None where it is no plan."""
    if not (reading.calendars or reading.project.calendar):
        return None
    rules = options_to_json(reading.project.options)
    if reading.project.options.schedule_from_finish and reading.project.finish:
        rules["finish"] = reading.project.finish.isoformat()
    return rules


def project_fields(node: Node, reading: Reading, notes: Notes) -> dict[str, Any]:
    """Fields of the project that the source gives and that differ from what is here."""
    told = reading.project
    wanted: dict[str, Any] = {}
    if told.start is not None and (reading.calendars or node.start is None):  # a table only guesses it
        wanted["start"] = moment(told.start)
    if told.status_date is not None:
        wanted["status_date"] = moment(told.status_date)
    if told.currency:
        code = CURRENCIES.get(told.currency, told.currency.upper())
        if len(code) == 3 and code.isalpha() and code.isascii():
            wanted["currency"] = code
        else:
            notes.lost("Currency", f"“{told.currency}” is no currency code; amounts are in {node.currency}.")
    return {name: value for name, value in wanted.items() if value != getattr(node, name)}


def _links(reading: Reading, ids: Mapping[str, int], notes: Notes) -> list[LinkRow]:
    found: dict[tuple[int, int, str], LinkRow] = {}
    for link in reading.links:
        ends = ids.get(link.predecessor), ids.get(link.successor)
        if ends[0] is None or ends[1] is None:
            missing = link.predecessor if ends[0] is None else link.successor
            notes.warn(
                "A link leads to an item that is not here; it was left out.",
                where=f"{link.where or 'link'}: {missing}",
                remedy="Import the item's project too, or correct its row.",
            )
        elif ends[0] == ends[1]:
            notes.warn("An item is linked to itself; the link was left out.", where=link.where)
        else:
            row = LinkRow(ends[0], ends[1], str(link.type), float(link.lag), str(link.lag_unit))
            found[row.predecessor_id, row.successor_id, row.type] = row
    return list(found.values())


def _person(text: str, people: People) -> int | None:
    found = people.find(text.strip()) if text.strip() else None
    return found.pk if found else None


def moment(naive: datetime | None) -> datetime | None:
    """A wall-clock moment as the database keeps it: as if it were UTC."""
    return None if naive is None else naive.replace(tzinfo=UTC)


def _decimal(text: str, digits: int) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return (
        number.quantize(Decimal("0.01"))
        if number.is_finite() and abs(number) < Decimal(10) ** digits
        else None
    )
