"""Readings become colours by the policy's limits, green needs evidence, and the first reason is the sentence."""

from __future__ import annotations

from datetime import date

import pytest

from steerco.status.calculation import Missing
from steerco.status.health import Child, judge, levels_apart, roll_up
from steerco.status.metrics import Value, find
from steerco.status.policy import checked, merged, standard
from steerco.status.readings import Read

TODAY = date(2027, 1, 4)


def read(slug, value=None, missing="", **figures):
    metric = find(slug)
    if missing:
        return Read(metric, None, Missing(missing))
    return Read(metric, Value(value, figures=figures), None)


def colour_of(dimension, *reads):
    _overall, found = judge(reads, standard(), today=TODAY)
    return next(v.colour for v in found if v.key == dimension)


@pytest.mark.parametrize(
    ("dimension", "metric", "value", "colour"),
    [
        ("schedule", "confidence_gap", 0.0, "unknown"),  # decides nothing by itself
        ("schedule", "confidence_gap", 0.1, "amber"),
        ("schedule", "confidence_gap", 29.9, "amber"),
        ("schedule", "confidence_gap", 30.0, "red"),
        ("schedule", "p80_slip", -5.0, "green"),
        ("schedule", "p80_slip", 1.0, "amber"),
        ("schedule", "p80_slip", 14.0, "red"),
        ("schedule", "spi_t", 0.94, "amber"),
        ("schedule", "spi_t", 0.79, "red"),
        ("cost", "eac_over_budget", -0.2, "green"),
        ("cost", "eac_over_budget", 0.06, "amber"),
        ("cost", "eac_over_budget", 0.1, "red"),
        ("cost", "cpi", 0.9, "amber"),
        ("scope", "scope_growth", 0.09, "green"),
        ("scope", "scope_growth", 0.25, "red"),
        ("risk", "exposure_days", 9.9, "green"),
        ("risk", "exposure_days", 10.0, "amber"),
        ("risk", "exposure_days", 30.0, "red"),
        ("risk", "unanswered_risks", 1.0, "amber"),
        ("resources", "overallocation", 1.0, "green"),
        ("resources", "overallocation", 1.4, "amber"),
        ("resources", "overallocation", 1.5, "red"),
        ("freshness", "days_since_update", 10.0, "green"),
        ("freshness", "days_since_update", 31.0, "red"),
        ("ai", "label_agreement_gap", 0.14, "red"),
        ("ai", "datasheet_completeness", 0.89, "amber"),
        ("service", "levels_kept", 1.0, "green"),
        ("service", "levels_kept", 0.79, "red"),
    ],
)
def test_a_value_gets_the_colour_of_its_limit(dimension, metric, value, colour):
    assert colour_of(dimension, read(metric, value)) == colour


def test_rounding_noise_does_not_turn_a_colour():
    # 3 x 0.1 is 0.30000000000000004 in binary; the limit "above 1.0" must not trip on the last bit.
    assert colour_of("resources", read("overallocation", 1.0 + 1e-12)) == "green"


def test_a_dimension_without_its_deciding_evidence_is_unknown_and_says_what_is_missing():
    refusal = "There is no baseline to compare with."
    _overall, found = judge([read("scope_growth", missing=refusal)], standard(), today=TODAY)
    (scope,) = found
    assert (scope.colour, scope.sentences["en"]) == ("unknown", refusal)


def test_bad_news_counts_even_where_the_deciding_evidence_is_missing():
    reads = [read("commitment_confidence", missing="x"), read("spi_t", 0.5, index=0.5)]
    assert colour_of("schedule", *reads) == "red"


def test_the_worst_dimension_is_the_verdict_and_its_sentence_the_first_reason():
    reads = [
        read("p80_slip", 21.0, days=21.0),
        read("eac_over_budget", 0.06, over=0.06, eac=1_420_000, budget=1_340_000),
        read("exposure_days", 31.0, days=31.0, open=4, ref="R-1"),
    ]
    overall, _dimensions = judge(reads, standard(), today=TODAY)
    assert (overall.colour, overall.because) == ("red", "schedule")
    assert overall.sentences["en"] == "P80 is 21 days past the commitment."
    assert overall.sentences["de"] == "P80 liegt 21 Tage hinter der Zusage."
    said = [o["en"] for o in overall.others]
    assert said[0].startswith("Exposure is 31 days") and said[1].startswith(
        "The estimate at completion is 1.42 M€"
    )


def test_old_data_alone_cannot_turn_a_project_red():
    reads = [read("p80_slip", -1.0), read("days_since_update", 60.0, age=60.0)]
    overall, dimensions = judge(reads, standard(), today=TODAY)
    assert {v.key: v.colour for v in dimensions} == {"schedule": "green", "freshness": "red"}
    assert overall.colour == "amber"


def test_nothing_is_green_without_a_schedule():
    overall, _dimensions = judge([read("exposure_days", 0.0)], standard(), today=TODAY)
    assert overall.colour == "unknown"
    overall, _dimensions = judge(
        [read("p80_slip", missing="No finish date has been committed."), read("exposure_days", 0.0)],
        standard(),
        today=TODAY,
    )
    assert (overall.colour, overall.sentences["en"]) == ("unknown", "No finish date has been committed.")


def children(*colours, weights=None):
    weights = weights or [None] * len(colours)
    return [Child(f"P{n}", f"Project {n}", c, w) for n, (c, w) in enumerate(zip(colours, weights))]


@pytest.mark.parametrize(
    ("colours", "weights", "colour"),
    [
        (["green", "green"], None, "green"),
        (["green", "amber", "green", "green"], None, "green"),  # a quarter in trouble is below 34 %
        (["amber", "green", "green"], [34, 33, 33], "amber"),
        (["red", "green", "green"], None, "amber"),
        (["red", "red", "green"], None, "red"),
        (["red", "green"], [1, 99], "amber"),  # 1 % of the money is red
        (["red", "green"], [50, 50], "red"),
        (["red", "red", "red", "green"], [1, 1, 1, 97], "red"),  # most projects, little money
        (["unknown", "green"], None, "green"),
        (["unknown"], None, "unknown"),
        ([], None, "unknown"),
    ],
)
def test_a_portfolio_is_judged_by_the_share_of_its_money(colours, weights, colour):
    assert roll_up(children(*colours, weights=weights), standard(), today=TODAY).colour == colour


def test_a_portfolio_can_be_as_bad_as_its_worst_project():
    worst = checked(merged(standard().document, {"rollup": {"method": "worst"}}))
    found = roll_up(children("green", "red", "green"), worst, today=TODAY)
    assert found.colour == "red"
    assert found.sentences["en"] == "1 of 3 projects red, 0 amber; first Project 1."


def test_levels_apart_need_two_colours():
    assert (levels_apart("green", "red"), levels_apart("amber", "red")) == (2, 1)
    assert levels_apart("green", "unknown") is None
