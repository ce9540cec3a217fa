"""Random numbers addressed by seed, name and draw, so that a scenario with one risk less sees the same luck everywhere else.

A number depends on nothing but its address: not on the order of tasks, nor on how draws are cut into blocks. That makes
common random numbers between scenarios free. The generator is SplitMix64 started at a hash of the address.
Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA (2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(n) for n in (30, 27, 31, 11))


def streams(seed: int, names: Sequence[str]) -> Words:
    """One stream per name, shape (names,). `seed` is any whole number."""
    salt = repr(int(seed)).encode()
    found = [
        int.from_bytes(blake2b(n.encode(), digest_size=8, salt=salt[:16]).digest(), "little") for n in names
    ]
    if len(salt) > 16:
        raise ValueError(f"a seed has at most 16 digits, got {seed}")
    return np.array(found, dtype=np.uint64)


def uniforms(stream: Words, first: int, count: int) -> NDArray[np.float64]:
    """Draws first .. first + count - 1 of each stream, inside (0, 1), shape (streams, count)."""
    at = np.arange(first + 1, first + count + 1, dtype=np.uint64) * _GOLDEN
    word = stream[:, None] + at
    word ^= word >> _S30
    word *= _MIX_1
    word ^= word >> _S27
    word *= _MIX_2
    word ^= word >> _S31
    word >>= _S11
    # Half a step is added so that neither 0 nor 1, whose quantiles may be infinite, can come up.
    found = word.astype(np.float64)
    found += 0.5
    found *= 2.0**-53
    return found


def stratified(stream: Words, first: int, count: int) -> NDArray[np.float64]:
    """Latin hypercube: like `uniforms`, but each stream has exactly one number in each of `count` equal strata.

    Source: McKay, Beckman, Conover, Technometrics 21 (1979).
    """
    jitter = uniforms(stream, first, count)
    order = uniforms(stream ^ _GOLDEN, first, count).argsort(axis=1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(count)[None, :], axis=1)
    found: NDArray[np.float64] = (rank + jitter) / count
    return found
