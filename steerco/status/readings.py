"""Metrics computed over a project into readings that keep their provenance, and read back for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from steerco.kit.fields import Label
from steerco.status.calculation import Missing
from steerco.status.metrics import Metric, Subject, Value, all_metrics, find
from steerco.status.results import Reading
from steerco.status.say import say


@dataclass(frozen=True, slots=True)
class Read:
    """One metric's answer: a value or a refusal, never both."""

    metric: Metric
    value: Value | None
    missing: Missing | None

    @property
    def refusal(self) -> str:
        """The refusal in English, as it is kept beside its parts."""
        if self.missing is None:
            return ""
        with translation.override("en"):
            return say(str(self.missing.text), self.missing.figures, "en", today=date.min)


def compute(subject: Subject) -> tuple[Read, ...]:
    """Every metric that applies to the project, in the order of declaration."""
    found = []
    for metric in all_metrics():
        answer = metric.compute(subject)
        if isinstance(answer, Value):
            found.append(Read(metric, answer, None))
        elif isinstance(answer, Missing):
            found.append(Read(metric, None, answer))
    return tuple(found)


def row_of(read: Read, **common: Any) -> Reading:
    """The reading to be kept; `common` are node, snapshot and as_of."""
    value, inputs = read.value, {}
    if value is not None:
        inputs = {"refs": list(value.refs), "figures": dict(value.figures)}
    elif read.missing is not None:
        with translation.override("en"):
            inputs = {"refusal": {"text": str(read.missing.text), "figures": dict(read.missing.figures)}}
    return Reading(
        metric=read.metric.slug,
        value=None if value is None else value.value,
        text="" if value is None else value.text,
        unit=read.metric.unit,
        coverage=1.0 if value is None else round(min(max(value.coverage, 0.0), 1.0), 4),
        freshness_days=None if value is None else value.freshness_days,
        confidence=None if value is None else value.confidence,
        rule_version=read.metric.version,
        inputs=inputs,
        refused=read.refusal[:300],
        fingerprint=_fingerprint(inputs, value),
        **common,
    )


def _fingerprint(inputs: Mapping[str, Any], value: Value | None) -> str:
    body = json.dumps([inputs, None if value is None else value.value], sort_keys=True, default=str)
    return hashlib.sha256(body.encode()).hexdigest()


def label_of(slug: str) -> Label:
    """What people call a metric; its slug where it is not declared any more."""
    metric = find(slug)
    return metric.label if metric else slug


def sentence_of(reading: Reading, *, currency: str = "EUR") -> str:
    """The reading in plain words, in the reader's language; the refusal where there is no value."""
    language = (translation.get_language() or "en").split("-")[0]
    if refusal := reading.inputs.get("refusal"):
        return say(_(refusal["text"]), refusal["figures"], language, today=reading.as_of)
    metric = find(reading.metric)
    if metric is None:
        return f"{reading.value}"
    return say(
        str(metric.says), reading.inputs.get("figures", {}), language, today=reading.as_of, currency=currency
    )


def value_of(reading: Reading, *, currency: str = "EUR") -> str:
    """The value alone with its unit, as a figure on a page shows it; the refusal where there is none."""
    language = (translation.get_language() or "en").split("-")[0]
    if reading.value is None:
        return sentence_of(reading, currency=currency)
    spec = {
        "d": "days", "%": "percent", "ratio": "percent", "points": "points", "count": "count", "money": "money",
    }.get(reading.unit, "number")  # fmt: skip
    sign = "\u2212" if reading.value < 0 and spec == "days" else ""
    return sign + say(
        "{v:%s}" % spec,  # noqa: UP031 -- braces belong to the template
        {"v": reading.value},
        language,
        today=reading.as_of,
        currency=currency,
    )
