"""The health policy is data: checked when read, overridable by a workspace, and every word of it has a home."""

from __future__ import annotations

import re

import pytest

from steerco.status.metrics import all_metrics, find
from steerco.status.policy import PolicyError, checked, for_node, merged, standard
from steerco.status.say import LANGUAGES, WRITERS

FORMATS = {*WRITERS, "date", "finish", ""}


def test_every_metric_the_policy_names_is_declared():
    named = {rule.metric for d in standard().dimensions for rule in d.rules}
    named |= {metric for d in standard().dimensions for metric in d.decided_by}
    assert {metric for metric in named if find(metric) is None} == set()


def test_every_metric_is_declared_whole():
    for metric in all_metrics():
        assert metric.label and metric.says and metric.needs and metric.inputs, metric.slug
        assert metric.better in {"lower", "higher", "neutral"}
    assert len(all_metrics()) >= 20


def test_every_sentence_speaks_all_languages_with_the_same_figures_in_known_formats():
    for dimension in standard().dimensions:
        assert set(dimension.label) >= set(LANGUAGES)
        for rule in dimension.rules:
            for sentences in filter(None, (rule.sentence, rule.green)):
                figures = {
                    language: set(re.findall(r"{(\w+)", sentences[language])) for language in LANGUAGES
                }
                assert figures["en"] == figures["de"], rule.metric
                used = re.findall(r"{\w+:?(\w*)}", "".join(sentences.values()))
                assert set(used) <= FORMATS, rule.metric


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"version": 0}, "version"),
        ({"forecast": {"draws": "many"}}, "forecast/draws"),
        ({"dimensions": {"schedule": {"rules": []}}}, "dimensions/schedule/rules"),
        ({"dimensions": {"schedule": {"rules": [{"metric": "p80_slip", "red": {"beyond": 3}}]}}}, "rules/0"),
        ({"overall": {"order": ["weather"]}}, "weather"),
        ({"colour": "pink"}, "colour"),
    ],
)
def test_a_broken_policy_is_refused_with_its_place(change, place):
    with pytest.raises(PolicyError, match=place):
        checked(merged(standard().document, change))


def test_the_label_of_a_policy_changes_with_any_word_of_it():
    other = checked(merged(standard().document, {"overall": {"at_most": {"scope": "green"}}}))
    assert other.label != standard().label


@pytest.mark.django_db
def test_the_nearest_override_wins_and_a_broken_one_is_said(empty):
    from steerco.kit.tree import Node

    Node.objects.filter(pk=empty.portfolio.pk).update(
        options={"health_policy": {"freshness": {"stale_after_days": 7, "plan_stale_after_days": 60}}}
    )
    Node.objects.filter(pk=empty.node.pk).update(
        options={"health_policy": {"freshness": {"stale_after_days": 3}}}
    )
    policy, problem = for_node(empty.node.pk)
    assert dict(policy.document["freshness"]) == {"stale_after_days": 3, "plan_stale_after_days": 60}
    assert problem == ""
    Node.objects.filter(pk=empty.node.pk).update(options={"health_policy": {"version": "latest"}})
    policy, problem = for_node(empty.node.pk)
    assert policy == standard() and "version" in problem
