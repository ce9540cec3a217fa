"""How the door says no: each refusal carries what a person needs to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from steerco.kit.fields import Field


class Missing(Exception):
    """There is no such thing for this actor; whether it exists for somebody else is not told."""


class Refused(Exception):
    """The actor sees the thing but may not do this. The text says who may."""


class VersionNeeded(Exception):
    """An edit must name the version it was made from."""

    def __str__(self) -> str:
        return _("Say which version you edited: send the record's version (or If-Match).")


class Invalid(Exception):
    """Field by field what is wrong; nothing was written."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Clash:
    """One field of a conflict: what it was when the editor opened it, what it is now, what the editor wants."""

    field: Field
    base: Any
    theirs: Any
    yours: Any

    @property
    def yours_changed(self) -> bool:
        return bool(self.yours != self.base)

    @property
    def overlaps(self) -> bool:
        """True where both changed the field, differently: only a person can choose."""
        return self.yours_changed and self.theirs not in (self.base, self.yours)


class Conflict(Exception):
    """Somebody changed the record since the editor opened it. Nothing was written, nothing needs retyping."""

    def __init__(self, record: Any, clashes: list[Clash], changed_by: str) -> None:
        super().__init__(
            _("%(ref)s was changed meanwhile by %(who)s.") % {"ref": record.ref, "who": changed_by}
        )
        self.record, self.clashes, self.changed_by = record, clashes, changed_by

    @property
    def mergeable(self) -> bool:
        """True where both edits touch different fields, so that one click keeps both."""
        return not any(clash.overlaps for clash in self.clashes)
