"""Exposure of a register against hand calculation and against drawing it."""

from __future__ import annotations

import numpy as np
import pytest

from steerco.engine.distributions import Shape, ThreePoint, quantile
from steerco.engine.exposure import RegisterRisk, exposure
from steerco.engine.refused import Refused


def test_expected_values_by_hand():
    # 0.5 x (2 + 4 + 9) / 3 = 2.5 days; 0.2 x 10 = 2 days
    found = exposure(
        [
            RegisterRisk("R-1", 0.5, ThreePoint(2, 4, 9), ThreePoint.certain(1000)),
            RegisterRisk("R-2", 0.2, ThreePoint.certain(10)),
        ]
    )
    assert [r.expected_days for r in found.risks] == pytest.approx([2.5, 2.0])
    assert found.days.expected == pytest.approx(4.5)
    assert found.risks[0].share_of_days == pytest.approx(2.5 / 4.5)
    assert found.money.expected == pytest.approx(500)
    assert found.without_money == ("R-2",)


def test_certain_impacts_give_a_step_distribution():
    # 0, 10, 20 or 30 days with 0.4, 0.4, 0.1, 0.1: P80 is 10, P85 is 20, P95 is 30
    found = exposure(
        [RegisterRisk("A", 0.5, ThreePoint.certain(10)), RegisterRisk("B", 0.2, ThreePoint.certain(20))]
    )
    assert found.days.percentile(0.79) == pytest.approx(10, abs=0.01)
    assert found.days.percentile(0.85) == pytest.approx(20, abs=0.01)
    assert found.days.percentile(0.95) == pytest.approx(30, abs=0.01)
    assert found.days.confidence(0) == pytest.approx(0.4)


@pytest.mark.parametrize("shape", list(Shape))
def test_percentiles_agree_with_two_hundred_thousand_draws(shape):
    rng = np.random.default_rng(1)
    risks = [
        RegisterRisk("A", 0.6, ThreePoint(2, 5, 12)),
        RegisterRisk("B", 0.3, ThreePoint(10, 15, 40)),
        RegisterRisk("C", 0.4, ThreePoint(-8, -4, -1)),
        RegisterRisk("D", 0.05, ThreePoint(60, 90, 120)),
    ]
    total = np.zeros(200_000)
    for risk in risks:
        p = risk.days
        drawn = quantile(shape, p.optimistic, p.most_likely, p.pessimistic, rng.random(total.size))
        total += np.where(rng.random(total.size) < risk.probability, drawn, 0)
    found = exposure(risks, shape=shape).days
    for level in (0.1, 0.5, 0.8, 0.9):  # at 0.95 lies the gap between D and the rest
        assert found.percentile(level) == pytest.approx(np.quantile(total, level), abs=0.5)
    assert found.expected == pytest.approx(total.mean(), abs=0.2)
    assert (found.values @ found.chance) == pytest.approx(found.expected, abs=0.05)


def test_what_nobody_estimated_is_refused_and_not_zero():
    found = exposure([RegisterRisk("R-1", 0.5, ThreePoint(1, 2, 3))])
    assert isinstance(found.money, Refused)
    assert "money" in str(found.money)
    with pytest.raises(Refused):
        exposure([])


def test_more_probable_means_more_exposed():
    amounts = [
        exposure([RegisterRisk("R", p, ThreePoint(1, 2, 6))]).days.percentile(0.8) for p in (0.1, 0.3, 0.9)
    ]
    assert amounts[0] == 0 < amounts[1] < amounts[2]


def test_a_register_keeps_its_keys_apart():
    with pytest.raises(ValueError, match="same key"):
        exposure([RegisterRisk("R", 0.1), RegisterRisk("R", 0.2)])
