"""Which formats go through MPXJ, by which of its readers, and what of each does not survive the way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: the name people use, MPXJ's reader class, and what conversion to MSPDI loses ("" for nothing).

    `hard_constraints` says whether constraints beat links where the format has no such option; None asks the plan.
    """

    label: str
    reader: str
    lost: str = ""
    hard_constraints: bool | None = None


FORMATS = {
    "mpp": Format("Microsoft Project file", "org.mpxj.mpp.MPPReader"),
    "mpx": Format("MPX file", "org.mpxj.mpx.MPXReader", hard_constraints=True),
    "pmxml": Format(
        "Primavera XML file",
        "org.mpxj.primavera.PrimaveraPMFileReader",
        "Primavera's scheduling options, percent types and secondary constraints are not kept; export XER to keep them.",
        hard_constraints=False,
    ),
    "planner": Format("Planner file", "org.mpxj.planner.PlannerReader", hard_constraints=True),
}
