"""Readings into verdicts by a policy: a colour and a sentence per dimension, overall, and for a portfolio of projects."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from steerco.status.policy import COLOURS, LEVELS, Dimension, Policy
from steerco.status.readings import Read
from steerco.status.say import LANGUAGES, both, say


@dataclass(frozen=True, slots=True)
class Verdict:
    """One dimension, or the whole: colour, the sentence why in every language, and the metrics it rests on."""

    key: str
    label: Mapping[str, str]
    colour: str
    sentences: Mapping[str, str]
    because: str = ""  # the metric that decided
    metrics: tuple[str, ...] = ()  # all that were looked at
    others: tuple[Mapping[str, str], ...] = ()  # further sentences of the same colour or the next

    def plain(self) -> dict[str, Any]:
        """JSON for a health row."""
        return {
            "key": self.key,
            "label": dict(self.label),
            "colour": self.colour,
            "sentences": dict(self.sentences),
            "because": self.because,
            "metrics": list(self.metrics),
            "others": [dict(o) for o in self.others],
        }


def judge(
    reads: Iterable[Read], policy: Policy, *, today: date, currency: str = "EUR"
) -> tuple[Verdict, tuple[Verdict, ...]]:
    """The overall verdict and one per dimension that applies. Dimensions without any metric are left out."""
    by_metric = {read.metric.slug: read for read in reads}
    dimensions = tuple(
        verdict
        for dimension in policy.dimensions
        if (verdict := _dimension(dimension, by_metric, today, currency)) is not None
    )
    return _overall(dimensions, policy), dimensions


def _dimension(dimension: Dimension, reads: Mapping[str, Read], today: date, currency: str) -> Verdict | None:
    """Worst of its rules. Green only where a deciding metric has a value: no evidence is not good news."""
    looked = tuple(rule.metric for rule in dimension.rules if rule.metric in reads)
    if not looked:
        return None
    hits: list[tuple[int, str, str, Mapping[str, str]]] = []  # colour rank, metric, colour, sentences
    for rule in dimension.rules:
        read = reads.get(rule.metric)
        if read is None or read.value is None:
            continue
        colour = rule.colour(read.value.value)
        text = rule.green if colour == "green" else rule.sentence
        if text is not None:
            said = both(text, read.value.figures, today=today, currency=currency)
            hits.append((COLOURS.index(colour), rule.metric, colour, said))
        else:
            hits.append((COLOURS.index(colour), rule.metric, colour, {}))
    worst = max((rank for rank, *_rest in hits), default=-1)
    if worst >= COLOURS.index("amber"):
        first, *more = [hit for hit in hits if hit[0] == worst]
        more += [hit for hit in hits if COLOURS.index("amber") <= hit[0] < worst]
        return Verdict(
            dimension.key,
            dimension.label,
            first[2],
            first[3],
            first[1],
            looked,
            tuple(hit[3] for hit in more),
        )
    deciding = [reads[m] for m in dimension.decided_by if m in reads]
    known = [read for read in deciding if read.value is not None]
    if not known:
        refused = deciding or [reads[m] for m in looked if reads[m].value is None]
        reason: Mapping[str, str] = _refusal(refused[0], today) if refused else _NO_EVIDENCE
        because = refused[0].metric.slug if refused else ""
        return Verdict(dimension.key, dimension.label, "unknown", reason, because, looked)
    slug = known[0].metric.slug
    for _rank, metric, _colour, sentences in hits:
        if sentences:
            return Verdict(dimension.key, dimension.label, "green", sentences, metric, looked)
    return Verdict(dimension.key, dimension.label, "green", _plainly(known[0], today, currency), slug, looked)


_NO_EVIDENCE = {"en": "There is no evidence to judge by.", "de": "Es fehlt ein Nachweis, um zu urteilen."}


def _refusal(read: Read, today: date) -> dict[str, str]:
    assert read.missing is not None
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = say(str(read.missing.text), read.missing.figures, language, today=today)
    return said


def _plainly(read: Read, today: date, currency: str) -> dict[str, str]:
    """The metric's own sentence, where the policy has none for green."""
    assert read.value is not None
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            text = str(read.metric.says)
            said[language] = say(text, read.value.figures, language, today=today, currency=currency)
    return said


def _overall(dimensions: Sequence[Verdict], policy: Policy) -> Verdict:
    """Worst of the dimensions, each at most as bad as the policy lets it count; its sentence is the first reason."""
    rules = policy.overall
    label = {"en": "Overall", "de": "Gesamt"}
    by_key = {verdict.key: verdict for verdict in dimensions}
    ordered = [by_key[key] for key in rules["order"] if key in by_key]
    counted = [(_capped(v.colour, rules["at_most"].get(v.key)), v) for v in ordered]
    looked = tuple(v.key for v in ordered)
    for colour in ("red", "amber"):
        hits = [v for counts_as, v in counted if counts_as == colour]
        if hits:
            more = [v for counts_as, v in counted if v not in hits and counts_as == "amber"]
            others = tuple(v.sentences for v in [*hits[1:], *more])
            return Verdict("overall", label, colour, hits[0].sentences, hits[0].key, looked, others)
    unknown = [v for v in ordered if v.colour == "unknown" and v.key in rules["must_know"]]
    absent = [key for key in rules["must_know"] if key not in by_key]
    if unknown:
        return Verdict("overall", label, "unknown", unknown[0].sentences, unknown[0].key, looked)
    if absent or not ordered:
        return Verdict("overall", label, "unknown", rules["nothing"], "", looked)
    return Verdict("overall", label, "green", rules["good"], "", looked)


def _capped(colour: str, at_most: str | None) -> str:
    if at_most is None or colour not in LEVELS:
        return colour
    return min(colour, at_most, key=LEVELS.__getitem__)


@dataclass(frozen=True, slots=True)
class Child:
    """A project or programme as its parent sees it."""

    key: str
    name: str
    colour: str
    weight: float | None  # budget; None where there is none


def roll_up(children: Sequence[Child], policy: Policy, *, today: date) -> Verdict:
    """The verdict over many projects: the worst of them, or by the share of weight that is red and in trouble.

    Projects without a verdict weigh nothing, and where none has one the verdict is unknown.
    """
    rules = policy.rollup
    label = {"en": "Overall", "de": "Gesamt"}
    judged = [child for child in children if child.colour in LEVELS]
    keys = tuple(child.key for child in children)
    if not judged:
        return Verdict("overall", label, "unknown", rules["nothing"], "", keys)
    red = [c for c in judged if c.colour == "red"]
    amber = [c for c in judged if c.colour == "amber"]
    if rules["method"] == "worst":
        colour = max((c.colour for c in judged), key=LEVELS.__getitem__)
    else:
        weights = _weights(judged, rules["weight"])
        total = sum(weights.values())
        shares = {
            "red_share": sum(weights[c.key] for c in red) / total,
            "red_projects": len(red) / len(judged),
            "troubled_share": sum(weights[c.key] for c in [*red, *amber]) / total,
        }
        colour = next(
            (
                candidate
                for candidate in ("red", "amber")
                if any(shares[name] >= limit - 1e-9 for name, limit in rules[candidate].items())
            ),
            "green",
        )
    names = ", ".join(c.name for c in (red or amber)[:3])
    figures = {"red": len(red), "amber": len(amber), "all": len(children)}
    said = {
        language: say(
            text,
            {
                **figures,
                "first": say(rules["first"][language], {"names": names}, language, today=today)
                if names
                else "",
            },
            language,
            today=today,
        )
        for language, text in rules["sentence"].items()
    }
    return Verdict("overall", label, colour, said, (red or amber or judged)[0].key, keys)


def _weights(children: Sequence[Child], by: str) -> dict[str, float]:
    if by == "equal":
        return {c.key: 1.0 for c in children}
    known = [c.weight for c in children if c.weight]
    usual = statistics.median(known) if known else 1.0
    return {c.key: float(c.weight or usual) for c in children}


def levels_apart(declared: str, computed: str) -> int | None:
    """How many levels two colours lie apart; None where one of them is unknown."""
    if declared not in LEVELS or computed not in LEVELS:
        return None
    return abs(LEVELS[declared] - LEVELS[computed])


def colour_word(colour: str) -> str:
    """The word that always stands beside the colour and its shape."""
    return {"green": _("Green"), "amber": _("Amber"), "red": _("Red")}.get(colour, _("Unknown"))
