"""Tables of the RAID area, one import per noun."""

from steerco.areas.raid.registers.risk import Risk

__all__ = ["Risk"]
