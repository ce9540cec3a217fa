"""Special functions, loaded at their first use: SciPy's module takes longer to load than most programs take to start."""

from __future__ import annotations

from typing import Any


def ndtr(x: Any) -> Any:
    """Share of the standard normal below x."""
    from scipy import special

    return special.ndtr(x)


def ndtri(p: Any) -> Any:
    """Standard normal deviate below which the share p lies."""
    from scipy import special

    return special.ndtri(p)


def betainc(a: Any, b: Any, x: Any) -> Any:
    """Share of a Beta(a, b) below x."""
    from scipy import special

    return special.betainc(a, b, x)


def bdtr(k: Any, n: Any, p: Any) -> Any:
    """Chance of at most k successes among n of chance p each."""
    from scipy import special

    return special.bdtr(k, n, p)
