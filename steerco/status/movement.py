"""What moved between two moments: forecasts, colours and readings, and the records that did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from steerco.kit.register import find
from steerco.status.calculation import MINUTES_A_DAY
from steerco.status.metrics import find as find_metric
from steerco.status.readings import label_of
from steerco.status.results import Forecast, Health, Reading, Snapshot

WEEK = timedelta(days=7)
MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure that changed. `worse` is None where more is neither good nor bad."""

    metric: str
    label: str
    before: float | None
    after: float | None
    unit: str
    worse: bool | None

    @property
    def weight(self) -> float:
        """How much it moved relative to where it was: what a reader wants to see first."""
        if self.before is None or self.after is None:
            return 1.0
        return abs(self.after - self.before) / max(abs(self.before), abs(self.after), 1e-9)


@dataclass(frozen=True, slots=True)
class Because:
    """A record whose change moved the forecast, in one sentence and its parts."""

    ref: str
    register: str
    title: str
    sentence: str
    who: str
    p80_days: float | None
    p50_days: float | None


@dataclass(frozen=True, slots=True)
class Movement:
    """Everything that differs between two snapshots of a node; days are calendar days, later is positive."""

    since: datetime
    until: datetime
    p50_days: float | None
    p80_days: float | None
    chance_before: float | None
    chance_after: float | None
    colour_before: str
    colour_after: str
    dimensions: tuple[tuple[str, str, str], ...]  # key, before, after: those that changed
    readings: tuple[Moved, ...]
    because: tuple[Because, ...]

    @property
    def headline(self) -> str:
        """P80 +4 days, mostly R-14; or that nothing moved."""
        if self.p80_days is None or abs(self.p80_days) < 0.05:
            return _("P80 has not moved.")
        days = signed(self.p80_days)
        main = next((b for b in self.because if b.p80_days and b.p80_days * self.p80_days > 0), None)
        if main is None:
            return _("P80 %(days)s days.") % {"days": days}
        return _("P80 %(days)s days, mostly %(ref)s.") % {"days": days, "ref": main.ref}


def since_last_week(node_id: int, now: datetime, span: timedelta = WEEK) -> Movement | None:
    """Movement of the last week, or another span: from the last snapshot that old (else the first) to the newest."""
    found = Snapshot.objects.filter(node=node_id)
    new = found.order_by("-id").first()
    if new is None:
        return None
    old = found.filter(made_at__lte=now - span).order_by("-id").first() or found.order_by("id").first()
    return None if old is None or old.pk == new.pk else between(old, new)


def between(old: Snapshot, new: Snapshot) -> Movement:
    """What differs between two snapshots of the same node, and the changes of records in between, greatest first."""
    pair = [old.pk, new.pk]
    forecasts = {
        (f.snapshot_id, f.kind): f for f in Forecast.objects.filter(snapshot__in=pair).exclude(kind="cost")
    }
    health = {h.snapshot_id: h for h in Health.objects.filter(snapshot__in=pair)}
    readings: dict[int, dict[str, Reading]] = {old.pk: {}, new.pk: {}}
    for reading in Reading.objects.filter(snapshot__in=pair):
        readings[reading.snapshot_id][reading.metric] = reading
    was, now = _finish(forecasts, old.pk), _finish(forecasts, new.pk)
    if was is not None and now is not None and was.kind != now.kind:
        was = None
    colours = {key: _colours(health.get(key)) for key in pair}
    causes = [
        cause
        for snapshot in Snapshot.objects.filter(node=new.node_id, pk__gt=old.pk, pk__lte=new.pk)
        .order_by("id")
        .only("changes")
        for cause in snapshot.changes
    ]
    return Movement(
        since=old.made_at,
        until=new.made_at,
        p50_days=_days(was, now, "p50"),
        p80_days=_days(was, now, "p80"),
        chance_before=was.committed_confidence if was else None,
        chance_after=now.committed_confidence if now else None,
        colour_before=health[old.pk].colour if old.pk in health else "unknown",
        colour_after=health[new.pk].colour if new.pk in health else "unknown",
        dimensions=tuple(
            (key, colours[old.pk].get(key, "unknown"), colour)
            for key, colour in colours[new.pk].items()
            if colours[old.pk].get(key, "unknown") != colour
        ),
        readings=_moved(readings[old.pk], readings[new.pk]),
        because=tuple(_because(cause) for cause in _merged(causes)),
    )


def _finish(forecasts: Mapping[tuple[int, str], Forecast], snapshot: int) -> Forecast | None:
    return forecasts.get((snapshot, "schedule")) or forecasts.get((snapshot, "throughput"))


def _days(was: Forecast | None, now: Forecast | None, name: str) -> float | None:
    if was is None or now is None:
        return None
    return float(round((getattr(now, name) - getattr(was, name)) / MINUTES_A_DAY, 1))


def _colours(health: Health | None) -> dict[str, str]:
    return {d["key"]: d["colour"] for d in health.dimensions} if health else {}


def _moved(before: Mapping[str, Reading], after: Mapping[str, Reading]) -> tuple[Moved, ...]:
    found = []
    for slug in dict.fromkeys([*after, *before]):
        was, now = before.get(slug), after.get(slug)
        old, new = (was.value if was else None), (now.value if now else None)
        if old == new:
            continue
        metric = find_metric(slug)
        worse = None
        if metric and metric.better != "neutral" and old is not None and new is not None:
            worse = (new > old) == (metric.better == "lower")
        unit = (now or was).unit  # type: ignore[union-attr]
        found.append(Moved(slug, str(label_of(slug)), old, new, unit, worse))
    return tuple(sorted(found, key=lambda m: (-m.weight, m.metric)))


def _merged(causes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Causes of several snapshots, one per record: first value before, last value after, effects added up."""
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    for cause in causes:
        key = (cause["register"], cause["record_id"], cause["batch"] if cause["action"] == "import" else "")
        earlier = found.get(key)
        if earlier is None:
            found[key] = dict(cause)
            continue
        fields = dict(earlier["fields"])
        for name, (old, new) in cause["fields"].items():
            fields[name] = [fields[name][0] if name in fields else old, new]
        for days in ("p50_days", "p80_days"):
            parts = [c[days] for c in (earlier, cause) if c[days] is not None]
            earlier[days] = round(sum(parts), 2) if parts else None
        earlier |= {"fields": fields, "who": cause["who"], "seq": cause["seq"]}
        if earlier["action"] != "create":
            earlier["action"] = cause["action"]
    return sorted(found.values(), key=lambda c: (-abs(c["p80_days"] or 0.0), -c["seq"]))


def _because(cause: Mapping[str, Any]) -> Because:
    return Because(
        cause["ref"],
        cause["register"],
        cause["title"],
        sentence_of(cause),
        cause["who"],
        cause["p80_days"],
        cause["p50_days"],
    )


def sentence_of(cause: Mapping[str, Any]) -> str:
    """R-14 probability 40 % → 60 %: P80 +3 d."""
    said = _what(cause)
    days = cause["p80_days"]
    if days is None:
        return said
    if abs(days) < 0.05:
        return f"{said}: " + _("P80 unchanged")
    return f"{said}: P80 {signed(days)} " + _("d")


def _what(cause: Mapping[str, Any]) -> str:
    match cause["action"]:
        case "import":
            return _("An import changed %(count)s records") % {"count": cause["ref"]}
        case "create":
            return _("%(ref)s %(title)s is new") % {"ref": cause["ref"], "title": cause["title"]}
        case "archive":
            return _("%(ref)s was archived") % {"ref": cause["ref"]}
        case "restore":
            return _("%(ref)s was restored") % {"ref": cause["ref"]}
        case "link" | "unlink":
            return _("Links of %(ref)s changed") % {"ref": cause["ref"]}
        case "replace":
            return _("The plan's %(what)s were replaced") % {"what": cause["register"].removeprefix("plan-")}
    register = find(cause["register"])
    parts = []
    for name, (before, after) in list(cause["fields"].items())[:2]:
        spec = register.all_fields.get(name) if register else None
        label = str(spec.label) if spec else name
        parts.append(f"{label} {_shown(spec, before)} → {_shown(spec, after)}")
    return f"{cause['ref']} " + ", ".join(parts)


def _shown(spec: Any, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if spec is None or spec.kind in {"person", "reference"}:
        return str(value)[:60]
    try:
        raw = float(value) if spec.kind == "percent" else value
        return str(spec.behaviour.show(spec.behaviour.clean(raw, spec), spec))[:60]
    except (ValueError, TypeError, ArithmeticError):
        return str(value)[:60]


def signed(days: float) -> str:
    """+3 or −2.5, with the sign that is as wide as a plus."""
    return f"{'+' if days > 0 else MINUS}{abs(round(days, 1)):g}"
