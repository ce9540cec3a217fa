"""The normal distribution by table, for arrays of millions: to 1e-7 in probability, to 1e-5 in deviates between 0.1 and 99.9 %."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from steerco.engine.special import ndtr, ndtri

Numbers = NDArray[np.float64]

_REACH, _FINE = 8.0, 512.0
_CELLS = 65_536


@cache
def _probabilities() -> tuple[Numbers, Numbers]:
    """The table, and the step from each of its places to the next."""
    table = ndtr(np.arange(-_REACH * _FINE, _REACH * _FINE + 2) / _FINE)
    return table, np.diff(table)


@cache
def _deviates() -> tuple[Numbers, Numbers]:
    table = ndtri(np.clip(np.arange(_CELLS + 2) / _CELLS, 0.25 / _CELLS, 1 - 0.25 / _CELLS))
    return table, np.diff(table)


def deviate(share: Numbers) -> Numbers:
    """Standard normal deviate below which a share in (0, 1) lies; beyond 4.3 it stops."""
    return _read(*_deviates(), share * _CELLS)


def probability(deviates: Numbers) -> Numbers:
    """Share of the standard normal below each deviate, inside (0, 1)."""
    at = deviates + _REACH
    at *= _FINE
    np.clip(at, 0.0, 2 * _REACH * _FINE, out=at)
    return _read(*_probabilities(), at)


def _read(table: Numbers, step: Numbers, at: Numbers) -> Numbers:
    cell = at.astype(np.int32)
    part = at - cell
    part *= step.take(cell)
    part += table.take(cell)
    return part
