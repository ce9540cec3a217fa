"""What a calculation answers when the evidence does not carry a number: what is missing, how much is there, how much is needed."""

from __future__ import annotations

from typing import TypeGuard


class Refused(ValueError):
    """A refusal with its reason: raised where a whole result is missing, held as a value where one figure of many is.

    `missing` names the thing in the plural ("finished items"), `have` and `need` count it, and `remedy` is one
    sentence a person can act on. Two refusals with the same four parts are equal, so results that hold them compare.
    """

    missing: str
    have: float
    need: float
    remedy: str

    def __init__(self, missing: str, *, have: float = 0, need: float = 1, remedy: str = "") -> None:
        self.missing, self.have, self.need, self.remedy = missing, have, need, remedy
        super().__init__(missing, have, need, remedy)

    @property
    def sentence(self) -> str:
        """ "3 of 10 finished items needed", followed by the remedy where there is one."""
        count = f"{self.have:g} of {self.need:g} {self.missing} needed"
        return f"{count}. {self.remedy}" if self.remedy else count

    def __str__(self) -> str:
        return self.sentence

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refused) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, self.args


def _restore(missing: str, have: float, need: float, remedy: str) -> Refused:
    # Exceptions pickle by calling the class with `args`; ours takes keywords, and workers hand refusals across processes.
    return Refused(missing, have=have, need=need, remedy=remedy)


def require(have: float, need: float, missing: str, remedy: str = "") -> None:
    """Raise `Refused` unless `have` reaches `need`."""
    if have < need:
        raise Refused(missing, have=have, need=need, remedy=remedy)


def is_known(figure: float | Refused) -> TypeGuard[float]:
    """Whether a figure that may be refused is a number."""
    return not isinstance(figure, Refused)
