"""Probability and impact as people rate them, turned into numbers, with the sentence that says how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from steerco.connect.tame import PLAIN, NumberStyle, Wild, is_empty, line
from steerco.connect.vocabulary import level

# Working days of delay for a rating from 1 to 5: (low, likely, high).
DELAY = {1: (0, 1, 2), 2: (1, 3, 5), 3: (5, 10, 15), 4: (10, 20, 30), 5: (20, 40, 60)}


@dataclass(frozen=True, slots=True)
class Probability:
    """How a column rates probability: "percent", "share", "rating" with its highest step, or "words"."""

    kind: str
    steps: int = 5
    numbers: NumberStyle = PLAIN

    def share(self, value: Any) -> float | None:
        """The probability from 0 to 1, None when empty. Raises Wild for what does not fit the column."""
        if is_empty(value):
            return None
        if isinstance(value, str) and (step := level(value)) is not None:
            return round((step - 0.5) / 5, 3)
        number = self.numbers.number(value)
        if number is None:
            return None
        if self.kind == "percent" or (isinstance(value, str) and "%" in value):
            share = float(number) / 100
        elif self.kind == "rating":
            share = (float(number) - 0.5) / self.steps
        else:
            share = float(number)
        if not 0 <= share <= 1:
            raise Wild(f"“{line(value, 40)}” is not a probability")
        return round(share, 3)

    @property
    def sentence(self) -> str:
        """How the values became probabilities; "" when they were some already."""
        if self.kind == "rating":
            steps = ", ".join(
                f"{step} = {100 * (step - 0.5) / self.steps:.0f} %" for step in range(1, self.steps + 1)
            )
            return (
                f"Ratings from 1 to {self.steps} became probabilities, each the middle of its step: {steps}."
            )
        if self.kind == "words":
            return (
                "Words became probabilities: very low 10 %, low 30 %, medium 50 %, high 70 %, very high 90 %."
            )
        return "Numbers from 0 to 100 were taken as percent." if self.kind == "percent" else ""


def probability_of(values: Iterable[Any], numbers: NumberStyle) -> Probability:
    """How a column rates probability, judged by all of its values."""
    found: list[float] = []
    signs = worded = 0
    for value in values:
        if is_empty(value):
            continue
        if isinstance(value, str) and level(value) is not None:
            worded += 1
            continue
        try:
            number = numbers.number(value)
        except Wild:
            continue
        signs += isinstance(value, str) and "%" in value
        if number is not None:
            found.append(float(number))
    if not found:
        return Probability("words", numbers=numbers)
    highest = max(found)
    if signs:
        return Probability("percent", numbers=numbers)
    if highest <= 1 and (min(found) < 1 or len(found) == 1) and any(0 < number < 1 for number in found):
        return Probability("share", numbers=numbers)
    if highest <= 5:
        return Probability("rating", 5, numbers)
    return Probability("rating", 10, numbers) if highest <= 10 else Probability("percent", numbers=numbers)


def rating(value: Any, numbers: NumberStyle, steps: int = 5) -> float | None:
    """A rating of impact from 1 to 5 (negative for opportunities); words count; None when it is neither."""
    if is_empty(value):
        return None
    if isinstance(value, str) and (step := level(value)) is not None:
        return float(step)
    try:
        number = numbers.number(value)
    except Wild:
        return None
    if number is None or abs(number) > steps:
        return None
    return float(number) * 5 / steps


def delay_of(rate: float) -> tuple[float, float, float]:
    """(low, likely, high) working days for a rating from 1 to 5, between whole steps in proportion."""
    bounded = min(max(rate, 1.0), 5.0)
    lower = int(bounded)
    upper = min(lower + 1, 5)
    part = bounded - lower
    low, likely, high = (a + (b - a) * part for a, b in zip(DELAY[lower], DELAY[upper]))
    return round(low, 1), round(likely, 1), round(high, 1)


DELAY_SENTENCE = (
    "Ratings of impact became working days of delay (low, likely, high): "
    + "; ".join(f"{step} = {low}, {likely}, {high}" for step, (low, likely, high) in DELAY.items())
    + ". Words count as 1 to 5."
)
