"""Tables of the service area, one import per noun."""

from steerco.areas.service.registers.service_level import ServiceLevel

__all__ = ["ServiceLevel"]
